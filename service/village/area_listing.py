"""The places as clerks see them: with their marks, codes and former names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from service.records.areas import AliasKind, Area, AreaAlias, AreaKind

from .sightings import in_order

COVERAGE = {True: "", False: ", no coverage", None: ""}


def commune_lines(session: Session) -> Iterator[str]:
    """Yield a line for each commune, in the order of their codes."""
    hamlet = aliased(Area)
    many = (
        select(func.count())
        .where(hamlet.parent_id == Area.id, hamlet.kind == AreaKind.HAMLET, hamlet.active)
        .scalar_subquery()
    )
    province = aliased(Area)
    rows = session.execute(
        select(Area, province.name, many)
        .join(province, province.id == Area.parent_id)
        .where(Area.kind == AreaKind.COMMUNE, Area.active)
        .order_by(Area.code)
    )
    for commune, province_name, hamlets in rows:
        district = f"{commune.district}, " if commune.district else ""
        yield (
            f"{commune.code} {commune.title} {commune.name} "
            f"({district}{province_name}): {hamlets} hamlets"
        )


def hamlet_lines(session: Session, commune_code: str) -> Iterator[str]:
    """Yield a line for each hamlet of a commune, by name, inactive ones too."""
    for hamlet, _ in _hamlets(session, commune_code, active_only=False):
        told = "" if hamlet.active else ", retired"
        yield (
            f"{hamlet.code} {hamlet.title} {hamlet.name}"
            f"{COVERAGE[hamlet.has_coverage]}{told}{_former(session, hamlet)}"
        )


def cards_of(session: Session, commune_code: str) -> Sequence[tuple[str, str, str]]:
    """Return code, hamlet and commune, written in full, for each hamlet of a commune."""
    return [
        (hamlet.code, f"{hamlet.title} {hamlet.name}", f"{commune.title} {commune.name}")
        for hamlet, commune in _hamlets(session, commune_code, active_only=True)
    ]


def _hamlets(
    session: Session, commune_code: str, *, active_only: bool
) -> Sequence[tuple[Area, Area]]:
    commune = aliased(Area)
    found = session.execute(
        select(Area, commune)
        .join(commune, commune.id == Area.parent_id)
        .where(Area.kind == AreaKind.HAMLET, commune.code == commune_code)
    )
    kept = [(hamlet, lies_in) for hamlet, lies_in in found if hamlet.active or not active_only]
    return sorted(kept, key=lambda pair: (in_order(pair[0].name), pair[0].code))


def _former(session: Session, hamlet: Area) -> str:
    aliases = session.scalars(
        select(AreaAlias)
        .where(AreaAlias.area_id == hamlet.id, AreaAlias.kind == AliasKind.OLD_NAME)
        .order_by(AreaAlias.until, AreaAlias.name)
    )
    told = [
        f"{alias.name} until {alias.until:%d/%m/%Y}" if alias.until else alias.name
        for alias in aliases
    ]
    return f" (formerly {'; '.join(told)})" if told else ""
