"""Where requests stand on their ladders, and every step that was taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record


class Climb(Record):
    """Where a request stands on its ladder. It moves up when it is due and nobody has taken it."""

    __tablename__ = "climbs"
    __table_args__ = (
        Index("ix_climbs_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"), primary_key=True)
    ladder: Mapped[str]
    lap: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts up each time it begins anew from the first rung: put back, not solved."""
    began_at: Mapped[Created]
    """When this lap began: who heard before may hear again."""
    rung: Mapped[int]
    """The rung told last, counted from 0; -1 before the first."""
    times: Mapped[int] = mapped_column(server_default=text("0"))
    """How often the rung was told; only the last is told more than once."""
    party: Mapped[str | None]
    """The first of those the rung tells, as menus/ladder.yaml names them."""
    due_at: Mapped[datetime | None]
    """When the next step is due; empty while somebody has the request, and when it has ended."""


class ClimbStep(Record):
    """A step that was taken. Its key is what lets two clocks take it only once."""

    __tablename__ = "climb_steps"
    __table_args__ = (UniqueConstraint("request_id", "lap", "rung", "times"),)

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id"))
    lap: Mapped[int]
    rung: Mapped[int]
    times: Mapped[int]
    party: Mapped[str]
    people: Mapped[int]
    """How many phones were told."""
    due_at: Mapped[datetime]
    """When it should have been taken; the first step of a lap is due when the lap begins."""
    at: Mapped[Created]
