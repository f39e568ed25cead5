"""What the page of the machines asks of PostgreSQL: processes, timetable, the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from service.ops.room_reading import SILENT
from service.ops.schema import needed_revision

MOST = 100
LATE = timedelta(minutes=2)
"""How long after its time a line of the timetable is late."""

PROCESSES = text("""
    SELECT name, kind, lane, pid, started_at, beat_at, clock_timestamp() AS now FROM beats
    ORDER BY kind, lane NULLS FIRST, beat_at DESC LIMIT :most
""")
TIMETABLE = text("""
    SELECT name, every_seconds, last_done_at, next_at, last_error,
           CASE WHEN lease_until > clock_timestamp() THEN lease_until END AS held_until,
           next_at < clock_timestamp() - CAST(:late AS interval) AS is_late
    FROM periodic_work ORDER BY last_error IS NULL, next_at, name LIMIT :most
""")
# Others' transactions show when they began to whoever may see them: the service's own always.
DATABASE = text("""
    SELECT current_setting('server_version') AS version,
           pg_database_size(current_database()) AS bytes,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
           current_setting('max_connections')::int AS most,
           (SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::float
            FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND datname = current_database()
              AND pid <> pg_backend_pid()) AS longest,
           current_setting('transaction_read_only')::bool OR pg_is_in_recovery() AS is_read_only,
           (SELECT version_num FROM alembic_version) AS revision
""")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has said that it lives."""

    kind: str
    lane: str | None
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    lives: bool
    """Whether it said so lately; one that ended well has taken its row away."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it."""

    processes: Sequence[Process]
    timetable: Sequence[Row[Any]]
    database: Row[Any]
    needed_revision: str


def read_facts(connection: Connection) -> Facts:
    """Read it by three statements."""
    rows = connection.execute(PROCESSES, {"most": MOST}).all()
    return Facts(
        processes=[_process(row) for row in rows],
        timetable=connection.execute(TIMETABLE, {"most": MOST, "late": LATE}).all(),
        database=connection.execute(DATABASE).one(),
        needed_revision=needed_revision(),
    )


def _process(row: Row[Any]) -> Process:
    host = row.name.rpartition("@")[2].rpartition(":")[0]
    lives = row.beat_at > row.now - SILENT
    return Process(row.kind, row.lane, host, row.pid, row.started_at, row.beat_at, lives)
