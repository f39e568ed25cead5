"""What the rows of a list of teams say, each field checked by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from service.records.teams import Level, Role
from service.text.codes import is_hamlet_code
from service.text.fold import fold, search_key
from service.text.phones import InvalidNumber, Msisdn, parse
from service.text.waking import Hours

from .area_tables import Cells, Fault, Layout, Table, read_table

LAYOUT = Layout(
    required=("team", "level", "serves", "role", "name", "phone"),
    optional=("neighbour", "hamlet", "hours"),
    names=frozenset({"team", "name", "neighbour"}),
    numbers=frozenset({"phone"}),
)
LEVELS: Mapping[str, Level] = {
    **dict.fromkeys(("hamlet", "xom", "thon", "ban", "to dan pho"), Level.HAMLET),
    **dict.fromkeys(("commune", "xa", "phuong"), Level.COMMUNE),
    **dict.fromkeys(("province", "tinh"), Level.PROVINCE),
}
ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("leader", "to truong"), Role.LEADER),
    **dict.fromkeys(("deputy", "to pho"), Role.DEPUTY),
    **dict.fromkeys(("member", "thanh vien", "to vien"), Role.MEMBER),
    **dict.fromkeys(("helper", "nguoi giup"), Role.HELPER),
    **dict.fromkeys(("duty", "truc"), Role.DUTY),
}
SHOWN_LEVELS = "hamlet (xóm), commune (xã) or province (tỉnh)"
SHOWN_ROLES = (
    "leader (tổ trưởng), deputy (tổ phó), member (thành viên), helper (người giúp) or duty (trực)"
)
BETWEEN_PLACES = re.compile(r"[;,|\s]+")
FIVE = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a team; level, serves and neighbour may be empty where an earlier row has them.

    What could not be read is None or "": its fault is named.
    """

    row: int
    team: str
    level: Level | None
    serves: tuple[str, ...]
    neighbour: str
    role: Role | None
    name: str
    phone: Msisdn | None
    hamlet: str
    hours: Hours | None

    @property
    def key(self) -> str:
        """What teams are compared by."""
        return team_key(self.team)


def team_key(name: str) -> str:
    """Return a team's name as it is compared: without marks, capitals and signs."""
    return search_key(name)


def read_members(data: bytes, countries: frozenset[str]) -> tuple[list[MemberRow], list[Fault]]:
    """Read a list of teams; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUT)
    return [_member(cells, table, countries) for cells in table.rows], table.faults


def _member(cells: Cells, table: Table, countries: frozenset[str]) -> MemberRow:
    for column in ("team", "name"):
        if not cells[column]:
            table.faults.append(Fault(cells.row, column, "is missing"))
        elif not any(map(str.isalnum, fold(cells[column]).text)):
            table.faults.append(Fault(cells.row, column, "has no letter"))
    level = LEVELS.get(search_key(cells["level"]))
    if cells["level"] and level is None:
        reason = f"{cells['level']!r} is none of {SHOWN_LEVELS}"
        table.faults.append(Fault(cells.row, "level", reason))
    role = ROLES.get(search_key(cells["role"]))
    if role is None:
        reason = f"{cells['role']!r} is none of {SHOWN_ROLES}" if cells["role"] else "is missing"
        table.faults.append(Fault(cells.row, "role", reason))
    hamlet = cells["hamlet"]
    if hamlet and (reason := hamlet_code_fault(hamlet)):
        table.faults.append(Fault(cells.row, "hamlet", reason))
    return MemberRow(
        row=cells.row,
        team=cells["team"],
        level=level,
        serves=tuple(dict.fromkeys(filter(None, BETWEEN_PLACES.split(cells["serves"])))),
        neighbour=cells["neighbour"],
        role=role,
        name=cells["name"],
        phone=number_in(cells, table, countries),
        hamlet=hamlet,
        hours=_hours(cells, table),
    )


def number_in(cells: Cells, table: Table, countries: frozenset[str]) -> Msisdn | None:
    """Return the number in the column `phone`; None, and a fault in the table, when it is none."""
    if not cells["phone"]:
        table.faults.append(Fault(cells.row, "phone", "is missing"))
        return None
    try:
        return parse(cells["phone"], countries=countries)
    except InvalidNumber as fault:
        table.faults.append(Fault(cells.row, "phone", str(fault)))
        return None


def hamlet_code_fault(code: str) -> str:
    """Return what is wrong with a hamlet's code, "" when nothing is."""
    if not FIVE.fullmatch(code):
        return f"{code!r} is not five digits; a spreadsheet may have dropped zeros in front"
    return "" if is_hamlet_code(code) else f"{code!r} has a wrong check digit"


def _hours(cells: Cells, table: Table) -> Hours | None:
    if not cells["hours"]:
        return None
    try:
        return Hours.parse(cells["hours"].replace(" ", ""))
    except ValueError as fault:
        table.faults.append(Fault(cells.row, "hours", str(fault)))
        return None
