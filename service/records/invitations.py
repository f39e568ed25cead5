"""Villagers a leader wants to add, who have not said yes or no."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most


class Invitation(Record):
    """A number a leader vouches for. Nothing of it becomes a person before its owner agrees.

    Law 91/2025: a name and number are kept without consent only as long as asking takes.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        at_most("name", 80),
        Index(
            "uq_invitations_open",
            "phone_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "invited_by"),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    name: Mapped[str]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    invited_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whose new number it would be; empty for somebody who is to be added."""
    asked_at: Mapped[Created]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]
