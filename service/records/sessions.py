"""USSD sessions: where each call stands, saved before the caller is answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Record


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
    """What the carrier's end-of-session event said."""
    started_at: Mapped[Created]
    updated_at: Mapped[Created]
