"""Community digital teams: whom they serve and who is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, one_of


class Level(StrEnum):
    """How near to the villager a team is; a request looks for the nearest first."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    PROVINCE = "province"


class Role(StrEnum):
    """What a member does; the first two lead."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"
    DUTY = "duty"
    """Answers the duty number of a commune or of the province."""
    HELPER = "helper"
    """A trusted villager: takes requests, and does nothing that touches others."""


class Team(Record):
    """A team; it may serve several hamlets, and a hamlet several teams."""

    __tablename__ = "teams"
    __table_args__ = (one_of("level", Level), UniqueConstraint("name"))

    id: Mapped[Key]
    name: Mapped[str]
    level: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    neighbour_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    """The team that is asked next when nobody of this one takes a request."""
    created_at: Mapped[Created]


class TeamArea(Record):
    """A team serves an area: hamlets for a hamlet team, else the commune or the province."""

    __tablename__ = "team_areas"
    __table_args__ = (Index(None, "area_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)


class Membership(Record):
    """A person's role in a team, for as long as `until` is empty."""

    __tablename__ = "memberships"
    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_memberships_current",
            "team_id",
            "person_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    since: Mapped[Created]
    until: Mapped[datetime | None]
