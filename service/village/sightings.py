"""What a search has found: hamlets, communes, and places that were names until lately."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import Row

from service.records.areas import AliasKind, AreaKind
from service.records.hops import COMMUNE
from service.text.fold import search_key

from .scopes import Scope
from .titles import Level

DISTRICT = "huyen:"
"""What stands before the province's code and a former district's name."""
OLD_NAME = "*"
"""What stands between a hamlet's code and the id of the former name it was found by."""


class Kind(IntEnum):
    """What was found, in the order in which it is shown."""

    COMMUNE = 1
    OLD_COMMUNE = 2
    """A name that a commune, or a part of one, had before."""
    DISTRICT = 3
    HAMLET = 4


LEVELS = {
    Kind.COMMUNE: Level.COMMUNE,
    Kind.OLD_COMMUNE: Level.COMMUNE,
    Kind.DISTRICT: Level.DISTRICT,
    Kind.HAMLET: Level.HAMLET,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place, by one of its names."""

    kind: Kind
    handle: str
    """Names it between two hops: see the constants above and service.village.areas.handle."""
    key: str
    """The same for each sighting of the same place in the same meaning."""
    title: str
    name: str
    commune: str
    """Name of the commune a hamlet lies in, or that the place is or is a part of today."""
    district: str = ""
    """Title and name of the former district, where there is one."""
    was: str = ""
    """The former name by which it was found."""
    exact: bool = False
    """Whether the name was typed in full."""

    @property
    def level(self) -> Level:
        """How large a place it is or was."""
        return LEVELS[self.kind]

    @property
    def order(self) -> tuple[object, ...]:
        """Where it stands in a list: names as one reads them.

        Of places that have just that name the larger come first, for what it may mean is asked;
        of those that have it in part the hamlets, for a hamlet is asked for.
        """
        first = self.kind if self.exact or self.kind is not Kind.HAMLET else 0
        called = in_order(self.was or self.name)
        return (first, called, bool(self.was), in_order(self.commune), self.handle)


def is_handle(text: str) -> bool:
    """Say whether a text is what names a sighting between two hops, a hamlet's bare code aside."""
    return text.startswith((COMMUNE, DISTRICT)) or OLD_NAME in text


def in_order(name: str) -> list[tuple[int, int, str]]:
    """Return what sorts names as a reader does: tổ 2 before tổ 10."""
    parts = re.split(r"(\d+)", search_key(name))
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def sighting_of(row: Row[Any], scope: Scope | None, *, exact: bool) -> Sighting | None:
    """Make a sighting of a row of name_index.look_up; None when it lay outside the scope."""
    if row.kind == AreaKind.HAMLET:
        return _of_hamlet(row, exact=exact)
    if row.alias_kind == AliasKind.OLD_DISTRICT:
        inside = scope is None or scope.is_province
        return _of_district(row, exact=exact) if inside else None
    if row.alias_kind in {None, AliasKind.SPELLING} or search_key(row.alias) == search_key(
        row.name
    ):
        return _of_commune(row, exact=exact)
    return _of_old_commune(row, exact=exact) if _lay_in(row, scope) else None


def _of_hamlet(row: Row[Any], *, exact: bool) -> Sighting:
    renamed = row.alias_kind == AliasKind.OLD_NAME
    return Sighting(
        Kind.HAMLET,
        handle=f"{row.code}{OLD_NAME}{row.alias_id}" if renamed else row.code,
        key=row.code,
        title=row.title,
        name=row.name,
        commune=row.parent,
        was=row.alias if renamed else "",
        exact=exact,
    )


def _lay_in(row: Row[Any], scope: Scope | None) -> bool:
    """Say whether an old commune lay where was typed; its district counts, not its neighbours'."""
    if scope is None or scope.is_province:
        return True
    district = row.alias_district or row.district
    return row.id in scope.communes or (row.parent_code, district) in scope.districts


def _of_commune(row: Row[Any], *, exact: bool) -> Sighting:
    handle = f"{COMMUNE}{row.code}"
    return Sighting(
        Kind.COMMUNE,
        handle,
        key=handle,
        title=row.title,
        name=row.name,
        commune=row.name,
        district=row.district or "",
        exact=exact,
    )


def _of_old_commune(row: Row[Any], *, exact: bool) -> Sighting:
    handle = f"{COMMUNE}{row.code}"
    return Sighting(
        Kind.OLD_COMMUNE,
        handle,
        key=f"{handle} {search_key(row.alias)} {row.alias_district}",
        title=row.title,
        name=row.name,
        commune=row.name,
        district=row.alias_district or "",
        was=row.alias,
        exact=exact,
    )


def _of_district(row: Row[Any], *, exact: bool) -> Sighting:
    handle = f"{DISTRICT}{row.parent_code}/{row.alias_district}"
    return Sighting(
        Kind.DISTRICT,
        handle,
        key=handle,
        title="",
        name=row.alias,
        commune="",
        district=row.alias_district,
        was=row.alias,
        exact=exact,
    )
