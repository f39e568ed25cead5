"""The watchman of a process: makes a pass when one is due, tells, and says outside that it lives.

There is one in every worker, in the clock and in the console, and they share one line of the
timetable: whichever process dies, another sees it. None waits for what it watches: it has a thread
and connections of its own.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.carriers.base import SendError
from service.records.unit import Units

from .alarm_ways import GOOD, Ways
from .blind_alarms import BlindAlarms, trouble_of
from .clock import Clock, Work
from .health import redis_state
from .tell import enlist, tell_due
from .watch import watch
from .watch_figures import Limits

EVERY_SECONDS = 2
LOOK_SECONDS = 1.0
LEASE = timedelta(seconds=10)
"""A pass takes a tenth of a second; so soon another process takes over from one that died in it."""

GAUGE = text("""
    INSERT INTO gauges AS g (name, value, detail) VALUES (:name, :value, :detail)
    ON CONFLICT (name) DO UPDATE
    SET value = excluded.value, detail = excluded.detail, read_at = clock_timestamp()
    WHERE abs(g.value - excluded.value) > 0.005
       OR g.read_at < clock_timestamp() - interval '30 seconds'
""")
ONCE_A_MINUTE = text("""
    INSERT INTO gauges AS g (name, value) VALUES ('deadman', 1)
    ON CONFLICT (name) DO UPDATE SET read_at = clock_timestamp()
    WHERE g.read_at < clock_timestamp() - interval '55 seconds'
    RETURNING name
""")

log = structlog.get_logger("ops.watchman")


class Watchman:
    """Watches; `run` is a thread's whole life."""

    def __init__(
        self,
        *,
        units: Units,
        limits: Limits,
        ways: Ways,
        home: Path,
        redis: Redis | None,
        deadman: SecretStr,
    ) -> None:
        self._units = units
        self._limits = limits
        self._ways = ways
        self._home = home
        self._redis = redis
        self._deadman = deadman
        self._blind = BlindAlarms(home, ways)
        self._line = Clock(units.engine, {"watch": Work(EVERY_SECONDS, self._pass)}, LEASE)
        self._entered = False
        self._passed = False
        self._trouble = ""

    def start(self) -> None:
        """Watch in a thread until the process ends."""
        self._thread(threading.Event())

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Watch in a thread while a block lasts."""
        stopping = threading.Event()
        thread = self._thread(stopping)
        try:
            yield
        finally:
            stopping.set()
            thread.join(2.0)

    def _thread(self, stopping: threading.Event) -> threading.Thread:
        thread = threading.Thread(target=self.run, args=(stopping,), name="watchman", daemon=True)
        thread.start()
        return thread

    def run(self, stopping: threading.Event) -> None:
        """Look every second whether a pass is due, until told to stop."""
        while not stopping.is_set():
            self.look()
            stopping.wait(LOOK_SECONDS)

    def look(self) -> bool:
        """Make a pass if one is due, and tell what follows; say whether one was made."""
        try:
            if not self._entered:
                self._line.enter()
                self._entered = True
            self._passed = False
            made = self._line.tick()
            if self._passed:
                self._after_pass()
            self._trouble = ""
        except SQLAlchemyError as error:
            self._note(error)
            self._blind.met(error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, watching goes on
            self._note(error)
            return False
        return made

    def _pass(self) -> None:
        self._blind.well(self._units.engine)  # before all else: much follows from it
        self._read_host()
        watch(self._units.engine, self._limits)
        enlist(self._units.engine, self._ways)
        self._passed = True

    def _read_host(self) -> None:
        """Write down what is outside the database: Redis and the disk."""
        disk = shutil.disk_usage(self._home)
        rows = [{"name": "disk", "value": disk.free / disk.total, "detail": str(disk.free)}]
        if self._redis is not None:
            answers = float(redis_state(self._redis) == "ok")
            rows.append({"name": "redis", "value": answers, "detail": None})
        with self._units.engine.begin() as connection:
            connection.execute(GAUGE, rows)

    def _after_pass(self) -> None:
        """Say outside that the watching works, and tell what is to be told."""
        if self._deadman.get_secret_value():
            with self._units.engine.begin() as connection:
                is_due = connection.execute(ONCE_A_MINUTE).one_or_none() is not None
            if is_due:
                self._ping()
        tell_due(self._units, self._ways)

    def _ping(self) -> None:
        """Call the outside monitor; that it cannot be reached is its own alarm."""
        # Loaded here only: 5 MB that a process without a monitor never needs.
        from service.carriers.http import get  # noqa: PLC0415

        try:
            answer = get(self._deadman.get_secret_value(), {}, {})
        except SendError as error:
            log.warning("deadman_not_reached", code=error.code)
        else:
            if answer.status not in GOOD:
                log.warning("deadman_not_reached", code=f"http_{answer.status}")

    def _note(self, error: Exception) -> None:
        """Log a trouble once, not every second while it lasts."""
        name = type(error).__name__
        if name != self._trouble:
            # The database's own troubles are known by their names, and their traces are long.
            is_known = trouble_of(error) is not None
            log.error("watching_failed", error=name, exc_info=None if is_known else error)
        self._trouble = name
