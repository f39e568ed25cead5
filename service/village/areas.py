"""Finding a hamlet: by its code, or district by district as people still think of them."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from service.dialogue.model import Option
from service.records.areas import Area, AreaKind
from service.records.hops import COMMUNE
from service.text.fold import fold

LABEL = 24
"""Characters of a name in a list on a phone."""


def handle(area: Area) -> str:
    """Return what names an area between two hops: a hamlet's code, or COMMUNE and a commune's.

    Bare digits would not do: eleven communes' official codes also pass for hamlet codes of ours.
    """
    return f"{COMMUNE}{area.code}" if area.kind == AreaKind.COMMUNE else area.code


def find_area(session: Session, name: str) -> Area | None:
    """Return the hamlet or commune that `handle` named; bare digits are always a hamlet's."""
    is_commune = name.startswith(COMMUNE)
    found = select(Area).where(
        Area.kind == (AreaKind.COMMUNE if is_commune else AreaKind.HAMLET),
        Area.code == name.removeprefix(COMMUNE),
        Area.active,
    )
    return session.scalars(found).one_or_none()


def area_by_id(session: Session, area_id: int) -> Area:
    """Return an area that is known to exist."""
    area = session.get(Area, area_id)
    assert area is not None
    return area


def commune_of(session: Session, area: Area) -> Area:
    """Return the commune an area lies in, itself when it is one."""
    if area.kind == AreaKind.HAMLET and area.parent_id is not None:
        return area_by_id(session, area.parent_id)
    return area


def shown_name(area: Area) -> str:
    """Return an area's name as people say it: "xom Coc Phia", "xa Hoa An"."""
    return said(area.title, area.name)


@lru_cache(maxsize=4096)
def said(title: str, name: str) -> str:
    """Return a title and a name as one says them, without marks; empty when there is no name."""
    return fold(f"{title[:1].lower()}{title[1:]} {name}").text if name else ""


def districts(session: Session) -> list[Option]:
    """List the districts of before July 2025, in the order of their official codes."""
    first = func.min(Area.code)
    rows = session.execute(
        select(Area.district)
        .where(Area.kind == AreaKind.COMMUNE, Area.active, Area.district.is_not(None))
        .group_by(Area.district)
        .order_by(first)
    ).scalars()
    return [Option(name, _short_district(name)) for name in rows if name]


def communes(session: Session, district: str) -> list[Option]:
    """List the communes that lie where that district was."""
    rows = session.scalars(
        select(Area)
        .where(Area.kind == AreaKind.COMMUNE, Area.active, Area.district == district)
        .order_by(Area.code)
    )
    return [Option(area.code, fold(area.name).text[:LABEL]) for area in rows]


def hamlets(session: Session, commune_code: str) -> list[Option]:
    """List the hamlets of a commune; the commune itself where no hamlets are loaded yet."""
    commune = aliased(Area)
    rows = session.scalars(
        select(Area)
        .join(commune, Area.parent_id == commune.id)
        .where(Area.kind == AreaKind.HAMLET, Area.active, commune.code == commune_code)
        .order_by(Area.name_key, Area.code)
    ).all()
    if not rows and (whole := find_area(session, f"{COMMUNE}{commune_code}")) is not None:
        return [Option(handle(whole), shown_name(whole)[:LABEL])]
    return [Option(area.code, fold(area.name).text[:LABEL]) for area in rows]


def _short_district(name: str) -> str:
    plain = fold(name).text
    return plain.replace("Thanh pho ", "TP ").removeprefix("Huyen ")[:LABEL]
