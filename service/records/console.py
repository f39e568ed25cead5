"""Who may use the console: users, their sessions, links, spare codes and tries to sign in.

No secret of anybody stands here: passwords are argon2id digests made with a pepper that is not in
the database, tokens and codes are digests, and the key of a phone's six digits is made from its
salt and the service's own key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Moment, Record, at_most, one_of


class Role(StrEnum):
    """What somebody does in the console; what each may see stands in service.console.roles."""

    OPERATOR = "operator"
    """Watches the queues of the whole service."""
    PROVINCE = "province"
    """Coordinates the teams of a province."""
    COMMUNE = "commune"
    """Coordinates the teams of one commune."""
    VIEWER = "viewer"
    """Looks, and changes nothing."""


class ConsoleUser(Record):
    """Somebody who signs in; a password is set by a one-time link, never given."""

    __tablename__ = "console_users"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("name ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name="name"),
        CheckConstraint("(role = 'operator') <= (area_id IS NULL)", name="operator_everywhere"),
        CheckConstraint(
            "(role IN ('province', 'commune')) <= (area_id IS NOT NULL)", name="placed"
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """The place whose things they see; None for all places."""
    password: Mapped[str | None]
    """The argon2id digest; empty until the link was followed, and after a reset."""
    totp_salt: Mapped[str | None]
    """What the key of the six digits is made from, with the service's own key."""
    totp_step: Mapped[int] = mapped_column(server_default=text("0"))
    """The half minute of the last six digits that were used: none is taken twice."""
    created_at: Mapped[Created]
    disabled_at: Mapped[datetime | None]


class ConsoleSession(Record):
    """A browser that is signed in; the row is deleted when it ends."""

    __tablename__ = "console_sessions"
    __table_args__ = (Index(None, "user_id"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("console_users.id"))
    began_at: Mapped[Created]
    seen_at: Mapped[Created]


class ConsoleLink(Record):
    """A link that was handed to a user to choose a password; good once and for a day."""

    __tablename__ = "console_links"

    user_id: Mapped[int] = mapped_column(ForeignKey("console_users.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    totp_salt: Mapped[str]
    """Of the key that the page shows, which becomes the user's when the link is used."""
    expires_at: Mapped[Moment]


class RecoveryCode(Record):
    """A spare code, for who has lost the phone that shows six digits; good once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("console_users.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class SignInTry(Record):
    """Somebody tried to sign in; kept for a day, so that guessing gets slow.

    For two weeks where they got in, so that others cannot make them wait there.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (
        Index(None, "name_digest", "at"),
        Index(None, "address", "at"),
        Index(None, "at"),
        at_most("address", 45),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[Created]
    name_digest: Mapped[str]
    """A keyed digest: people type their password into the wrong field."""
    address: Mapped[str]
    succeeded: Mapped[bool] = mapped_column(server_default=text("false"))
