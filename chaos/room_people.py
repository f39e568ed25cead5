"""Who uses the service while faults come and go: an operator at the room, and light traffic."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from http.client import HTTPException
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bench.console_visitor import Visitor
from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.runtime import Runtime
from service.settings import Settings
from service.village.suppressions import digest

from .numbers import RECIPIENTS, number
from .stage import ROOT, Stage, StageError

NAME = "nong.an"
LANGUAGES = ("vi", "en")
GAP = 0.3  # seconds between two messages
CLASSES = (
    *(MessageClass.REPLY, MessageClass.REPLY, MessageClass.NOTICE, MessageClass.REPLY),
    *(MessageClass.ALERT, MessageClass.EMERGENCY),
)
"""What is put, in turn: every lane has something to do."""
HEADLINE = re.compile(r'<section class="headline.*?</section>', re.DOTALL)
"""What the room says first; below it stand the faults of the last hour too."""


def let_in(stage: Stage) -> Visitor:
    """Make an operator, follow their link and sign in."""
    visitor = join(stage, NAME)
    visitor.sign_in(NAME)
    return visitor


def join(stage: Stage, name: str) -> Visitor:
    """Make an operator by `caunoi users add`, and follow the link that it prints."""
    servers = {"DATABASE_URL": stage.postgres.plain_url, "REDIS_URL": stage.valkey.url}
    program = str(Path(sys.executable).with_name("caunoi"))
    said = subprocess.run(
        [program, "users", "add", name, "--role", "operator", "--by", "chaos"],
        cwd=ROOT,
        env={**stage.environment(), **servers},
        capture_output=True,
        text=True,
        check=False,
    )
    link = re.search(r"/join/\S+", said.stdout)
    if link is None:
        raise StageError(f"caunoi users add: {said.stderr[-500:]}")
    visitor = Visitor(stage.console_port, stage.clock_shift)
    visitor.join(link[0])
    return visitor


def reads(visitor: Visitor, language: str) -> str:
    """Return what the room says first, as text in one line; nothing while it does not answer."""
    try:
        answer = visitor.get(f"/room?lang={language}")
    except (HTTPException, OSError):
        return ""
    found = HEADLINE.search(answer.text)
    if answer.status != 200 or found is None:
        return ""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


@contextmanager
def light_traffic(stage: Stage) -> Iterator[None]:
    """Put a message every now and then, as long as the database takes them."""
    settings = Settings(database_url=stage.postgres.plain_url, caunoi_home=stage.home.path)
    runtime = Runtime(settings, "chaos-room")
    over = threading.Event()

    def send() -> None:
        for n in itertools.count():
            if over.wait(GAP):
                return
            with suppress(SQLAlchemyError):
                _put_one(runtime, n)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        runtime.close()


def _put_one(runtime: Runtime, n: int) -> None:
    to = number(RECIPIENTS, n % 2000)
    key, kind = f"room:{time.time_ns()}:{n}", CLASSES[n % len(CLASSES)]
    with runtime.units.open() as unit:
        words = f"Tin thu {n}"
        put(unit, Message(key, kind, to, words, recipient_digest=digest("chaos", to)))
