"""Tells operators, once and counting, instead of once for every time."""

from __future__ import annotations

from sqlalchemy import Connection, text

RAISE = text("""
    INSERT INTO alarms AS a (name, about, detail)
    VALUES (:name, :about, :detail)
    ON CONFLICT (name, about) WHERE closed_at IS NULL DO UPDATE
    SET times = a.times + 1, last_at = clock_timestamp(), detail = excluded.detail
""")


def raise_alarm(connection: Connection, name: str, about: str, detail: str | None = None) -> None:
    """Open an alarm, or count it again while it is open. No number, name or text belongs in it."""
    connection.execute(RAISE, {"name": name, "about": about, "detail": detail})
