"""The larger place that was typed behind a name: which communes the name is then looked for in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from service.records.areas import AliasKind, AreaKind

from .name_index import ONLY_THIS, PAST
from .titles import Level, readings

SHORTEST_BEGINNING = 3
"""Letters from which a larger place is known by its beginning: "an" is too many."""
LEVELS = {
    AreaKind.PROVINCE.value: Level.PROVINCE,
    AliasKind.OLD_DISTRICT.value: Level.DISTRICT,
}
"""What a name speaks of, by its kind; all others are names of communes."""
NAMED = text("""
    SELECT asked.name AS asked, found.*
    FROM unnest(CAST(:names AS text[]), CAST(:pasts AS text[])) AS asked (name, past)
    CROSS JOIN LATERAL (
        SELECT a.squeezed, a.kind, a.id AS area_id, NULL AS district, p.code AS province
        FROM areas a LEFT JOIN areas p ON p.id = a.parent_id
        WHERE a.kind IN ('commune', 'province') AND a.active
          AND a.squeezed >= asked.name AND a.squeezed < asked.past
        UNION ALL
        SELECT l.squeezed, l.kind, l.area_id, l.district, p.code
        FROM area_aliases l
        JOIN areas a ON a.id = l.area_id AND a.kind = 'commune' AND a.active
        JOIN areas p ON p.id = a.parent_id
        WHERE l.squeezed >= asked.name AND l.squeezed < asked.past
    ) AS found
""")
COMMUNES_OF = text("""
    SELECT parent_id, id FROM areas
    WHERE kind = 'commune' AND active AND parent_id = ANY(:provinces)
""")


@dataclass(frozen=True, slots=True)
class Scope:
    """A larger place, as the communes that lie in it."""

    within: frozenset[int]
    """Ids of all communes of which a part lies there."""
    communes: frozenset[int] = frozenset()
    """Ids of the communes that were named themselves, by the new or an old name."""
    districts: frozenset[tuple[str, str]] = frozenset()
    """Code of the province, title and name of each former district that was named."""

    @property
    def is_province(self) -> bool:
        """Whether whole provinces were named."""
        return not (self.communes or self.districts)


Behind = tuple[str, ...]
"""Words that stand behind a name, folded."""
Scopes = Mapping[Behind, Scope]
"""What such words mean; those that mean nothing are not in it."""
Rows = Sequence[Row[Any]]


def scopes(session: Session, behind: Iterable[Behind], *, in_full: bool) -> tuple[Scopes, Scopes]:
    """Return what words mean as communes and former districts, and what they mean as provinces.

    With `in_full` they are names, without it they may be beginnings of names.
    """
    meanings = [
        (words, "".join(name), levels) for words in behind for name, levels in readings(words)
    ]
    names = {name for _, name, _ in meanings if in_full or len(name) >= SHORTEST_BEGINNING}
    past = ONLY_THIS if in_full else PAST
    rows = _named(session, [(name, name + past) for name in sorted(names)])
    near: dict[Behind, Scope] = {}
    far: dict[Behind, Scope] = {}
    for words, name, levels in meanings:
        fitting = _of(levels, rows.get(name, ()))
        if found := [row for row in fitting if row.kind != AreaKind.PROVINCE]:
            near[words] = _joined(near.get(words), _near(found))
        if found := [row for row in fitting if row.kind == AreaKind.PROVINCE]:
            far[words] = _joined(far.get(words), _far(session, found))
    return near, far


def _named(session: Session, asked: Sequence[tuple[str, str]]) -> dict[str, list[Row[Any]]]:
    """Look names up; each is given with where those meant by it end."""
    found: dict[str, list[Row[Any]]] = {}
    if asked:
        names, pasts = map(list, zip(*asked, strict=True))
        for row in session.execute(NAMED, {"names": names, "pasts": pasts}):
            found.setdefault(row.asked, []).append(row)
    return found


def _of(levels: frozenset[Level], rows: Rows) -> list[Row[Any]]:
    return [row for row in rows if LEVELS.get(row.kind, Level.COMMUNE) in levels]


def _near(rows: Rows) -> Scope:
    districts = [row for row in rows if row.kind == AliasKind.OLD_DISTRICT]
    return Scope(
        within=frozenset(row.area_id for row in rows),
        communes=frozenset(row.area_id for row in rows if row.kind != AliasKind.OLD_DISTRICT),
        districts=frozenset((row.province, row.district) for row in districts),
    )


def _far(session: Session, rows: Rows) -> Scope:
    provinces = sorted({row.area_id for row in rows})
    within = session.execute(COMMUNES_OF, {"provinces": provinces})
    return Scope(frozenset(row.id for row in within))


def _joined(one: Scope | None, other: Scope) -> Scope:
    if one is None:
        return other
    return Scope(
        one.within | other.within,
        one.communes | other.communes,
        one.districts | other.districts,
    )
