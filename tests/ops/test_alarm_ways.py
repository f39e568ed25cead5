"""Servers that alarms are told to, and that spin it out: it ends, and nobody hears a word twice."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from service.ops.alarm_ways import MAIL, WEBHOOK, NotTold, Ways, tell_by
from service.ops.alarm_words import Told
from service.records.watching import Severity, Word

TOLD = Told(
    "alarm-1-opened", "worker_gone", "reply", "", Severity.PAGE, datetime.now(UTC), None,
    Word.OPENED,
)  # fmt: skip


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve one connection on a port of this machine."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                caller, _ = door.accept()
                with caller:
                    talk(caller)

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


def mail_to(port: int) -> None:
    smtp = SecretStr(f"smtp://127.0.0.1:{port}")
    tell_by(Ways(mail_to=("truc@example.invalid",), smtp=smtp), MAIL, TOLD)


def call(port: int) -> None:
    tell_by(Ways(webhook=SecretStr(f"http://127.0.0.1:{port}/")), WEBHOOK, TOLD)


def test_a_mail_server_that_never_ends_its_greeting_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.ops.smtp_talk.TALK_SECONDS", 0.5)

    def greet(caller: socket.socket) -> None:
        for _ in range(100):  # five seconds of it
            caller.sendall(b"220-welcome\r\n")
            time.sleep(0.05)
        caller.sendall(b"550 no\r\n")

    with serving(greet) as port, pytest.raises(NotTold, match="SMTPServerDisconnected"):
        mail_to(port)


def test_a_letter_that_was_taken_is_told_whatever_the_goodbye_is() -> None:
    letters = []

    def take(caller: socket.socket) -> None:
        file = caller.makefile("rwb", 0)
        file.write(b"220 here\r\n")
        while line := file.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                file.write(b"354 go on\r\n")
                letters.append(b"".join(iter(file.readline, b".\r\n")))
            file.write(b"451 not now\r\n" if word == b"QUIT" else b"250 ok\r\n")

    with serving(take) as port:
        mail_to(port)
    assert len(letters) == 1


def test_a_call_that_was_taken_is_told_however_long_the_answer_is() -> None:
    def answer(caller: socket.socket) -> None:
        caller.recv(65_536)
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000)

    with serving(answer) as port:
        call(port)


def test_a_host_that_cannot_be_one_is_not_told_and_stops_nobody() -> None:
    smtp = SecretStr(f"smtp://{'x' * 100}.example:25")
    with pytest.raises(NotTold, match="Unicode"):
        tell_by(Ways(mail_to=("truc@example.invalid",), smtp=smtp), MAIL, TOLD)
