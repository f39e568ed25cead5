"""Where each dialogue stands: calls, saved before the caller is answered, and texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Record

NEWER = "newer"
"""Ended by a newer call of the same number."""


class UssdSession(Record):
    """One call. The number is part of the key: another number can never see this one's screens."""

    __tablename__ = "ussd_sessions"
    __table_args__ = (
        Index(None, "msisdn", "updated_at"),
        Index(None, "updated_at"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    carrier: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(primary_key=True)
    msisdn: Mapped[str] = mapped_column(primary_key=True)
    hop: Mapped[int] = mapped_column(SmallInteger)
    seen_length: Mapped[int] = mapped_column(SmallInteger)
    """How many characters of the carrier's history were answered already."""
    seen_digest: Mapped[str]
    """Keyed digest of those characters, so that a PIN typed once is not kept for ever."""
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reply: Mapped[str]
    """The last answer, CON or END and all; the same hop again gets the same bytes."""
    open: Mapped[bool] = mapped_column(server_default=text("true"))
    ended: Mapped[str | None]
    """What the carrier's end-of-session event said, or NEWER when the number called again."""
    started_at: Mapped[Created]
    updated_at: Mapped[Created]


class TextDialogue(Record):
    """What a number was asked last by SMS and may answer with a digit; one at a time.

    The number is the key because a stranger has no phone row; the row goes when it is answered.
    """

    __tablename__ = "text_dialogues"

    msisdn: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Where a menu stands, or what each answer to a question means (service.village.asking)."""
    asked_at: Mapped[Created]
    expires_at: Mapped[datetime]


class Shown(Record):
    """That something pending was put before the menu today; once a day is enough."""

    __tablename__ = "shown"

    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    """Like "question:17"."""
    day: Mapped[date] = mapped_column(primary_key=True)
