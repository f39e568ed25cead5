"""Tells operators, once and counting, instead of once for every time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, text

# What stops and starts again within ten minutes is one incident: its alarm is opened again, and
# whoever was told, or has said that they know, is not told a second time. Not so what only happens
# and ended with somebody knowing of it, at that very moment: the next time is another one. What
# strangers can make happen whenever they like is one incident for longer, whoever knows of it.
RAISE = text("""
    WITH again AS (
        UPDATE alarms SET closed_at = NULL, times = times + 1, last_at = clock_timestamp(),
                          detail = :detail
        WHERE id = (SELECT max(id) FROM alarms
                    WHERE name = :name AND about = :about
                      AND (closed_at > clock_timestamp() - interval '10 minutes'
                           OR opened_at > clock_timestamp() - CAST(:once_in AS interval)))
          AND closed_at IS NOT NULL
          AND (closed_at IS DISTINCT FROM acknowledged_at
               OR opened_at > clock_timestamp() - CAST(:once_in AS interval))
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


def raise_alarm(
    connection: Connection,
    name: str,
    about: str,
    detail: str | None = None,
    *,
    once_in: timedelta = timedelta(0),
) -> None:
    """Open an alarm, or count it again while it is open. No number, name or text belongs in it.

    Within `once_in` of its beginning it is the same incident, even if it has ended since.
    """
    connection.execute(RAISE, {"name": name, "about": about, "detail": detail, "once_in": once_in})


def close_alarm(connection: Connection, name: str, about: str) -> None:
    """Close an alarm, if it is open: what it told of has stopped happening."""
    connection.execute(CLOSE, {"name": name, "about": about})
