"""Who is alive, as rows in the database: Redis may forget, and RQ's registry never heals after."""

from __future__ import annotations

import os
import socket

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

BEAT = text("""
    INSERT INTO beats (name, kind, lane, pid)
    VALUES (:name, :kind, :lane, :pid)
    ON CONFLICT (name) DO UPDATE SET beat_at = clock_timestamp()
""")

log = structlog.get_logger("ops.beats")


class Heart:
    """Writes that this process is alive."""

    def __init__(self, engine: Engine, *, kind: str, lane: str | None = None) -> None:
        self._engine = engine
        self._row = {
            "name": f"{kind}{f'-{lane}' if lane else ''}@{socket.gethostname()}:{os.getpid()}",
            "kind": kind,
            "lane": lane,
            "pid": os.getpid(),
        }

    def beat(self) -> None:
        """Say once more that we are alive."""
        with self._engine.begin() as connection:
            connection.execute(BEAT, self._row)

    def stop(self) -> None:
        """Take our row away: a clean stop is not a death."""
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    text("DELETE FROM beats WHERE name = :name"), {"name": self._row["name"]}
                )
        except SQLAlchemyError as fault:
            log.warning("row_stays", error=type(fault).__name__)
