"""Writes places down: the province, its communes, its hamlets, and the names they had before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import and_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.areas import AliasKind, Area, AreaAlias, AreaKind
from service.text.fold import search_key

from .spelling import note_words

ONE_AT_A_TIME = text("LOCK TABLE areas IN SHARE ROW EXCLUSIVE MODE")
"""Keeps other loads out until the transaction ends; who reads places is not kept waiting."""


def put_area(
    session: Session,
    kind: AreaKind,
    code: str,
    title: str,
    name: str,
    *,
    parent_id: int | None = None,
    district: str | None = None,
    has_coverage: bool | None = None,
) -> int:
    """Make or rename an area and return its id."""
    values = {
        "title": title,
        "name": name,
        "name_key": search_key(name),
        "parent_id": parent_id,
        "district": district,
        "has_coverage": has_coverage,
    }
    note_words(session, [name])
    statement = insert(Area).values(kind=kind, code=code, **values)
    return session.execute(
        statement.on_conflict_do_update(index_elements=["kind", "code"], set_=values).returning(
            Area.id
        )
    ).scalar_one()


@dataclass(frozen=True, slots=True)
class OtherName:
    """A name that leads to an area besides its own, and why."""

    area_id: int
    kind: AliasKind
    name: str
    source: str
    district: str | None = None
    old_code: str | None = None
    until: date | None = None


def put_names(session: Session, names: Iterable[OtherName]) -> None:
    """Let other names lead to areas; one that does already gets its last day if it lacks it."""
    rows = [{**asdict(each), "name_key": search_key(each.name)} for each in names]
    if not rows:
        return
    note_words(session, [row["name"] for row in rows])
    statement = insert(AreaAlias)
    told = statement.excluded.until
    session.execute(
        statement.on_conflict_do_update(
            constraint="uq_area_aliases_area_id_kind_name_district",
            set_={"until": told},
            where=and_(AreaAlias.until.is_(None), told.is_not(None)),
        ),
        rows,
    )


def today(session: Session) -> date:
    """Return the day it is in Vietnam, by the database's clock."""
    now = text("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date")
    day: date = session.execute(now).scalar_one()
    return day


def commune_by_code(session: Session, code: str) -> Area:
    """Return a commune by its official code; raises NoResultFound."""
    found = select(Area).where(Area.kind == AreaKind.COMMUNE, Area.code == code)
    return session.scalars(found).one()
