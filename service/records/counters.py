"""Counts of what happens at the doors, by the minute."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

HOP_MS: Final = (5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000)
"""Milliseconds within which hops are answered, each counted by the first that it keeps."""
SLOWEST: Final = "hop_ms_over"
HOPS: Final[Mapping[str, float]] = {
    **{f"hop_ms_{bound}": float(bound) for bound in HOP_MS},
    SLOWEST: 10_000.0,
}
"""Counters of hops and the milliseconds each stands for; no carrier waits longer than the last."""
TEXTS, REPORTS = "texts_in", "reports_in"

COUNT = text("""
    INSERT INTO counters AS c (name, minute, n)
    VALUES (:name, date_trunc('minute', clock_timestamp()), :n)
    ON CONFLICT (name, minute) DO UPDATE SET n = c.n + excluded.n
    RETURNING n
""")
COUNT_MANY = text("""
    INSERT INTO counters AS c (name, minute, n)
    SELECT name, date_trunc('minute', clock_timestamp()), n
    FROM unnest(CAST(:names AS text[]), CAST(:n AS bigint[])) AS t (name, n) ORDER BY name
    ON CONFLICT (name, minute) DO UPDATE SET n = c.n + excluded.n
""")


def add(connection: Connection, name: str, n: int) -> int:
    """Add to this minute's count and return it."""
    return int(connection.execute(COUNT, {"name": name, "n": n}).scalar_one())


def add_many(connection: Connection, counts: Mapping[str, int]) -> None:
    """Add to this minute's counts, by one statement."""
    connection.execute(COUNT_MANY, {"names": list(counts), "n": list(counts.values())})


def counter_of_hop(seconds: float) -> str:
    """Return the counter of a hop that was answered within so many seconds."""
    place = bisect_left(HOP_MS, seconds * 1000)
    return f"hop_ms_{HOP_MS[place]}" if place < len(HOP_MS) else SLOWEST


def within_ms(counts: Mapping[str, int], share: float, spared: int = 0) -> float | None:
    """Return the milliseconds within which that share of hops was answered; None without hops.

    `spared` of the slowest are left out at least, so that a few say nothing. It is the bound of
    the counter, so that it is never promised too much.
    """
    total = sum(counts.get(name, 0) for name in HOPS)
    needed = min(share * total, total - spared)
    if needed <= 0:
        return None
    reached = 0
    for name, milliseconds in HOPS.items():
        reached += counts.get(name, 0)
        if reached >= needed:
            return milliseconds
    return HOPS[SLOWEST]
