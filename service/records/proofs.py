"""What proves that a member is who they say: a PIN for calls, a one-time code for texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Record


class Pin(Record):
    """A member's PIN: only its argon2id hash, made with a pepper that is not in the database."""

    __tablename__ = "pins"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    hash: Mapped[str | None]
    """Empty until the first PIN was typed twice alike, and after an operator's reset."""
    pending: Mapped[str | None]
    """The hash of a new PIN typed once, until it is typed again."""
    pending_at: Mapped[datetime | None]
    set_at: Mapped[datetime | None]
    wrong: Mapped[int] = mapped_column(server_default=text("0"))
    """Wrong ones since the last right one: 3 lock for 15 minutes, 6 for a day, 10 until a reset."""
    locked_until: Mapped[datetime | None]


class PendingAct(Record):
    """What a text asked for that touches others, until the code sent back proves who asked."""

    __tablename__ = "pending_acts"

    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"), primary_key=True)
    act: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    code_digest: Mapped[str]
    """Keyed digest of the code; the code itself is only in the message."""
    wrong: Mapped[int] = mapped_column(server_default=text("0"))
    asked_at: Mapped[Created]
    expires_at: Mapped[datetime]
