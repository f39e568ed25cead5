"""What the rows of a list of places say, each field checked by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from service.text.codes import hamlet_code, is_hamlet_code

from .area_tables import Cells, Fault, Layout, Table, name_fault, read_table
from .titles import TITLES, Level, known_title, split_title

ListName = Literal["communes", "old-names", "hamlets"]
LAYOUTS: Mapping[ListName, Layout] = {
    "communes": Layout(
        required=("code", "type", "name"),
        optional=("main_old_district", "name_folded", "area_km2", "merged_from"),
        names=frozenset({"name", "main_old_district"}),
    ),
    "old-names": Layout(
        required=("old_name", "new_code"),
        optional=("old_code", "old_district", "new_name", "source"),
        names=frozenset({"old_name", "old_district", "new_name"}),
    ),
    "hamlets": Layout(
        required=("title", "name", "commune_code"),
        optional=("code", "sequence", "former_names", "coverage", "source"),
        names=frozenset({"name"}),
    ),
}
"""The columns of each list; name_folded, area_km2 and merged_from are for the reader only."""
OFFICIAL_CODE = re.compile(r"[0-9]{5}")
PROVINCE_CODE = re.compile(r"[0-9]{2}")
SEQUENCE = re.compile(r"0*[1-9][0-9]{0,3}")
FORMER = re.compile(r"(?P<name>[^()]+?)(?: \((?P<until>[^()]*)\))?")
COVERAGE = {
    **dict.fromkeys(("yes", "có", "co", "1"), True),
    **dict.fromkeys(("no", "không", "khong", "0"), False),
    "": None,
}


@dataclass(frozen=True, slots=True)
class Province:
    """A province: its official two digits, its title and its name."""

    code: str
    title: str
    name: str


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """A commune of today, and the former district most of it lay in ("" where nobody said)."""

    row: int
    code: str
    title: str
    name: str
    district: str


@dataclass(frozen=True, slots=True)
class OldNameRow:
    """A commune or district that is no more, and the commune it became or became a part of."""

    row: int
    level: Level
    title: str
    name: str
    old_code: str
    district: str
    """Title and name of the district it lay in, or of itself when it was one."""
    new_code: str
    new_name: str
    source: str


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name a hamlet had, and until when if the list says so."""

    name: str
    until: date | None


@dataclass(frozen=True, slots=True)
class HamletRow:
    """A hamlet; `code` is "" where the list has neither code nor sequence number."""

    row: int
    code: str
    title: str
    name: str
    commune_code: str
    former: tuple[FormerName, ...]
    coverage: bool | None
    source: str


def named_province(code: str, written: str) -> Province:
    """Make a province of its code and "Tỉnh Cao Bằng"; raise ValueError saying what is wrong."""
    if not PROVINCE_CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not the two digits of a province")
    title, name = split_title(unicodedata.normalize("NFC", written), Level.PROVINCE)
    if not title:
        raise ValueError(f"{written!r} does not begin with {' or '.join(TITLES[Level.PROVINCE])}")
    if reason := name_fault(name):
        raise ValueError(f"{written!r}: {reason}")
    return Province(code, title, name)


def read_communes(data: bytes) -> tuple[list[CommuneRow], list[Fault]]:
    """Read a list of communes; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUTS["communes"])
    return [_commune(cells, table) for cells in table.rows], table.faults


def read_old_names(data: bytes) -> tuple[list[OldNameRow], list[Fault]]:
    """Read a list of old names; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUTS["old-names"])
    return [_old_name(cells, table) for cells in table.rows], table.faults


def read_hamlets(data: bytes) -> tuple[list[HamletRow], list[Fault]]:
    """Read a list of hamlets; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUTS["hamlets"])
    return [_hamlet(cells, table) for cells in table.rows], table.faults


def _commune(cells: Cells, table: Table) -> CommuneRow:
    title = _title(cells, "type", Level.COMMUNE, table)
    name = split_title(cells["name"], Level.COMMUNE)[1]
    table.faults += _name_faults(cells.row, "name", name)
    table.faults += _code_faults(cells, "code")
    district = cells["main_old_district"]
    if district and not split_title(district, Level.DISTRICT)[0]:
        table.faults.append(_no_title(cells.row, "main_old_district", district, Level.DISTRICT))
    return CommuneRow(cells.row, cells["code"], title, name, district)


def _old_name(cells: Cells, table: Table) -> OldNameRow:
    written, district, level = cells["old_name"], cells["old_district"], Level.COMMUNE
    title, name = split_title(written, level)
    if not title:
        level = Level.DISTRICT
        title, name = split_title(written, level)
        district = written
    if not title:
        table.faults.append(_no_title(cells.row, "old_name", written, Level.COMMUNE))
    elif level is Level.COMMUNE and district and not split_title(district, Level.DISTRICT)[0]:
        table.faults.append(_no_title(cells.row, "old_district", district, Level.DISTRICT))
    table.faults += _name_faults(cells.row, "old_name", name)
    table.faults += _code_faults(cells, "new_code")
    if cells["old_code"]:
        table.faults += _code_faults(cells, "old_code")
    return OldNameRow(
        row=cells.row,
        level=level,
        title=title,
        name=name,
        old_code=cells["old_code"],
        district=district,
        new_code=cells["new_code"],
        new_name=cells["new_name"],
        source=cells["source"],
    )


def _hamlet(cells: Cells, table: Table) -> HamletRow:
    title = _title(cells, "title", Level.HAMLET, table)
    name = _without(title, cells["name"])
    table.faults += _name_faults(cells.row, "name", name)
    table.faults += _code_faults(cells, "commune_code")
    if cells["coverage"].lower() not in COVERAGE:
        table.faults.append(Fault(cells.row, "coverage", "should be yes, no or empty"))
    return HamletRow(
        row=cells.row,
        code=_hamlet_code(cells, table),
        title=title,
        name=name,
        commune_code=cells["commune_code"],
        former=tuple(_former(cells, title, table)),
        coverage=COVERAGE.get(cells["coverage"].lower()),
        source=cells["source"],
    )


def _without(title: str, name: str) -> str:
    """Take its own title off a hamlet's name; another may be part of it, as in Bản Giốc."""
    before, rest = split_title(name, Level.HAMLET)
    return rest if before and before == title else name


def _title(cells: Cells, column: str, level: Level, table: Table) -> str:
    title = known_title(cells[column], level)
    if title is None:
        table.faults.append(_no_title(cells.row, column, cells[column], level))
    return title or ""


def _no_title(row: int, column: str, text: str, level: Level) -> Fault:
    known = ", ".join(TITLES[level])
    return Fault(row, column, f"{text!r} has no title we know ({known})" if text else "is missing")


def _name_faults(row: int, column: str, name: str) -> Iterator[Fault]:
    if not any(sign.isalnum() for sign in name):
        yield Fault(row, column, "has no letter" if name else "is missing")


def _code_faults(cells: Cells, column: str) -> Iterator[Fault]:
    code = cells[column]
    if not code:
        yield Fault(cells.row, column, "is missing")
    elif not OFFICIAL_CODE.fullmatch(code):
        hint = "; a spreadsheet may have dropped zeros in front" if code.isdecimal() else ""
        yield Fault(cells.row, column, f"{code!r} is not five digits{hint}")


def _hamlet_code(cells: Cells, table: Table) -> str:
    """Return the code of a hamlet from either column, "" when both are empty or wrong."""
    code, sequence = cells["code"], cells["sequence"]
    if sequence and not SEQUENCE.fullmatch(sequence):
        table.faults.append(Fault(cells.row, "sequence", f"{sequence!r} is not within 1 and 9999"))
        sequence = ""
    from_sequence = hamlet_code(int(sequence)) if sequence else ""
    if code and not is_hamlet_code(code):
        reason = (
            "has a wrong check digit" if OFFICIAL_CODE.fullmatch(code) else "is not five digits"
        )
        table.faults.append(Fault(cells.row, "code", f"{code!r} {reason}"))
        return ""
    if code and from_sequence and code != from_sequence:
        table.faults.append(
            Fault(cells.row, "sequence", f"{sequence} has the code {from_sequence}")
        )
    return code or from_sequence


def _former(cells: Cells, title: str, table: Table) -> Iterator[FormerName]:
    """Yield the former names of a cell, "Nà Cũ (15/01/2026) | Nà Xưa", up to the first fault.

    One fault is told of each cell; others would only take room, and a cell may hold hundreds.
    """
    for part in filter(None, map(str.strip, cells["former_names"].split("|"))):
        found = FORMER.fullmatch(part)
        until = _date(found["until"]) if found and found["until"] else None
        if found is None or (found["until"] is not None and until is None):
            reason = f"{part!r} is not like Nà Cũ (15/01/2026) | Nà Xưa"
            table.faults.append(Fault(cells.row, "former_names", reason))
            return
        name = _without(title, found["name"])
        faults = [*_name_faults(cells.row, "former_names", name)]
        if reason := name_fault(name):
            faults.append(Fault(cells.row, "former_names", reason))
        if faults:
            table.faults += faults
            return
        yield FormerName(name, until)


def _date(text: str) -> date | None:
    """Read a day as 15/01/2026 or 2026-01-15."""
    day_first = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
    if day_first:
        text = f"{day_first[3]}-{day_first[2]:0>2}-{day_first[1]:0>2}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
