"""Counts of what happens at the doors, by the minute."""

from __future__ import annotations

from sqlalchemy import Connection, text

COUNT = text("""
    INSERT INTO counters AS c (name, minute, n)
    VALUES (:name, date_trunc('minute', clock_timestamp()), :n)
    ON CONFLICT (name, minute) DO UPDATE SET n = c.n + excluded.n
    RETURNING n
""")


def add(connection: Connection, name: str, n: int) -> int:
    """Add to this minute's count and return it."""
    return int(connection.execute(COUNT, {"name": name, "n": n}).scalar_one())
