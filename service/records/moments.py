"""What time it is: by the database's clock, the one that all processes share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def now_by(session: Session) -> datetime:
    """Return this very moment in UTC, not that of the transaction's beginning."""
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment
