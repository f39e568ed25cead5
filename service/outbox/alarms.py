"""Tells operators, once and counting, instead of once for every time."""

from __future__ import annotations

from sqlalchemy import Connection, text

# What stops and starts again within ten minutes is one incident: its alarm is opened again, and
# whoever was told, or has said that they know, is not told a second time. Not so what only happens
# and ended with somebody knowing of it, at that very moment: the next time is another one.
RAISE = text("""
    WITH again AS (
        UPDATE alarms SET closed_at = NULL, times = times + 1, last_at = clock_timestamp(),
                          detail = :detail
        WHERE id = (SELECT max(id) FROM alarms
                    WHERE name = :name AND about = :about
                      AND closed_at > clock_timestamp() - interval '10 minutes')
          AND closed_at IS NOT NULL AND closed_at IS DISTINCT FROM acknowledged_at
          AND NOT EXISTS (SELECT FROM alarms
                          WHERE name = :name AND about = :about AND closed_at IS NULL)
        RETURNING id)
    INSERT INTO alarms AS a (name, about, detail)
    SELECT :name, :about, :detail WHERE NOT EXISTS (SELECT FROM again)
    ON CONFLICT (name, about) WHERE closed_at IS NULL DO UPDATE
    SET times = a.times + 1, last_at = clock_timestamp(), detail = excluded.detail
""")

CLOSE = text("""
    UPDATE alarms SET closed_at = clock_timestamp()
    WHERE name = :name AND about = :about AND closed_at IS NULL
""")


def raise_alarm(connection: Connection, name: str, about: str, detail: str | None = None) -> None:
    """Open an alarm, or count it again while it is open. No number, name or text belongs in it."""
    connection.execute(RAISE, {"name": name, "about": about, "detail": detail})


def close_alarm(connection: Connection, name: str, about: str) -> None:
    """Close an alarm, if it is open: what it told of has stopped happening."""
    connection.execute(CLOSE, {"name": name, "about": about})
