"""Everything that an alarm goes through, with a mail server and a webhook that really listen."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from service.ops.alarm_ways import Ways
from service.ops.clock import ENTER
from service.ops.watch_figures import Limits
from service.ops.watchman import Watchman
from service.records.unit import Units
from service.text.phones import Msisdn
from tests.ops.room_kit import Watched

DUTY = Msisdn("+84900009911")
LIMITS = Limits(1_000_000, 10_000_000, ("africastalking",), frozenset({"sweep_outbox", "forget"}))


@dataclass
class Sink:
    """Takes JSON over HTTP; answers as told."""

    status: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)
    pings: int = 0
    url: str = ""


@contextmanager
def listening() -> Iterator[Sink]:
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Idempotency-Key"] == json.loads(body)["id"]
            if sink.status == 200:
                sink.heard.append(json.loads(body))
            self._answer()

        def do_GET(self) -> None:
            sink.pings += 1
            self._answer()

        def _answer(self) -> None:
            self.send_response(sink.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_port}/hook?token=hush-hush"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield sink
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Post:
    """A mail server that keeps what it is given."""

    letters: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def post_office() -> Iterator[Post]:
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    letter = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        letter += part
                    post.letters.append(letter.decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    post.url = f"smtp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield post
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Guarded:
    """The timed village with a watchman who has every way of telling."""

    room: Watched
    home: Path
    sink: Sink
    post: Post
    watchman: Watchman = field(init=False)
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        self.watchman = self.another()
        # The line of the timetable that forgets has just been done.
        with self.room.world.engine.begin() as connection:
            connection.execute(ENTER, {"name": "forget", "every": 3600})
        self.room.world.do(
            "UPDATE periodic_work SET next_at = clock_timestamp() + interval '1 day',"
            " last_done_at = clock_timestamp() WHERE name = 'forget'"
        )

    def another(self, **changes: Any) -> Watchman:
        ways = {
            "numbers": (DUTY,),
            "mail_to": ("truc@example.invalid",),
            "smtp": SecretStr(self.post.url),
            "webhook": SecretStr(self.sink.url),
            "console": "https://truc.example",
        }
        return Watchman(
            units=Units(self.room.world.engine, lambda _lane: None),
            limits=self.limits,
            ways=Ways(**{**ways, **changes}),
            home=self.home,
            redis=None,
            deadman=SecretStr(self.sink.url),
        )

    def passes(self, *, gone: tuple[str, ...] = (), steps: int = 1, **duration: float) -> None:
        """Let time pass in steps, with a look of the watchman after each."""
        for _ in range(steps):
            self.room.let_pass(gone=gone, **(duration or {"seconds": 5}))
            self.room.send("emergency")  # the alarms' own SMS
            assert self.watchman.look(), "a pass was due"

    def open(self) -> set[tuple[str, str]]:
        rows = self.room.world.rows("SELECT name, about FROM alarms WHERE closed_at IS NULL")
        return {(row.name, row.about) for row in rows}

    def count(self, name: str) -> int:
        return len(self.room.world.rows("SELECT FROM alarms WHERE name = :name", name=name))

    def texts(self) -> list[str]:
        rows = self.room.world.rows(
            "SELECT body FROM messages_out WHERE msisdn = :duty ORDER BY id", duty=DUTY
        )
        return [row.body for row in rows]

    def heard(self) -> list[tuple[str, str]]:
        return [(said["alarm"], said["word"]) for said in self.sink.heard]
