"""People, their phones and households, and what they agreed to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, at_most, one_of


class ConsentKind(StrEnum):
    """What a person may agree to, each on its own (Law 91/2025: no bundled consent)."""

    STORAGE = "storage"
    NEWS = "news"
    PROMO = "promo"
    """Advertising: never assumed, and apart from the hamlet's news (Decree 91/2020, article 13)."""


class SuppressionKind(StrEnum):
    """What a number that we keep no more of than a digest has asked for."""

    NEWS = "news"
    """No news: refused by text or call, also by a number we know nothing else of."""
    ERASED = "erased"
    """Forgotten: an old list must not bring it back."""
    ADVERTISING = "advertising"
    """On the national do-not-call list: no advertising, whatever its owner agreed to."""
    INVITED = "invited"
    """Did not want to be added by a leader: not asked again for 90 days, by anybody."""


class Household(Record):
    """A household of a hamlet; several people and phones may belong to it."""

    __tablename__ = "households"
    __table_args__ = (Index(None, "hamlet_id"),)

    id: Mapped[Key]
    hamlet_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    label: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", use_alter=True, name="fk_households_contact_id")
    )
    """Through whom a household without phone or network is reached: a neighbour."""
    has_zalo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]


class Person(Record):
    """Somebody the service knows, with as little about them as it can do with."""

    __tablename__ = "people"
    __table_args__ = (
        at_most("name", 80),
        CheckConstraint(
            "0 <= awake_from AND awake_from < awake_until AND awake_until <= 1440"
            " OR awake_from IS NULL AND awake_until IS NULL",
            name="awake",
        ),
        Index(None, "area_id"),
        Index(None, "phone_id"),
        Index(None, "household_id"),
    )

    id: Mapped[Key]
    name: Mapped[str | None]
    language: Mapped[str | None]
    """Set only when the person chose one: it may reveal ethnicity (Law 91/2025)."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """The hamlet, or the commune where no hamlets are loaded yet."""
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"))
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"))
    """The number this person is reached at; several people may share one."""
    wants_marks: Mapped[bool] = mapped_column(server_default=text("false"))
    """Asked for SMS with diacritics, knowing that a phone must be able to show them."""
    awake_from: Mapped[int | None] = mapped_column(SmallInteger)
    """Minute of Vietnam's day from which this person may be texted; empty for the common hours."""
    awake_until: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[Created]


class Phone(Record):
    """A number. The person we take to be speaking from it is its holder."""

    __tablename__ = "phones"
    __table_args__ = (
        UniqueConstraint("msisdn"),
        CheckConstraint(r"msisdn ~ '^\+[1-9][0-9]{7,14}$'", name="msisdn"),
    )

    id: Mapped[Key]
    msisdn: Mapped[str]
    holder_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", use_alter=True, name="fk_phones_holder_id")
    )
    last_heard_at: Mapped[datetime | None]
    doubted_at: Mapped[datetime | None]
    """Since when it may be somebody else's: unreachable again and again, or reported so."""
    created_at: Mapped[Created]


class Consent(Record):
    """Evidence that a person agreed or refused: when, by which door, to which wording."""

    __tablename__ = "consents"
    __table_args__ = (one_of("kind", ConsentKind), Index(None, "phone_id", "kind", "id"))

    id: Mapped[Key]
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    kind: Mapped[str]
    given: Mapped[bool]
    wording: Mapped[str]
    """Text key, language and a digest of the words shown."""
    channel: Mapped[str]
    at: Mapped[Created]


class Suppression(Record):
    """A wish of a number of which nothing else need be kept: a keyed digest, never the number.

    It outlives an erasure, so that what was refused stays refused (Law 91/2025; domain RPD-5).
    """

    __tablename__ = "suppressions"
    __table_args__ = (one_of("kind", SuppressionKind),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[Created]
