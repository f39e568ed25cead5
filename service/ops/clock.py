"""The clock: does what is due by a timetable in the database, so that two clocks do no harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from sqlalchemy import Engine, text

from service.outbox.alarms import close_alarm, raise_alarm

from .beats import Heart
from .stop_signals import StopSignals

LEASE = timedelta(minutes=1)
"""How long one piece of work may take before it is taken for lost and done again.

What a killed clock held is then under way within 70 s; work that takes longer is done twice.
"""
LOOK_SECONDS = 1.0
AGAIN_SECONDS = 60
"""When work that failed is tried again, if not sooner by its own timetable."""
FAILED = "work_failed"

log = structlog.get_logger("ops.clock")

ENTER = text("""
    INSERT INTO periodic_work (name, every_seconds) VALUES (:name, :every)
    ON CONFLICT (name) DO UPDATE SET every_seconds = excluded.every_seconds
""")
CLAIM = text("""
    UPDATE periodic_work SET token = :token, lease_until = clock_timestamp() + :lease
    WHERE name = (SELECT name FROM periodic_work
                  WHERE next_at <= clock_timestamp() AND name = ANY(:names)
                    AND (lease_until IS NULL OR lease_until < clock_timestamp())
                  ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING name
""")
FINISH = text("""
    UPDATE periodic_work
    SET token = NULL, lease_until = NULL, last_error = :error,
        last_done_at = CASE WHEN CAST(:error AS text) IS NULL THEN clock_timestamp()
                            ELSE last_done_at END,
        next_at = clock_timestamp() + make_interval(secs => CASE
            WHEN CAST(:error AS text) IS NULL THEN every_seconds
            ELSE least(every_seconds, :again) END)
    WHERE name = :name AND token = :token
""")


@dataclass(frozen=True, slots=True)
class Work:
    """A line of the timetable; `do` may be run twice and must not mind."""

    every_seconds: int
    do: Callable[[], object]


class Clock:
    """Runs a timetable until told to stop."""

    def __init__(
        self, engine: Engine, timetable: Mapping[str, Work], lease: timedelta = LEASE
    ) -> None:
        self._engine = engine
        self._timetable = timetable
        self._lease = lease

    def run(self) -> None:
        """Work through what is due, again and again, until SIGTERM or SIGINT; main thread only."""
        heart = Heart(self._engine, kind="clock")
        entered = False
        with StopSignals() as signals:
            while not signals.asked:
                try:
                    if not entered:
                        self.enter()
                        entered = True
                    heart.beat()
                    while not signals.asked and self.tick():
                        pass
                except Exception:
                    log.exception("clock_failed")
                signals.wait(LOOK_SECONDS)
        heart.stop()

    def enter(self) -> None:
        """Write the timetable's lines into the database."""
        with self._engine.begin() as connection:
            for name, work in self._timetable.items():
                connection.execute(ENTER, {"name": name, "every": work.every_seconds})

    def tick(self) -> bool:
        """Do one piece of work that is due; say whether there was one."""
        token = uuid4()
        with self._engine.begin() as connection:
            name = connection.execute(
                CLAIM, {"token": token, "lease": self._lease, "names": list(self._timetable)}
            ).scalar_one_or_none()
        if name is None:
            return False
        error = None
        try:
            self._timetable[name].do()
        except Exception as fault:
            error = type(fault).__name__
            log.exception("work_failed", work=name)
        with self._engine.begin() as connection:
            connection.execute(
                FINISH, {"name": name, "token": token, "error": error, "again": AGAIN_SECONDS}
            )
            if error:
                raise_alarm(connection, FAILED, name, error)
            else:
                close_alarm(connection, FAILED, name)
        return True
