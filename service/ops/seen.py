"""What console and terminal show: what waits, who works, what is the matter; counts and ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from service.outbox.classes import LANES

from .health import ALIVE, MISSING_SECONDS

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
STOPPED = text("SELECT changed_by, reason FROM switches WHERE name = 'sending' AND NOT is_on")
PAUSED = text("SELECT carrier, code FROM carrier_pauses WHERE until > clock_timestamp()")
NOW = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody has turned sending off."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A carrier that is not sent to for now, by the name of the reason."""

    carrier: str
    code: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits in a lane, for how long at most, and whether a worker of it lives."""

    name: str
    waiting: int
    seconds: int
    has_worker: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is the matter, by its name, and how often it was noticed."""

    name: str
    about: str
    detail: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see at one moment; ids and counts, nobody's number or name."""

    at: datetime
    stop: Stop | None
    pauses: tuple[Pause, ...]
    lanes: tuple[Lane, ...]
    has_clock: bool
    messages: tuple[tuple[str, int], ...]
    requests: tuple[tuple[str, int], ...]
    spent: int
    alarms: tuple[Alarm, ...]


def look(connection: Connection) -> Seen:
    """Read what there is to see now."""
    waiting = {row.lane: row for row in connection.execute(WAITING)}
    alive = connection.execute(ALIVE, {"silence": MISSING_SECONDS}).all()
    workers = {row.lane for row in alive if row.kind == "worker"}
    stop = connection.execute(STOPPED).one_or_none()
    return Seen(
        at=connection.execute(NOW).scalar_one(),
        stop=Stop(stop.changed_by, stop.reason or "") if stop else None,
        pauses=tuple(Pause(row.carrier, row.code) for row in connection.execute(PAUSED)),
        lanes=tuple(_lane_seen(lane, waiting.get(lane), lane in workers) for lane in LANES),
        has_clock=any(row.kind == "clock" for row in alive),
        messages=_counted(connection, TODAY),
        requests=_counted(connection, REQUESTS),
        spent=connection.execute(SPENT).scalar_one(),
        alarms=tuple(
            Alarm(row.name, row.about, row.detail or "", row.times, row.last_at)
            for row in connection.execute(ALARMS)
        ),
    )


def _lane_seen(name: str, row: Any, has_worker: bool) -> Lane:
    if row is None:
        return Lane(name, 0, 0, has_worker)
    return Lane(name, row.n, row.seconds, has_worker)


def _counted(connection: Connection, statement: Any) -> tuple[tuple[str, int], ...]:
    return tuple((row.state, row.n) for row in connection.execute(statement))
