"""Province, communes and hamlets, and the other names people call them by."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, one_of

SQUEEZED = "regexp_replace(name_key, '[^[:alnum:]]', '', 'g')"
"""A name's key without spaces and signs: keypads make people leave them out."""
WORDS = (
    "array_to_tsvector(array_remove(string_to_array("
    "regexp_replace(name_key, '[^[:alnum:]]+', ' ', 'g'), ' '), ''))"
)
"""The words of a name's key as they are: no stemming, no stop words, no guess at addresses."""


class AreaKind(StrEnum):
    """Levels of government since 1 July 2025, and the self-governing hamlet below them."""

    PROVINCE = "province"
    COMMUNE = "commune"
    HAMLET = "hamlet"


class AliasKind(StrEnum):
    """Why another name leads to an area."""

    OLD_COMMUNE = "old_commune"
    OLD_NAME = "old_name"
    OLD_DISTRICT = "old_district"
    """A district that is no more, of which the commune got a part."""
    SPELLING = "spelling"


class Area(Record):
    """A place. `code` is the official one, or for a hamlet our own five digits."""

    __tablename__ = "areas"
    __table_args__ = (
        one_of("kind", AreaKind),
        UniqueConstraint("kind", "code"),
        Index(None, "parent_id"),
        Index(None, "name_key"),
        Index(None, "kind", "squeezed"),
        # One for each, since "na:*" is in a tenth of the hamlets and in next to no commune.
        Index(
            "ix_areas_words_commune",
            "words",
            postgresql_using="gin",
            postgresql_where=text("kind = 'commune'"),
        ),
        Index(
            "ix_areas_words_hamlet",
            "words",
            postgresql_using="gin",
            postgresql_where=text("kind = 'hamlet'"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    """Xã, Phường, Xóm, Tổ dân phố; data, since official words change."""
    name: Mapped[str]
    name_key: Mapped[str]
    """The name folded for comparing (service.text.fold.search_key)."""
    squeezed: Mapped[str] = mapped_column(
        Text(collation="C"), Computed(SQUEEZED, persisted=True), deferred=True
    )
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True), deferred=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    district: Mapped[str | None]
    """The district a commune lay in before 1 July 2025; people still look for it there."""
    has_coverage: Mapped[bool | None]
    """Whether a phone finds a network at home; None where nobody has said."""
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    source: Mapped[str | None]
    """Where the name was found: a decision, a list, a file."""
    created_at: Mapped[Created]


class AreaAlias(Record):
    """A former or other name of an area."""

    __tablename__ = "area_aliases"
    __table_args__ = (
        one_of("kind", AliasKind),
        UniqueConstraint("area_id", "kind", "name", "district", postgresql_nulls_not_distinct=True),
        Index(None, "name_key"),
        Index(None, "squeezed"),
        Index(None, "words", postgresql_using="gin"),
    )

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    kind: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]
    squeezed: Mapped[str] = mapped_column(
        Text(collation="C"), Computed(SQUEEZED, persisted=True), deferred=True
    )
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True), deferred=True)
    district: Mapped[str | None]
    """Title and name of the district an old commune lay in, or of the old district itself."""
    old_code: Mapped[str | None]
    until: Mapped[date | None]
    """The day from which the name no longer held, where it is known."""
    source: Mapped[str]


class AreaWord(Record):
    """A word that names are made of, or a name without its spaces: what a slip may have meant."""

    __tablename__ = "area_words"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
