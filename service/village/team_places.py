"""The places that a team of a list serves, by their codes."""

from __future__ import annotations

from service.records.areas import Area, AreaKind
from service.records.teams import Level

from .area_tables import Fault
from .team_rows import FIVE, MemberRow, hamlet_code_fault
from .team_standing import Standing


def places_of(row: MemberRow, level: Level, found: Standing, faults: list[Fault]) -> list[Area]:
    """Return the places of a team; what is wrong with their codes is added to the faults."""
    if level is Level.PROVINCE:
        return _provinces(row, found, faults)
    if not row.serves:
        faults.append(Fault(row.row, "serves", "is missing"))
    areas, reasons = [], []
    for code in row.serves:
        area = found.places.get((level, code))
        if area is not None and area.active:
            areas.append(area)
        else:
            reasons.append(_why_not(code, level, area, found))
    if reasons:
        faults.append(Fault(row.row, "serves", "; ".join(reasons)))
    return areas


def _why_not(code: str, level: Level, area: Area | None, found: Standing) -> str:
    if area is not None:
        return f"{code} is retired"
    other = AreaKind.COMMUNE if level is Level.HAMLET else AreaKind.HAMLET
    elsewhere = found.places.get((other, code))
    if elsewhere is not None:
        is_one = f"{code} is {elsewhere.title} {elsewhere.name}, a {other}"
        return f"{is_one}; a {level} team serves {level}s"
    if level is Level.HAMLET:
        return hamlet_code_fault(code) or f"there is no hamlet {code}"
    if not FIVE.fullmatch(code):
        return f"{code!r} is not five digits; a spreadsheet may have dropped zeros in front"
    return f"there is no commune {code}"


def _provinces(row: MemberRow, found: Standing, faults: list[Fault]) -> list[Area]:
    """Return the province a team serves; where there is only one, it need not be named."""
    all_of_them = [area for area in found.by_id.values() if area.kind == AreaKind.PROVINCE]
    if not row.serves and len(all_of_them) == 1:
        return all_of_them
    areas = [area for area in all_of_them if area.code in row.serves]
    unknown = [code for code in row.serves if code not in {area.code for area in areas}]
    if unknown or not areas:
        known = ", ".join(sorted(area.code for area in all_of_them))
        said = f"there is no province {', '.join(unknown)}" if unknown else "is missing"
        faults.append(Fault(row.row, "serves", f"{said}; there are {known}"))
    return areas
