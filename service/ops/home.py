from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from service.ops.errors import StartError
from service.ops.secrets_file import Secrets, SecretsFile
from service.settings import Settings

ROOT_CAN = 0o711  # PostgreSQL's user must pass, though not list
USER_CAN = 0o700


class Home:
    """CAUNOI_HOME: the folder for everything the service keeps on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - keep its links
        self.logs = self.path / "logs"
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        self.cast = self.path / "cast.json"
        self.journal = self.path / "phones.jsonl"
        self._secrets = SecretsFile(self.path / "secrets.json")

    def make(self) -> None:
        """Make the folder, private, unless it is there; raises StartError when that fails."""
        allowed = ROOT_CAN if os.geteuid() == 0 else USER_CAN
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=allowed)
            self.path.chmod(self.path.stat().st_mode & allowed | USER_CAN)
            self.logs.mkdir(exist_ok=True, mode=USER_CAN)
        except OSError as error:
            raise StartError(self._sentence(error)) from error

    @contextlib.contextmanager
    def locked(self, about: str) -> Iterator[None]:
        """Hold the folder for this process alone; a second one is told our pid and `about`.

        The kernel lets go of the lock when we die, however we die. Raises StartError when
        somebody else holds it.
        """
        try:
            lock = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise StartError(self._sentence(error)) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                lock.truncate(0)
                lock.write(f"{os.getpid()} {about}")
                lock.flush()
            except BlockingIOError as error:
                lock.seek(0)
                pid, _, other = lock.read().partition(" ")
                raise StartError(f"Cau Noi already runs here (pid {pid}), {other}") from error
            except OSError as error:
                raise StartError(self._sentence(error)) from error
            yield

    def completed(self, settings: Settings) -> Settings:
        """Fill the secrets that are empty, and point an empty CARRIER_URL at the phones page.

        A key at the carrier is filled only for the phones: no real carrier knows ours.
        Raises StartError when the secrets cannot be kept.
        """
        kept = self._read()
        update: dict[str, object] = {"caunoi_home": self.path}
        if not settings.gateway_secrets:
            update["gateway_secrets"] = tuple(SecretStr(s) for s in kept.gateway_secrets)
        if not settings.secret_key.get_secret_value():
            update["secret_key"] = SecretStr(kept.secret_key)
        if not settings.carrier_url:
            update["carrier_url"] = f"http://127.0.0.1:{settings.phones_port}"
            if not settings.carrier_api_key.get_secret_value():
                update["carrier_api_key"] = SecretStr(kept.carrier_api_key)
        return settings.model_copy(update=update)

    def rotate_gateway_secret(self) -> str:
        """Make a new secret for the callback addresses; the one before stays valid beside it."""
        self.make()
        try:
            return self._secrets.rotate_gateway_secret()
        except OSError as error:
            raise StartError(self._sentence(error)) from error

    def _read(self) -> Secrets:
        self.make()
        try:
            return self._secrets.read_or_make()
        except OSError as error:
            raise StartError(self._sentence(error)) from error

    def _sentence(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return f"The disk that holds {self.path} is full; free some space and start again."
        return f"CAUNOI_HOME: cannot use {error.filename or self.path}: {error.strerror}."
