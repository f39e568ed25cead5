"""The carrier's callbacks of many phones at the same moment, over real HTTP to the web process.

A text that is not answered with 200 is handed over again, as the carrier does; a hop of a call is
asked again on a new connection. What was taken may then be taken again: that it changes nothing is
for the service to see to.
"""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from .servers import SECRET

PATIENCE = 120.0
"""Seconds until a callback that is never taken is given up."""
SILENCE = 10.0
"""Seconds without an answer after which one is handed over again."""
MOST_AT_ONCE = 500
"""Connections; the web process takes 512 at each of its workers."""
HEAD_ENDS = b"\r\n\r\n"


class Post(NamedTuple):
    """A callback: which door, and the form."""

    door: str
    fields: dict[str, str]

    @property
    def wire(self) -> bytes:
        """The request as it is sent."""
        body = urlencode(self.fields).encode()
        head = (
            f"POST /gateway/africastalking/{SECRET}/{self.door} HTTP/1.1\r\nHost: bench\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


Talk = Generator[Post, str, None]
"""What one phone does: it posts, is sent what was answered, and posts the next."""


@dataclass(eq=False)
class Line:
    """One talk under way."""

    talk: Talk
    post: Post
    began: float
    line: socket.socket | None = None
    got: bytes = b""
    sent_at: float = 0.0


class Callbacks:
    """Carries the talks of many phones to one web process."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self.counts: Counter[str] = Counter()

    def carry(self, talks: Iterable[Talk], meanwhile: Callable[[], None] = lambda: None) -> None:
        """Carry all talks to their end, all at once; `meanwhile` is called again and again."""
        waiting: deque[Line] = deque()
        for talk in talks:
            post = next(talk, None)
            if post is not None:
                waiting.append(Line(talk, post, time.monotonic()))
        open_lines: set[Line] = set()
        while waiting or open_lines:
            for _ in range(min(len(waiting), MOST_AT_ONCE - len(open_lines))):
                line = waiting.popleft()
                (open_lines.add if self._send(line) else waiting.append)(line)
            for key, _ in self._selector.select(0.01):
                line = key.data
                if self._hear(line):
                    open_lines.discard(line)
                    self._go_on(line, waiting)
            meanwhile()
            now = time.monotonic()
            for line in [one for one in open_lines if now - one.sent_at > SILENCE]:
                open_lines.discard(line)
                self._hang_up(line)
                self._again(line, waiting)

    def _send(self, line: Line) -> bool:
        line.got, line.sent_at = b"", time.monotonic()
        try:
            line.line = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            line.line.sendall(line.post.wire)
        except OSError:
            if line.sent_at - line.began > PATIENCE:
                raise SystemExit("the web process takes no callback any more") from None
            time.sleep(0.05)
            return False
        self._selector.register(line.line, selectors.EVENT_READ, line)
        self.counts[line.post.door] += 1
        return True

    def _hear(self, line: Line) -> bool:
        """Take in what came; say whether that was all."""
        assert line.line is not None
        try:
            came = line.line.recv(65536)
        except OSError:
            came = b""
        line.got += came
        if came and not _is_whole(line.got):
            return False
        self._hang_up(line)
        return True

    def _hang_up(self, line: Line) -> None:
        if line.line is not None:
            self._selector.unregister(line.line)
            line.line.close()
            line.line = None

    def _go_on(self, line: Line, waiting: deque[Line]) -> None:
        if not (_is_whole(line.got) and line.got.startswith(b"HTTP/1.1 200")):
            self._again(line, waiting)
            return
        said = line.got.partition(HEAD_ENDS)[2].decode()
        try:
            line.post = line.talk.send(said)
        except StopIteration:
            return
        line.began = time.monotonic()
        waiting.append(line)

    def _again(self, line: Line, waiting: deque[Line]) -> None:
        if time.monotonic() - line.began > PATIENCE:
            raise SystemExit(f"a callback was never taken: {line.got[:40]!r}")
        self.counts["handed over again"] += 1
        waiting.append(line)


def _is_whole(got: bytes) -> bool:
    head, ends, body = got.partition(HEAD_ENDS)
    if not ends:
        return False
    for name, _, value in (one.partition(b":") for one in head.split(b"\r\n")):
        if name.strip().lower() == b"content-length":
            return len(body) >= int(value)
    return False


_IDS = itertools.count(1)


def texting(msisdn: str, words: str, *, given: str) -> Talk:
    """Send a text; `given` is the id the carrier gave it."""
    yield Post(
        "sms",
        {
            "date": "2026-11-24 06:04:45",
            "from": msisdn,
            "id": given,
            "linkId": "",
            "text": words,
            "to": "8499",
        },
    )


def new_id() -> str:
    """Return an id no callback has had."""
    return f"race-{next(_IDS)}"
