"""Since when messages do not reach people, for whoever counts on somebody having been told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

STILL = text("""
    SELECT min(since) FROM (
        SELECT opened_at AS since FROM alarms
        WHERE closed_at IS NULL AND name = ANY(:names)
        UNION ALL
        SELECT changed_at FROM switches
        WHERE NOT is_on AND name IN ('sending', 'lane:reply', 'lane:emergency')
    ) AS still
""")
NAMES = (
    *("carrier_paused", "carrier_away", "worker_gone", "nothing_leaves", "replies_wait"),
    *("database_read_only", "cap_reached"),
)
"""Alarms while which what is written to teams waits."""


def still_since(session: Session) -> datetime | None:
    """Return since when replies and calls to teams have not been leaving; None when they do."""
    since: datetime | None = session.execute(STILL, {"names": list(NAMES)}).scalar_one()
    return since
