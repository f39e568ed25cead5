"""What an operator sees at a glance on a terminal: what waits, what is stuck, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

from . import room
from .room_codes import kind_of
from .room_words import lines
from .seen import Seen, look


def overview(engine: Engine, language: str = "en") -> Iterator[str]:
    """Yield lines of plain text; `language` is that of the room, which comes first."""
    yield from lines(room.look(engine), language)
    with engine.connect() as connection:
        seen = look(connection)
    yield from _sending(seen)
    yield f"messages in 24 hours: {_counts(seen.messages)}"
    yield f"requests now: {_counts(seen.requests)}"
    yield f"spent today: {seen.spent:,} d"
    for alarm in seen.alarms:
        detail = f" ({alarm.detail})" if alarm.detail else ""
        yield f"ALARM {alarm.name}: {alarm.about}{detail}, {alarm.times} times"


def as_data_of(engine: Engine) -> dict[str, Any]:
    """Return the same as values, for scripts."""
    found = room.as_data(room.look(engine))
    with engine.connect() as connection:
        seen = look(connection)
    return {
        "room": found,
        "messages_in_24_hours": dict(seen.messages),
        "requests": dict(seen.requests),
        "spent_today_vnd": seen.spent,
        "alarms": [
            {"name": a.name, "about": a.about, "detail": a.detail or None, "times": a.times}
            | {"last_at": a.last_at.isoformat()}
            for a in seen.alarms
        ],
    }


def _sending(seen: Seen) -> Iterator[str]:
    if seen.stop is not None:
        yield f"STOPPED by {seen.stop.by}: {seen.stop.reason or 'no reason given'}"
    for pause in seen.pauses:
        yield f"PAUSED {pause.carrier}: {pause.code}; {kind_of(pause.code).what_to_do['en']}"
    if seen.stop is None:
        yield "sending is on"


def _counts(counted: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{n} {state}" for state, n in counted) or "none"
