from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from service.ops.errors import StartError

NEWEST = 2  # secrets valid at once while the carrier's addresses are changed


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What a first run makes: secrets in the callback addresses (newest first) and two keys."""

    gateway_secrets: tuple[str, ...]
    secret_key: str
    carrier_api_key: str


class SecretsFile:
    """One private file with the secrets of this installation."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_or_make(self) -> Secrets:
        """Read the secrets, made now if there are none; raises OSError, StartError."""
        if not self.path.exists():
            made = Secrets(
                gateway_secrets=(_gateway_secret(),),
                secret_key=secrets.token_urlsafe(32),
                carrier_api_key=secrets.token_hex(32),
            )
            with contextlib.suppress(FileExistsError):  # another process was first: take its own
                self._write(made, replacing=False)
        return self._read()

    def rotate_gateway_secret(self) -> str:
        """Put a new secret before the newest and forget older ones; return the new one."""
        kept = self.read_or_make()
        new = _gateway_secret()
        both = (new, *kept.gateway_secrets)[:NEWEST]
        self._write(replace(kept, gateway_secrets=both), replacing=True)
        return new

    def _read(self) -> Secrets:
        self.path.chmod(0o600)
        try:
            held = json.loads(self.path.read_text(encoding="utf-8"))
            return Secrets(**{**held, "gateway_secrets": tuple(held["gateway_secrets"])})
        except (ValueError, TypeError, KeyError) as error:
            raise StartError(
                f"{self.path} is damaged; put back a copy, or remove it to have new secrets made"
                " (the callback addresses at the carrier then change)."
            ) from error

    def _write(self, held: Secrets, *, replacing: bool) -> None:
        """Write the whole file beside its place, then move it there: a crash leaves no half."""
        beside = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(held), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            if replacing:
                beside.replace(self.path)
            else:
                self.path.hardlink_to(beside)
        finally:
            beside.unlink(missing_ok=True)


def _gateway_secret() -> str:
    return secrets.token_urlsafe(24)  # 192 bits
