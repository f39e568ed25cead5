"""What an operator sees at a glance on a terminal: what waits, what is stuck, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, text

from service.outbox.classes import LANES

WAITING = text("""
    SELECT lane, count(*) AS n,
           coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::int AS seconds
    FROM messages_out
    WHERE state = 'queued' AND due_at <= clock_timestamp() GROUP BY lane
""")
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
WHAT_TO_DO = {
    "no_balance": "top up at the carrier, then: caunoi resume-carrier",
    "bad_key": "check CARRIER_USERNAME and CARRIER_API_KEY (a new key takes 20 minutes)",
    "bad_sender": "the carrier does not know our SMS code: check SMS_CODE with them",
    "on_hold": "the carrier holds the account or has no route: call them",
    "bad_request": "the carrier finds our request malformed: tell the engineers",
    "unreachable": "the carrier cannot be reached: check the network; it is tried by itself",
    "throttled": "the carrier asks for less: it is tried more slowly by itself",
}


def overview(engine: Engine) -> Iterator[str]:
    """Yield lines of plain text."""
    with engine.connect() as connection:
        yield from _sending(connection)
        waiting = {row.lane: row for row in connection.execute(WAITING)}
        for lane in LANES:
            yield _lane(lane, waiting.get(lane))
        yield f"messages in 24 hours: {_counts(connection, TODAY)}"
        yield f"requests now: {_counts(connection, REQUESTS)}"
        yield f"spent today: {connection.execute(SPENT).scalar_one():,} d"
        for alarm in connection.execute(ALARMS):
            detail = f" ({alarm.detail})" if alarm.detail else ""
            yield f"ALARM {alarm.name}: {alarm.about}{detail}, {alarm.times} times"


def _sending(connection: Connection) -> Iterator[str]:
    off = connection.execute(
        text("SELECT changed_by, reason FROM switches WHERE name = 'sending' AND NOT is_on")
    ).one_or_none()
    if off is not None:
        yield f"STOPPED by {off.changed_by}: {off.reason or 'no reason given'}"
    for pause in connection.execute(
        text("SELECT carrier, code FROM carrier_pauses WHERE until > clock_timestamp()")
    ):
        yield f"PAUSED {pause.carrier}: {pause.code}; {WHAT_TO_DO.get(pause.code, 'see the log')}"
    if off is None:
        yield "sending is on"


def _lane(lane: str, waiting: Any) -> str:
    if waiting is None:
        return f"{lane}: nothing waits"
    return f"{lane}: {waiting.n} wait, the oldest for {waiting.seconds} s"


def _counts(connection: Connection, statement: Any) -> str:
    rows = connection.execute(statement).all()
    return ", ".join(f"{row.n} {row.state}" for row in rows) or "none"
