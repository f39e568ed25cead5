"""A tiny gateway that writes down every byte it is told, and answers as the test says."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "/gateway/africastalking/a-long-secret"


@dataclass
class Told:
    """One request of the carrier."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool = False  # the body was shorter than its Content-Length

    @property
    def fields(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("ascii"), keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.fields)

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None


Answer = tuple[int, dict[str, str], bytes]


def says(body: str, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "text/plain; charset=utf-8", **named}, body.encode()


def echo(told: Told) -> Answer:
    """The usual gateway: USSD goes on and repeats what it heard, the rest is fine."""
    if told.path == "/ussd":
        return says(f"CON {told.form['phoneNumber']} said {told.form['text']!r}")
    return says("")


@dataclass
class Gateway:
    """Runs on a port of its own. `answer` may be replaced at any time."""

    answer: Callable[[Told], Any] = echo
    told: list[Told] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.gateway = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}{SECRET}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def heard(self, path: str, count: int = 1, seconds: float = 20) -> list[Told]:
        """Wait until `path` was told `count` times, and give all it was told."""

        def enough() -> bool:
            return len([told for told in self.told if told.path == path]) >= count

        with self.changed:
            assert self.changed.wait_for(enough, seconds), f"{path}: {self.told}"
            return [told for told in self.told if told.path == path]

    def cut(self, path: str, seconds: float = 20) -> Told:
        """Wait for what was cut half-way; what is told again may come before it is noticed."""
        with self.changed:
            assert self.changed.wait_for(lambda: self._cut(path), seconds), f"{path}: {self.told}"
            return self._cut(path)[0]

    def _cut(self, path: str) -> list[Told]:
        return [told for told in self.told if told.path == path and told.cut]

    def statuses(self, count: int) -> list[str]:
        return [told.form["status"] for told in self.heard("/receipts", count)]


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True
    gateway: Gateway

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A carrier that cuts the line is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        assert self.path.startswith(SECRET + "/"), self.path
        told = Told(self.path.removeprefix(SECRET), self.headers.items(), body, len(body) < length)
        gateway = self.server.gateway
        with gateway.changed:
            gateway.told.append(told)
            gateway.changed.notify_all()
        answer = gateway.answer(told)
        if answer is None:  # hang up without a word
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        status, headers, reply = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(reply, bytes):
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)
            return
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for piece in reply:  # a generator dribbles
            self.wfile.write(piece)

    def log_message(self, *args: Any) -> None:
        pass
