"""How callers of the short code fare, as values of signals: how soon they are answered, how many.

Both are read from what is counted by the minute anyway; a hop does nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from service.records import counters

from .pulse_series import CALLS
from .watch_room import Value

HOPS_SHARE = 0.99
HOPS_SPARED = 4
"""So many of the slowest are left out at least: five must be slow before anybody hears of it."""
FEWEST_THEN = 20
"""Fewer calls in an hour say nothing about the same hour a week later."""
HUNDRED = 100.0

HOPS = text("""
    SELECT name, sum(n)::bigint AS n FROM counters
    WHERE name = ANY(:names)
      AND minute > (SELECT clock_timestamp()) - interval '10 minutes'
    GROUP BY name
""")
# Whole hours: those of a week ago are kept no finer. An hour of which minutes are missing, since
# the clock stood still, is not known.
CALLERS = text("""
    SELECT extract(hour FROM hour.at AT TIME ZONE 'Asia/Ho_Chi_Minh') BETWEEN 8 AND 19 AS by_day,
           (SELECT CASE WHEN count(*) = 60 THEN sum(value) END FROM pulses
            WHERE span = 'minute' AND series = :calls
              AND at >= hour.at AND at < hour.at + interval '1 hour') AS calls,
           (SELECT value FROM pulses WHERE span = 'hour' AND series = :calls
              AND at = hour.at - interval '7 days') AS calls_then
    FROM (SELECT date_trunc('hour', clock_timestamp()) - interval '1 hour' AS at) AS hour
""")


def values_of(connection: Connection) -> Iterator[Value]:
    """Yield the values, by two statements."""
    rows = connection.execute(HOPS, {"names": list(counters.HOPS)})
    counts = {row.name: int(row.n) for row in rows}
    seconds = (counters.within_ms(counts, HOPS_SHARE, HOPS_SPARED) or 0.0) / 1000
    yield Value("hops_slow", "ussd", seconds, f"{seconds:g} s")
    yield _fewer(connection)


def _fewer(connection: Connection) -> Value:
    """The calls of an hour as a share of the same one's a week ago; by night it is not judged."""
    row = connection.execute(CALLERS, {"calls": CALLS}).one()
    if not row.by_day or row.calls is None:
        return Value("callers_fewer", "ussd", None)
    if (row.calls_then or 0) < FEWEST_THEN:
        return Value("callers_fewer", "ussd", HUNDRED)
    share = HUNDRED * row.calls / row.calls_then
    return Value("callers_fewer", "ussd", share, f"{row.calls:.0f}/{row.calls_then:.0f}")
