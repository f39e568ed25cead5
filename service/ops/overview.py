"""What an operator sees at a glance on a terminal: what waits, what is stuck, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, text

from .room import as_data, look
from .room_codes import kind_of
from .room_words import lines

TODAY = text("""
    SELECT state, count(*) AS n FROM messages_out
    WHERE created_at > clock_timestamp() - interval '24 hours' GROUP BY state ORDER BY 2 DESC
""")
REQUESTS = text("""
    SELECT state, count(*) AS n FROM help_requests
    WHERE state IN ('open', 'accepted', 'done') GROUP BY state ORDER BY 1
""")
ALARMS = text("""
    SELECT name, about, detail, times, last_at FROM alarms WHERE closed_at IS NULL ORDER BY last_at
""")
SPENT = text("""
    SELECT coalesce(sum(vnd) FILTER (WHERE period = 'day'), 0)::bigint AS today
    FROM spend WHERE starts_at = date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')
""")


def overview(engine: Engine, language: str = "en") -> Iterator[str]:
    """Yield lines of plain text; `language` is that of the room, which comes first."""
    yield from lines(look(engine), language)
    with engine.connect() as connection:
        yield from _sending(connection)
        yield f"messages in 24 hours: {_counts(connection, TODAY)}"
        yield f"requests now: {_counts(connection, REQUESTS)}"
        yield f"spent today: {connection.execute(SPENT).scalar_one():,} d"
        for alarm in connection.execute(ALARMS):
            detail = f" ({alarm.detail})" if alarm.detail else ""
            yield f"ALARM {alarm.name}: {alarm.about}{detail}, {alarm.times} times"


def as_data_of(engine: Engine) -> dict[str, Any]:
    """Return the same as values, for scripts."""
    found = {"room": as_data(look(engine))}
    with engine.connect() as connection:
        return {
            **found,
            "messages_in_24_hours": {r.state: r.n for r in connection.execute(TODAY)},
            "requests": {r.state: r.n for r in connection.execute(REQUESTS)},
            "spent_today_vnd": connection.execute(SPENT).scalar_one(),
            "alarms": [
                {"name": a.name, "about": a.about, "detail": a.detail, "times": a.times}
                | {"last_at": a.last_at.isoformat()}
                for a in connection.execute(ALARMS)
            ],
        }


def _sending(connection: Connection) -> Iterator[str]:
    off = connection.execute(
        text("SELECT changed_by, reason FROM switches WHERE name = 'sending' AND NOT is_on")
    ).one_or_none()
    if off is not None:
        yield f"STOPPED by {off.changed_by}: {off.reason or 'no reason given'}"
    for pause in connection.execute(
        text("SELECT carrier, code FROM carrier_pauses WHERE until > clock_timestamp()")
    ):
        yield f"PAUSED {pause.carrier}: {pause.code}; {kind_of(pause.code).what_to_do['en']}"
    if off is None:
        yield "sending is on"


def _counts(connection: Connection, statement: Any) -> str:
    rows = connection.execute(statement).all()
    return ", ".join(f"{row.n} {row.state}" for row in rows) or "none"
