"""How many callbacks come in, and how fast calls are answered: counted in memory.

A hop is one read and one write; a third statement to count it would cost as much as either. So
each process counts for itself and hands its counts on every two seconds, all in one statement.
What a killed process had not handed on is lost: it is two seconds of a curve.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from sqlalchemy import Engine

from service.records.counters import REPORTS, TEXTS, add_many, counter_of_hop

HAND_ON_SECONDS: Final = 2.0
COUNTED: Final[Mapping[str, Callable[[float], str]]] = {
    "ussd": counter_of_hop,
    "sms": lambda _seconds: TEXTS,
    "receipts": lambda _seconds: REPORTS,
}
"""The counter of a callback, by its door and by how long it took."""

log = structlog.get_logger("gateway.pace")


class Pace:
    """Counts callbacks; the engine should be one whose commits do not wait for the disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counts: dict[str, int] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._handing = threading.Lock()

    def note(self, door: str, seconds: float) -> None:
        """Count a callback that was answered; nobody waits for the database."""
        if (counter := COUNTED.get(door)) is None:
            return
        name = counter(seconds)
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1
            if self._timer is not None:
                return
            self._timer = timer = threading.Timer(HAND_ON_SECONDS, self.hand_on)
        timer.daemon = True
        timer.start()

    def hand_on(self) -> None:
        """Hand on what was counted. What the database would not take is not tried again.

        It would be counted in a wrong minute then. Returns when nothing is under way any more, so
        that whoever closes the engine next leaves no connection behind.
        """
        with self._handing:
            with self._lock:
                counts, self._counts = self._counts, {}
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            if not counts:
                return
            try:
                with self._engine.begin() as connection:
                    add_many(connection, counts)
            except Exception as fault:  # noqa: BLE001 - a thread has nobody to tell
                log.warning("counts_lost", error=type(fault).__name__)
