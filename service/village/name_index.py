"""The look-ups of a search: which names begin so, and which have words that do.

Two statements, made once; all the ways in which something typed may be read are looked up together.
Names are compared byte by byte and all that is typed comes in as values, so that the database may
plan each statement once and for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from service.records.areas import Area, AreaAlias, AreaKind

AREA_ROWS = 60
ALIAS_ROWS = 400
"""Rows a reading gets of each table: more than are ever shown, though a place may come by several
names and a former district once for each commune that got a part of it."""
SHORTEST_BEGINNING = 2
PAST = "\U0010ffff"
"""Behind every letter: where the names that begin alike end."""
Hits = Select[int, int, str]
"""Ids of areas, of the alias each was found by if any, and the name squeezed."""
ONLY_THIS = "\x01"
"""Before every letter: where those end that are spelt so and go no further."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The words of a name as typed, folded, and the communes it is looked for in (None: all)."""

    words: tuple[str, ...]
    within: frozenset[int] | None = None

    @property
    def name(self) -> str:
        """The words without anything between them."""
        return "".join(self.words)

    @property
    def has_words(self) -> bool:
        """Whether there are words to look for: of single letters there are too many."""
        return any(len(word) >= SHORTEST_BEGINNING for word in self.words)


class By(Enum):
    """How names are looked up."""

    BEGINNING = "beginning"
    """The name begins with what was typed, or is just that; these come first."""
    WORDS = "words"
    """Each word typed is the beginning of a word of the name."""


def look_up(session: Session, by: By, typed: Sequence[Typed]) -> Sequence[Row[Any]]:
    """Return the names that fit, for each of the readings in `typed`.

    reading (its place in `typed`), squeezed, id, kind, code, title, name, district of the hamlet or
    commune, parent, parent_code (what it lies in), alias_id, alias_kind, alias, alias_district (of
    the other name it was found by, None when it was its own). A reading that has AREA_ROWS or
    ALIAS_ROWS rows of the one or the other table has more.
    """
    asked = [(n, each) for n, each in enumerate(typed) if by is By.BEGINNING or each.has_words]
    values = {
        "readings": [number for number, _ in asked],
        "names": [each.name for _, each in asked],
        "pasts": [_past(each.name) for _, each in asked],
        "queries": [" & ".join(map(_beginning, each.words)) for _, each in asked],
        "withins": [_array(each.within) for _, each in asked],
    }
    return session.execute(_STATEMENTS[by], values).all() if asked else ()


def _past(name: str) -> str:
    return name + (PAST if len(name) >= SHORTEST_BEGINNING else ONLY_THIS)


def _beginning(word: str) -> str:
    """Return a word as the beginning of words, in a tsquery; a single letter is a whole word."""
    return f"{word}:*" if len(word) >= SHORTEST_BEGINNING else word


def _array(ids: frozenset[int] | None) -> str | None:
    """Write ids as an array is written: an array of arrays would have to be even."""
    return None if ids is None else f"{{{','.join(map(str, ids))}}}"


def _asked() -> CTE:
    """Make a table of the readings, its values read once and not again for every name."""
    texts = ("names", "pasts", "queries", "withins")
    given = (
        func.unnest(
            cast(bindparam("readings"), ARRAY(Integer)),
            *(cast(bindparam(name), ARRAY(Text)) for name in texts),
        )
        .table_valued(column("readings", Integer), *(column(name, Text) for name in texts))
        .render_derived("given")
    )
    rows = select(
        given.c.readings.label("reading"),
        cast(given.c.names, Text(collation="C")).label("name"),
        cast(given.c.pasts, Text(collation="C")).label("past"),
        cast(given.c.queries, TSQUERY).label("query"),
        cast(given.c.withins, ARRAY(BigInteger)).label("within"),
    )
    return rows.cte("asked").prefix_with("MATERIALIZED")


_ASKED = _asked()


def _fits(by: By, names: type[Area | AreaAlias]) -> ColumnElement[bool]:
    if by is By.WORDS:
        return names.words.op("@@")(_ASKED.c.query)
    return and_(names.squeezed >= _ASKED.c.name, names.squeezed < _ASKED.c.past)


def _inside(commune: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return or_(_ASKED.c.within.is_(None), commune == any_(_ASKED.c.within))


def _own(by: By, kind: AreaKind, commune: SQLColumnExpression[Any]) -> Hits:
    found = select(Area.id, cast(null(), BigInteger).label("alias_id"), Area.squeezed).where(
        Area.kind == literal_column(f"'{kind}'"), Area.active, _fits(by, Area), _inside(commune)
    )
    return _some(found, by, Area, AREA_ROWS)


def _others(by: By) -> Hits:
    area = aliased(Area)
    commune = case((area.kind == AreaKind.HAMLET, area.parent_id), else_=area.id)
    found = (
        select(area.id, AreaAlias.id.label("alias_id"), AreaAlias.squeezed)
        .join(area, area.id == AreaAlias.area_id)
        .where(area.active, _fits(by, AreaAlias), _inside(commune))
    )
    return _some(found, by, AreaAlias, ALIAS_ROWS)


def _some(found: Hits, by: By, names: type[Area | AreaAlias], most: int) -> Hits:
    """Take what comes first; of names that begin alike, first the one that ends there."""
    if by is By.BEGINNING:
        found = found.order_by(names.squeezed)
    return found.limit(literal_column(str(most))).correlate(_ASKED)


def _statement(by: By) -> Select[Any]:
    hits: CompoundSelect[Any] = union_all(
        _own(by, AreaKind.HAMLET, Area.parent_id),
        _own(by, AreaKind.COMMUNE, Area.id),
        _others(by),
    )
    hit = hits.lateral("hit")
    area, parent, alias = aliased(Area), aliased(Area), aliased(AreaAlias)
    return (
        select(
            _ASKED.c.reading, hit.c.squeezed, area.id, area.kind, area.code, area.title, area.name,
            area.district, parent.name.label("parent"), parent.code.label("parent_code"),
            alias.id.label("alias_id"), alias.kind.label("alias_kind"), alias.name.label("alias"),
            alias.district.label("alias_district"),
        )
        .select_from(_ASKED)
        .join(hit, and_(True))
        .join(area, area.id == hit.c.id)
        .join(parent, and_(parent.id == area.parent_id, parent.active))
        .outerjoin(alias, alias.id == hit.c.alias_id)
    )  # fmt: skip


_STATEMENTS = {by: _statement(by) for by in By}
