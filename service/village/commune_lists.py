"""Loads lists of communes, and of the names communes and districts had before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.records.areas import AliasKind, Area, AreaAlias, AreaKind
from service.text.fold import search_key

from .area_changes import Change, Plan, What, doubles, in_rows
from .area_keeping import ONE_AT_A_TIME, OtherName, put_area, put_names, today
from .area_rows import CommuneRow, OldNameRow, Province, read_communes, read_old_names
from .area_tables import Fault
from .titles import Level, split_title


def load_communes(
    session: Session, data: bytes, province: Province, *, source: str, dry_run: bool = False
) -> Plan:
    """Load the communes of a province, all of them or, with a fault or `dry_run`, nothing.

    A commune that is not in the list any more is reported as gone and stays: people live there.
    Raises ListRefused for what is no such table; any other fault is in the plan that is returned.
    """
    rows, faults = read_communes(data)
    session.execute(ONE_AT_A_TIME)
    found = session.scalars(select(Area).where(Area.kind == AreaKind.PROVINCE))
    parents = {area.id: area.code for area in found}
    known = {
        area.code: area
        for area in session.scalars(select(Area).where(Area.kind == AreaKind.COMMUNE))
    }
    faults += doubles([(row.row, row.code) for row in rows], "code")
    named = [(r.row, f"{r.title} {r.name} in {r.district or province.name}") for r in rows]
    faults += doubles(named, "name")
    for row in rows:
        if row.code in known and parents.get(known[row.code].parent_id or 0) != province.code:
            faults.append(Fault(row.row, "code", f"{row.code} lies in another province"))
    listed = {row.code for row in rows}
    gone = [
        area
        for area in known.values()
        if area.active
        and parents.get(area.parent_id or 0) == province.code
        and area.code not in listed
    ]
    changes = [_commune_change(row, known.get(row.code)) for row in rows]
    changes += [Change(What.GONE, a.code, f"{a.title} {a.name}") for a in gone]
    plan = Plan(changes, in_rows(faults))
    if not (plan.faults or dry_run):
        _put_communes(session, rows, known, province, source)
    return plan


def load_old_names(session: Session, data: bytes, *, source: str, dry_run: bool = False) -> Plan:
    """Load old names of communes and districts, all or, with a fault or `dry_run`, nothing.

    Raises ListRefused for what is no such table; any other fault is in the plan that is returned.
    """
    rows, faults = read_old_names(data)
    session.execute(ONE_AT_A_TIME)
    communes = {
        area.code: area
        for area in session.scalars(select(Area).where(Area.kind == AreaKind.COMMUNE, Area.active))
    }
    faults += _old_name_faults(rows, communes)
    plan = Plan(faults=in_rows(faults))
    if plan.faults:
        return plan
    plan.changes = list(_old_name_changes(session, rows, communes))
    if not dry_run:
        put_names(session, _old_names(rows, communes, source))
    return plan


def _commune_change(row: CommuneRow, known: Area | None) -> Change:
    place = f"{row.title} {row.name}"
    if known is None:
        return Change(What.NEW, row.code, place)
    before = f"{known.title} {known.name}"
    if before != place:
        return Change(What.RENAMED, row.code, place, before)
    same = known.district == (row.district or known.district)
    return Change(What.UNCHANGED if same else What.CHANGED, row.code, place)


def _put_communes(
    session: Session,
    rows: Sequence[CommuneRow],
    known: Mapping[str, Area],
    province: Province,
    source: str,
) -> None:
    day = today(session)
    parent_id = put_area(session, AreaKind.PROVINCE, province.code, province.title, province.name)
    names = []
    for row in rows:
        before = known.get(row.code)
        if before is not None and before.name != row.name:
            names.append(OtherName(before.id, AliasKind.OLD_NAME, before.name, source, until=day))
        area_id = put_area(
            session,
            AreaKind.COMMUNE,
            row.code,
            row.title,
            row.name,
            parent_id=parent_id,
            district=row.district or (before.district if before else None),
        )
        if row.district:
            names.append(_district(area_id, row.district, source))
    put_names(session, names)


def _old_name_faults(rows: Sequence[OldNameRow], communes: Mapping[str, Area]) -> Iterator[Fault]:
    for row in rows:
        commune = communes.get(row.new_code)
        if commune is None:
            if row.new_code:
                yield Fault(row.row, "new_code", f"there is no commune {row.new_code}")
        elif row.new_name:
            name = split_title(row.new_name, Level.COMMUNE)[1]
            if search_key(name) != commune.name_key:
                reason = f"{row.new_code} is {commune.title} {commune.name}"
                yield Fault(row.row, "new_name", reason)
    names = [
        (row.row, f"{row.title} {row.name} in {row.district} for {row.new_code}") for row in rows
    ]
    yield from doubles(names, "old_name")


def _old_name_changes(
    session: Session, rows: Sequence[OldNameRow], communes: Mapping[str, Area]
) -> Iterator[Change]:
    there = {
        (alias.area_id, alias.kind, alias.name, alias.district or ""): alias
        for alias in session.scalars(select(AreaAlias))
    }
    listed: set[tuple[int, str, str, str]] = set()
    about: set[tuple[int, str]] = set()
    for row in rows:
        commune = communes[row.new_code]
        key = (commune.id, _kind(row).value, row.name, row.district)
        listed.add(key)
        about.add(key[:2])
        what = What.UNCHANGED if key in there else What.NEW
        place = f"{row.title} {row.name}, {row.district}: {commune.title} {commune.name}"
        yield Change(what, row.old_code, place)
    for key, alias in there.items():
        if key not in listed and key[:2] in about and alias.kind == AliasKind.OLD_COMMUNE:
            yield Change(What.GONE, alias.old_code or "", f"{alias.name}, {alias.district}")


def _old_names(
    rows: Sequence[OldNameRow], communes: Mapping[str, Area], source: str
) -> Iterator[OtherName]:
    for row in rows:
        area_id, origin = communes[row.new_code].id, row.source or source
        yield OtherName(
            area_id,
            _kind(row),
            row.name,
            origin,
            district=row.district or None,
            old_code=row.old_code or None,
        )
        if row.level is Level.COMMUNE and row.district:
            yield _district(area_id, row.district, origin)


def _district(area_id: int, district: str, source: str) -> OtherName:
    """Let a former district's name lead to a commune that got a part of it."""
    name = split_title(district, Level.DISTRICT)[1]
    return OtherName(area_id, AliasKind.OLD_DISTRICT, name, source, district=district)


def _kind(row: OldNameRow) -> AliasKind:
    return AliasKind.OLD_DISTRICT if row.level is Level.DISTRICT else AliasKind.OLD_COMMUNE
