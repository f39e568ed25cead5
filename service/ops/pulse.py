"""Writes the points of the curves: each minute what happened in it, each hour what its minutes say.

Run several times a minute by the clock. What can be counted afterwards is written for whole
minutes, and again for the last few, since a call that was under way ends later; after a pause of
the clock the missed minutes are filled as far as the sources still tell, an hour at most. What is
measured at a moment, like the oldest wait, cannot be made up for: there the curve has a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, TextClause

from service.outbox.classes import LANES
from service.records import counters

from . import pulse_statements as ask
from .pulse_series import (
    ALL,
    BALANCE,
    CALLS,
    DELIVERED,
    HOP_P95,
    HOPS,
    KINDS,
    PEAKS,
    REPORTS,
    TEXTS,
    UNDELIVERED,
)
from .room_reading import Kind, read_waiting

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AGAIN = 2 * MINUTE
"""How far behind the last point minutes are counted once more."""
FARTHEST = HOUR
TAILS: Final = (2_000, 20_000, 100_000)
"""How many of the newest rows are looked at: more only where fewer do not reach back."""
MINUTES_KEPT, HOURS_KEPT = timedelta(days=2), timedelta(days=400)

Points = dict[tuple[str, datetime], float]


def take_pulse(engine: Engine) -> int:
    """Write what is missing; return how many points were looked at. May run twice, at once too."""
    with engine.begin() as connection:
        if not connection.execute(ask.ALONE).scalar_one():
            return 0
        standing = connection.execute(ask.STANDING).one()
        points = dict(_counted(connection, _minutes(standing)))
        _write(connection, points)
        _write_moment(connection, standing)
        _roll_up(connection, standing)
    return len(points)


def _minutes(standing: Any) -> list[datetime]:
    """Return the whole minutes that are to be written, the oldest first."""
    end: datetime = standing.this_minute
    last = standing.last_minute
    begin = end - AGAIN if last is None else max(last - AGAIN, end - FARTHEST)
    return [begin + n * MINUTE for n in range(round((end - begin) / MINUTE))]


def _counted(
    connection: Connection, minutes: Sequence[datetime]
) -> Iterator[tuple[tuple[str, datetime], float]]:
    if not minutes:
        return
    attempts, seen = _tail(connection, ask.ATTEMPTS, minutes)
    sent: dict[tuple[str, datetime], int] = defaultdict(int)
    for row in attempts:
        sent[f"sent:{row.lane}", row.minute] = row.taken
        sent[f"failed:{row.lane}", row.minute] = row.failed
    for minute in seen:
        for lane in LANES:
            for name in (f"sent:{lane}", f"failed:{lane}"):
                yield (name, minute), sent[name, minute]
    reports, seen = _tail(connection, ask.REPORTED, minutes)
    by_minute = {row.minute: row for row in reports}
    for minute in seen:
        row = by_minute.get(minute)
        yield (DELIVERED, minute), row.delivered if row else 0
        yield (UNDELIVERED, minute), row.undelivered if row else 0
    yield from _callbacks(connection, minutes)
    began = {row.minute: row.n for row in connection.execute(ask.CALLS, {"since": minutes[0]})}
    for minute in minutes:
        yield (CALLS, minute), began.get(minute, 0)


def _tail(
    connection: Connection, statement: TextClause, minutes: Sequence[datetime]
) -> tuple[list[Any], list[datetime]]:
    """Read the newest rows as far back as is asked for; return them and the minutes they cover."""
    rows: Sequence[Any] = ()
    for tail in TAILS:
        rows = connection.execute(statement, {"tail": tail, "since": minutes[0]}).all()
        if rows[0].tail < tail or rows[0].begins_at < minutes[0]:
            return [row for row in rows if row.minute is not None], list(minutes)
    begins_at = rows[0].begins_at
    return [r for r in rows if r.minute is not None], [m for m in minutes if m > begins_at]


def _callbacks(
    connection: Connection, minutes: Sequence[datetime]
) -> Iterator[tuple[tuple[str, datetime], float]]:
    names = [*counters.HOPS, counters.TEXTS, counters.REPORTS]
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(ask.COUNTED, {"names": names, "since": minutes[0]}):
        found[row.minute][row.name] = row.n
    for minute in minutes:
        counts: Mapping[str, int] = found[minute]
        yield (HOPS, minute), sum(counts.get(name, 0) for name in counters.HOPS)
        yield (TEXTS, minute), counts.get(counters.TEXTS, 0)
        yield (REPORTS, minute), counts.get(counters.REPORTS, 0)
        if (p95 := counters.within_ms(counts, 0.95)) is not None:
            yield (HOP_P95, minute), p95


def _write(connection: Connection, points: Points) -> None:
    if points:
        columns = {
            "series": [series for series, _ in points],
            "at": [at for _, at in points],
            "value": [float(value) for value in points.values()],
        }
        connection.execute(ask.WRITE, columns)


def _write_moment(connection: Connection, standing: Any) -> None:
    """Write what stands at this moment: what waits as the room has it, the balance."""
    waits = [row for row in read_waiting(connection, standing.now) if row.kind is not Kind.MORNING]
    points: dict[str, float] = {}
    for lane in LANES:
        rows = [row for row in waits if row.lane == lane]
        since = min((row.since for row in rows), default=standing.now)
        points[f"waiting:{lane}"] = float(sum(row.n for row in rows))
        points[f"oldest:{lane}"] = max((standing.now - since).total_seconds(), 0.0)
    balance = connection.execute(ask.BALANCE).scalar_one_or_none()
    if balance is not None:
        points[BALANCE] = balance
    columns = {"series": list(points), "value": list(points.values())}
    connection.execute(
        ask.WRITE_WORST, {**columns, "minute": standing.this_minute, "peaks": list(PEAKS)}
    )


def _roll_up(connection: Connection, standing: Any) -> None:
    """Write the hours that are over; the last one again, as its minutes may have changed.

    What is over age goes when an hour begins.
    """
    this_hour = standing.this_minute.replace(minute=0)
    begin = standing.last_hour or this_hour - MINUTES_KEPT
    if begin >= this_hour:
        return
    about = {"since": begin, "until": this_hour, "series": list(ALL), **KINDS}
    connection.execute(ask.ROLL_UP, about)
    if begin < this_hour - HOUR:
        kept = {"minutes_kept": MINUTES_KEPT, "hours_kept": HOURS_KEPT}
        connection.execute(ask.FORGET, {"now": standing.now, **kept})
