"""Places as phones list them: district by district as people still think of them, and by code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from service.dialogue.model import Option
from service.records.areas import Area, AreaAlias, AreaKind
from service.records.hops import COMMUNE
from service.text.fold import fold

from .place_labels import listed_name, short_district, told_apart
from .sightings import in_order


def handle(area: Area) -> str:
    """Return what names an area between two hops: a hamlet's code, or COMMUNE and a commune's.

    Bare digits would not do: eleven communes' official codes also pass for hamlet codes of ours.
    """
    return f"{COMMUNE}{area.code}" if area.kind == AreaKind.COMMUNE else area.code


def find_area(session: Session, name: str, *, retired: bool = False) -> Area | None:
    """Return the hamlet or commune that `handle` named; bare digits are always a hamlet's.

    With `retired` also one that is no more: for somebody who chose it while it was.
    """
    is_commune = name.startswith(COMMUNE)
    found = select(Area).where(
        Area.kind == (AreaKind.COMMUNE if is_commune else AreaKind.HAMLET),
        Area.code == name.removeprefix(COMMUNE),
    )
    if not retired:
        found = found.where(Area.active)
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


def provinces(session: Session) -> list[Option]:
    """List the provinces that have communes, by name."""
    commune = aliased(Area)
    has_any = exists().where(commune.parent_id == Area.id, commune.active)
    rows = session.scalars(
        select(Area).where(Area.kind == AreaKind.PROVINCE, Area.active, has_any)
    ).all()
    rows = sorted(rows, key=lambda area: in_order(area.name))
    return [Option(area.code, fold(area.name).text) for area in rows]


def districts(session: Session, province: str = "") -> list[Option]:
    """List the districts of before July 2025, of one province or of all there are.

    In the order of their official codes, which is that of their communes' lowest. Communes of
    which no district is known come under their province's name, behind all districts.
    """
    parent = aliased(Area)
    rows = session.execute(
        select(parent.code, parent.name, Area.district)
        .join(parent, parent.id == Area.parent_id)
        .where(Area.kind == AreaKind.COMMUNE, Area.active)
        .where(parent.code == province if province else true())
        .group_by(parent.code, parent.name, Area.district)
        .order_by(Area.district.is_(None), func.min(Area.code))
    )
    return [
        Option(f"{code}/{name or ''}", short_district(name) if name else fold(province_name).text)
        for code, province_name, name in rows
    ]


def communes(session: Session, district: str) -> list[Option]:
    """List the communes that lie where a district was ("04/Huyện Hòa An"), or have a part of it.

    Those that took its place come first: who looks for them need not leaf. "04/" stands for those
    of which no district is known.
    """
    province, _, name = district.partition("/")
    parent = aliased(Area)
    has_part = exists().where(AreaAlias.area_id == Area.id, AreaAlias.district == name)
    took_its_place = Area.district == name if name else Area.district.is_(None)
    rows = session.scalars(
        select(Area)
        .join(parent, parent.id == Area.parent_id)
        .where(Area.kind == AreaKind.COMMUNE, Area.active, parent.code == province)
        .where(or_(took_its_place, has_part))
        .order_by(took_its_place.is_not(true()), Area.code)
    )
    return [Option(area.code, fold(area.name).text) for area in rows]


def hamlets(session: Session, commune_code: str) -> list[Option]:
    """List the hamlets of a commune; the commune itself where no hamlets are loaded yet."""
    commune = aliased(Area)
    rows = session.scalars(
        select(Area)
        .join(commune, Area.parent_id == commune.id)
        .where(Area.kind == AreaKind.HAMLET, Area.active, commune.code == commune_code)
    ).all()
    if not rows and (whole := find_area(session, f"{COMMUNE}{commune_code}")) is not None:
        return [Option(handle(whole), shown_name(whole))]
    rows = sorted(rows, key=lambda area: (in_order(area.name), area.code))
    return told_apart([Option(area.code, listed_name(area.title, area.name)) for area in rows])


def hamlets_with_codes(session: Session, codes: Sequence[str]) -> list[tuple[Area, Area]]:
    """Return the hamlets that have these codes, each with its commune, in the order of codes."""
    commune = aliased(Area)
    rows = session.execute(
        select(Area, commune)
        .join(commune, commune.id == Area.parent_id)
        .where(Area.kind == AreaKind.HAMLET, Area.active, Area.code.in_(codes))
        .order_by(Area.code)
    )
    return [(hamlet, lies_in) for hamlet, lies_in in rows]
