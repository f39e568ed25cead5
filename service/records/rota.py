"""Who is on duty, who is away, and the gaps a commune was warned of."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, one_of
from .teams import Level


class Absence(Record):
    """A member is away: whoever takes over hears of requests instead."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("from_at < until_at", name="order"),
        Index(None, "person_id", "until_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Back early, or taken back before it began."""
    created_at: Mapped[Created]


class Duty(Record):
    """Who of a team is on duty on a day of Vietnam; where there is no row, the leader is."""

    __tablename__ = "duties"
    __table_args__ = (Index(None, "day"), Index(None, "person_id"))

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reminded_at: Mapped[datetime | None]


class DutySwap(Record):
    """A day of duty offered to the rest of the team, or for a day of somebody else's."""

    __tablename__ = "duty_swaps"
    __table_args__ = (
        Index(
            "uq_duty_swaps_open",
            "team_id",
            "day",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "giver_id"),
        Index(None, "taker_id"),
    )

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    day: Mapped[date]
    giver_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    for_day: Mapped[date | None]
    """The day the giver takes in return; empty when none is asked."""
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    offered_at: Mapped[Created]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken, taken back or lapsed."""


class GapWarning(Record):
    """It was told that a place will have nobody from a moment on: each gap is told once."""

    __tablename__ = "gap_warnings"
    __table_args__ = (one_of("level", Level), Index(None, "area_id", "begins_at"))

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    level: Mapped[str]
    """Whose teams have nobody there: those of a hamlet, the commune's, the province's."""
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """Empty where nobody is known to come back."""
    warned_at: Mapped[Created]
