"""What a place has to tell its people, and who has been shown it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most


class Notice(Record):
    """A piece of news for an area and all that lies in it, with its source and its end."""

    __tablename__ = "notices"
    __table_args__ = (at_most("body", 600), Index(None, "area_id", "published_at"))

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    title: Mapped[str]
    body: Mapped[str]
    """With diacritics, for the console; folded for phones."""
    source: Mapped[str]
    published_at: Mapped[Created]
    expires_at: Mapped[datetime]


class NoticeReading(Record):
    """That a phone was shown a notice."""

    __tablename__ = "notice_readings"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"), primary_key=True)
    read_at: Mapped[Created]
