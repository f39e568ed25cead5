"""Reads the room once for everybody who looks at it within a moment.

Ten screens on ten walls cost as much as one; what is kept is nobody's in particular.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Final

from redis import Redis
from sqlalchemy import Engine

from service.ops.around import Calls, Things, read_calls, read_things
from service.ops.health import redis_state
from service.ops.pulse_curves import Curves, Span, read_curves
from service.ops.pulse_series import FAILED, HOPS, OLDEST, SENT
from service.ops.room import look
from service.ops.room_facts import Reason, Room, Verdict

KEPT_SECONDS: Final = 1.5
DRAWN: Final = (*SENT, *FAILED, *OLDEST, HOPS)
"""The series of the pictures on the room's page."""


@dataclass(frozen=True, slots=True)
class Glance:
    """All that the room's page and the wall show."""

    room: Room
    things: Things
    calls: Calls
    curves: Curves
    redis: str
    """As health.redis_state() has it."""


def unnamed(seen: Glance, somebody: str) -> Glance:
    """Return a glance that says "an operator" instead of who, and repeats no words of theirs."""
    hides = {"by": somebody, "reason": ""}

    def plain(reason: Reason) -> Reason:
        told = {key: hides.get(key, value) for key, value in reason.values.items()}
        return replace(reason, values=told)

    def unsigned(verdict: Verdict) -> Verdict:
        return replace(verdict, reasons=tuple(plain(reason) for reason in verdict.reasons))

    lanes = tuple(replace(lane, verdict=unsigned(lane.verdict)) for lane in seen.room.lanes)
    return replace(seen, room=replace(seen.room, verdict=unsigned(seen.room.verdict), lanes=lanes))


@dataclass
class Lookout:
    """Keeps the newest glance for `seconds`, and lets one at a time take a new one."""

    engine: Engine
    redis: Redis | None
    seconds: float = KEPT_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: Glance | None = None
    _until: float = 0.0

    def glance(self) -> Glance:
        """Return how things are now, ten statements where nobody has just asked.

        Raises the database's error when it is away; then nothing old is shown as if it were new.
        """
        with self._lock:
            if self._kept is None or time.monotonic() >= self._until:
                self._kept = None
                self._kept = self._take()
                self._until = time.monotonic() + self.seconds
            return self._kept

    def _take(self) -> Glance:
        redis = redis_state(self.redis)
        room = look(self.engine, redis=redis)
        with self.engine.connect() as connection:
            return Glance(
                room=room,
                things=read_things(connection),
                calls=read_calls(connection, room.at),
                curves=read_curves(connection, Span.HOUR, DRAWN, room.at),
                redis=redis,
            )
