"""The hour that the run's database believes it is: nine in the morning in Cao Bằng.

Notices leave by day only, and a run must not turn out otherwise by night. The service reads every
time from the database by clock_timestamp(); in this run's own database that name finds a function
which adds a shift to the real one. All rules are in force, at another hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

HOUR = 9
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

CLOCK = """
    CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS $$ SELECT pg_catalog.clock_timestamp() + interval '{seconds} seconds' $$
"""


def set_to_morning(url: str) -> timedelta:
    """Set the clock of an empty database and return the shift; its log also tells of errors."""
    now = datetime.now(UTC).astimezone(ZONE)
    shift = now.replace(hour=HOUR, minute=0, second=0, microsecond=0) - now
    with psycopg.connect(url, autocommit=True) as connection:
        _write(connection, shift)
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
        # Deadlocks are told at this level; the message alone, no statement and no value.
        connection.execute(f"ALTER DATABASE {name} SET log_min_messages = error")
    return shift


def leap(url: str, shift: timedelta) -> None:
    """Move the clock to a new shift while the service runs: it sees time pass in a blink."""
    with psycopg.connect(url, autocommit=True) as connection:
        _write(connection, shift)


def _write(connection: psycopg.Connection, shift: timedelta) -> None:
    statement = CLOCK.format(seconds=shift.total_seconds())
    connection.execute(statement)
