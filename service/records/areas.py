"""Province, communes and hamlets, and the other names people call them by."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Created, Key, Record, one_of


class AreaKind(StrEnum):
    """Levels of government since 1 July 2025, and the self-governing hamlet below them."""

    PROVINCE = "province"
    COMMUNE = "commune"
    HAMLET = "hamlet"


class AliasKind(StrEnum):
    """Why another name leads to an area."""

    OLD_COMMUNE = "old_commune"
    OLD_NAME = "old_name"
    SPELLING = "spelling"


class Area(Record):
    """A place. `code` is the official one, or for a hamlet our own five digits."""

    __tablename__ = "areas"
    __table_args__ = (
        one_of("kind", AreaKind),
        UniqueConstraint("kind", "code"),
        Index(None, "parent_id"),
        Index(None, "name_key"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    """Xã, Phường, Xóm, Tổ dân phố; data, since official words change."""
    name: Mapped[str]
    name_key: Mapped[str]
    """The name folded for comparing (service.text.fold.search_key)."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    district: Mapped[str | None]
    """The district a commune lay in before 1 July 2025; people still look for it there."""
    has_coverage: Mapped[bool | None]
    """Whether a phone finds a network at home; None where nobody has said."""
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Created]


class AreaAlias(Record):
    """A former or other name of an area."""

    __tablename__ = "area_aliases"
    __table_args__ = (
        one_of("kind", AliasKind),
        UniqueConstraint("area_id", "kind", "name", "district", postgresql_nulls_not_distinct=True),
        Index(None, "name_key"),
    )

    id: Mapped[Key]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    kind: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]
    district: Mapped[str | None]
    old_code: Mapped[str | None]
    source: Mapped[str]
