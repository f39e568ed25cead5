"""The faults that the room must name: how each is switched on and off, and what is to be read."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg

from service.outbox.brakes import resume
from service.records.engine import make_engine

from .carrier import Carrier
from .stage import Stage
from .targets import Targets, look

KILL_AGAIN = 0.1  # seconds between two looks at whether what shall stay dead lives again
CARRIER = "africastalking"
Switch = Callable[[Stage], Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, what the room says of it in both languages, and the alarm that tells of it."""

    name: str
    on: Callable[[Stage], Any]
    """A context: the fault lasts as long as it is held."""
    vi: str
    en: str
    alarm: str
    texted: bool = False
    """Whether the operator's phone must ring: what is worth waking somebody, while texts leave."""
    after: Callable[[Stage], None] = lambda _stage: None
    """What a person does when it is lifted."""

    def named(self, said: str, language: str) -> bool:
        """Say whether the room names this fault."""
        return bool(re.search(self.vi if language == "vi" else self.en, said, re.IGNORECASE))


@contextmanager
def kept_dead(stage: Stage, of: Callable[[Targets], psutil.Process | None]) -> Iterator[None]:
    """Kill a process by kill -9, and again as often as the supervisor starts it."""
    over = threading.Event()

    def kill() -> None:
        while not over.is_set():
            with suppress(psutil.Error):
                process = of(look(stage.supervisor))
                if process is not None:
                    process.send_signal(signal.SIGKILL)
            over.wait(KILL_AGAIN)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def misbehaving(stage: Stage, **rule: Any) -> Iterator[None]:
    """Let every send meet a fault of the carrier."""
    carrier = Carrier(stage.phones)
    carrier.meet({"place": "send", "share": 1.0, **rule})
    try:
        yield
    finally:
        carrier.calm()


@contextmanager
def read_only(stage: Stage) -> Iterator[None]:
    """Let PostgreSQL refuse every write, as a standby does that was taken for the first."""
    _tell(stage, "ALTER SYSTEM SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _tell(stage, "ALTER SYSTEM RESET default_transaction_read_only")


def _tell(stage: Stage, statement: str) -> None:
    with psycopg.connect(stage.postgres.plain_url, autocommit=True) as connection:
        connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")


def take_again(stage: Stage) -> None:
    """Do what `caunoi resume-carrier` does: an operator has seen to the account."""
    engine = make_engine(
        stage.postgres.plain_url, name="chaos-room", pool_size=1, statement_seconds=30
    )
    with engine.begin() as connection:
        resume(connection, CARRIER)
    engine.dispose()


FAULTS = (
    Fault(
        "worker killed",
        lambda stage: kept_dead(stage, lambda t: t.leaders.get("worker-reply")),
        vi="không có tiến trình gửi",
        en="no worker",
        alarm="worker_gone",
        texted=True,
    ),
    Fault(
        "carrier hanging",
        lambda stage: misbehaving(stage, kind="hang", when="before", seconds=60),
        vi="đã gửi đi nhưng không có câu trả lời",
        en="no usable answer came",
        alarm="carrier_away",
    ),
    Fault(
        "carrier refusing, 401",
        lambda stage: misbehaving(stage, kind="error", when="before", code=401),
        vi="không nhận tên và khóa của ta",
        en="does not know our name and key",
        alarm="carrier_paused",
        after=take_again,
    ),
    Fault(
        "Redis gone",
        lambda stage: kept_dead(stage, lambda t: t.valkey),
        vi="Redis không trả lời",
        en="Redis is away",
        alarm="redis_away",
    ),
    Fault(
        "balance out",
        lambda stage: misbehaving(stage, kind="no_balance"),
        vi="hết tiền",
        en="account is empty",
        alarm="carrier_paused",
        after=take_again,
    ),
    Fault(
        "clock gone",
        lambda stage: kept_dead(stage, lambda t: t.leaders.get("clock")),
        vi="đồng hồ công việc không chạy",
        en="the clock does not run",
        alarm="clock_gone",
        texted=True,
    ),
    Fault(
        "database read-only",
        read_only,
        vi="cơ sở dữ liệu chỉ cho đọc",
        en="database is read-only",
        alarm="database_read_only",
    ),
)
