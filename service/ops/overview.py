"""What an operator sees at a glance on a terminal: what waits, what is stuck, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis
from sqlalchemy import Engine

from . import room
from .around import Things, count_requests, read_things
from .health import redis_state
from .pulse_curves import last_day
from .room_facts import Room, Why
from .room_words import lines

MOST_ALARMS = 1_000


def overview(engine: Engine, language: str = "en", redis: Redis | None = None) -> Iterator[str]:
    """Yield lines of plain text; `language` is that of the room, which comes first."""
    found = room.look(engine, redis=redis_state(redis))
    yield from lines(found, language)
    with engine.connect() as connection:
        things, day = read_things(connection, MOST_ALARMS), last_day(connection)
        requests = count_requests(connection)
    yield from _sending(found)
    yield f"messages in 24 hours: {_counts(day)}"
    yield f"requests now: {_counts(requests)}"
    yield f"spent today: {things.spent_today:,} d{_lasts(things)}"
    for alarm in things.alarms:
        detail = f" ({alarm.detail})" if alarm.detail else ""
        seen = ", acknowledged" if alarm.is_seen else ""
        yield f"ALARM {alarm.name}: {alarm.about}{detail}, {alarm.times} times{seen}"


def as_data_of(engine: Engine, redis: Redis | None = None) -> dict[str, Any]:
    """Return the same as values, for scripts."""
    found = room.as_data(room.look(engine, redis=redis_state(redis)))
    with engine.connect() as connection:
        things, day = read_things(connection, MOST_ALARMS), last_day(connection)
        requests = count_requests(connection)
    return {
        "room": found,
        "messages_in_24_hours": dict(day),
        "requests": requests,
        "spent_today_vnd": things.spent_today,
        "balance_days": things.balance_days,
        "balance_days_of": {
            name: things.days_of(balance) for name, balance in things.other_balances.items()
        },
        "alarms": [
            {"name": a.name, "about": a.about, "detail": a.detail or None, "times": a.times}
            | {"last_at": a.last_at.isoformat(), "acknowledged": a.is_seen}
            for a in things.alarms
        ],
    }


def _sending(found: Room) -> Iterator[str]:
    """Say in a word what every lane's sentence says at length, for whoever looks for it."""
    stopped = False
    for reason in found.verdict.reasons:
        values = reason.values
        if reason.key is Why.SENDING_OFF:
            stopped = True
            yield f"STOPPED by {values['by']}: {values['reason'] or 'no reason given'}"
        elif reason.key is Why.CARRIER_PAUSED:
            yield f"PAUSED {values['carrier']}: {values['code']}"
    if not stopped:
        yield "sending is on"


def _lasts(things: Things) -> str:
    days = things.balance_days
    said = "" if days is None else f"; the balance lasts {days:.1f} days"
    for name, balance in things.other_balances.items():
        if (its_days := things.days_of(balance)) is not None:
            said += f"; that of {name} {its_days:.1f} days"
    return said


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counted.items() if n) or "none"
