"""A carrier of raw bytes: reads one request for each connection and lets a test write to the socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

Play = Callable[[socket.socket], None]


class Wire:
    """Listens, notes what it is asked, and plays `play` on each connection."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.requests: list[bytes] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def form(self, which: int = -1) -> dict[str, str]:
        """The fields of a request."""
        body = self.requests[which].partition(b"\r\n\r\n")[2].decode()
        return {name: values[0] for name, values in parse_qs(body).items()}

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            request = b""
            while not _is_whole(request) and (more := connection.recv(65536)):
                request += more
            if request:
                self.requests.append(request)
                self.play(connection)
            connection.close()


def _is_whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (
            int(line[15:])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    return b"\r\n\r\n" in request and len(body) >= length


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """The bytes of a whole answer."""
    head = [f"HTTP/1.1 {status} Something", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


@contextmanager
def wire(play: Play | bytes) -> Iterator[Wire]:
    """Run one; bytes are sent as they are."""
    playing = (lambda connection: connection.sendall(play)) if isinstance(play, bytes) else play
    running = Wire(playing)
    try:
        yield running
    finally:
        running.close()
