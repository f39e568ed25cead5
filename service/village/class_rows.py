"""What the rows of a list of classes say, each field checked by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.records.hops import COMMUNE
from service.text.class_moments import parse_moment
from service.text.codes import is_hamlet_code
from service.text.fold import fold, search_key
from service.text.phones import InvalidNumber, Msisdn, parse

from .area_tables import Cells, Fault, Layout, Table, read_table
from .course_rows import whole_number

LAYOUT = Layout(
    required=("course", "at", "hamlet", "place", "seats"),
    optional=("minutes", "teacher", "teacher_phone", "invite", "series", "every", "times"),
    names=frozenset({"place", "teacher", "series"}),
    numbers=frozenset({"teacher_phone"}),
)
EVERY: Mapping[str, timedelta] = {
    **dict.fromkeys(("", "week", "tuan"), timedelta(weeks=1)),
    **dict.fromkeys(("day", "ngay"), timedelta(days=1)),
    **dict.fromkeys(("2 weeks", "2 tuan"), timedelta(weeks=2)),
}
MINUTES, SEATS, TIMES = (15, 720), (1, 500), (1, 30)
ORDINARY_MINUTES = 90
LONGEST_PLACE = 40
BETWEEN_PLACES = re.compile(r"[;,|\s]+")


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of a list; what could not be read is empty, and its fault named in the table."""

    row: int
    course: str
    starts_at: datetime | None
    minutes: int
    area: str
    """What service.village.areas.find_area() takes: a hamlet's code, or xa: and a commune's."""
    place: str
    seats: int
    teacher: str
    teacher_phone: Msisdn | None
    invited: tuple[str, ...]
    series: str
    every: timedelta
    times: int

    @property
    def ends_at(self) -> datetime | None:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes) if self.starts_at else None

    def evenings(self) -> list[ClassRow]:
        """Return the single classes of a row: one, or as many as its series has."""
        if self.starts_at is None:
            return [self]
        return [replace(self, starts_at=self.starts_at + n * self.every) for n in range(self.times)]


def read_classes(data: bytes, countries: frozenset[str]) -> tuple[list[ClassRow], list[Fault]]:
    """Read a list of classes; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUT)
    return [_class(cells, table, countries) for cells in table.rows], table.faults


def _class(cells: Cells, table: Table, countries: frozenset[str]) -> ClassRow:
    for column in LAYOUT.required:
        if not cells[column]:
            table.faults.append(Fault(cells.row, column, "is missing"))
    if place_fault := house_fault(cells["place"]):
        table.faults.append(Fault(cells.row, "place", place_fault))
    every = EVERY.get(search_key(cells["every"]))
    if every is None:
        reason = f"{cells['every']!r} is none of day (ngày), week (tuần) or 2 weeks (2 tuần)"
        table.faults.append(Fault(cells.row, "every", reason))
    invited = filter(None, BETWEEN_PLACES.split(cells["invite"]))
    return ClassRow(
        row=cells.row,
        course=cells["course"].lower(),
        starts_at=_moment(cells, table),
        minutes=whole_number(cells, "minutes", table, MINUTES, ORDINARY_MINUTES),
        area=_area(cells, "hamlet", cells["hamlet"], table),
        place=cells["place"],
        seats=whole_number(cells, "seats", table, SEATS, 0),
        teacher=cells["teacher"],
        teacher_phone=phone_in(cells, "teacher_phone", table, countries),
        invited=tuple(dict.fromkeys(_area(cells, "invite", code, table) for code in invited)),
        series=cells["series"],
        every=every or EVERY[""],
        times=whole_number(cells, "times", table, TIMES, 1),
    )


def house_fault(place: str) -> str:
    """Return what is wrong with the house a class is held in, "" when nothing is."""
    if len(place) > LONGEST_PLACE:
        return f"has {len(place)} letters; at most {LONGEST_PLACE} are taken"
    if place and not any(map(str.isalnum, fold(place).text)):
        return "has no letter"
    return ""


def phone_in(cells: Cells, column: str, table: Table, countries: frozenset[str]) -> Msisdn | None:
    """Return the number in a column that may be empty; None, and a fault, when it is none."""
    if not cells[column]:
        return None
    try:
        return parse(cells[column], countries=countries)
    except InvalidNumber as fault:
        table.faults.append(Fault(cells.row, column, str(fault)))
        return None


def area_fault(code: str) -> str:
    """Return what is wrong with a code of a hamlet or, behind xa:, of a commune; "" if nothing."""
    digits = code.removeprefix(COMMUNE)
    if not re.fullmatch(r"[0-9]{5}", digits):
        dropped = "a spreadsheet may have dropped zeros in front"
        return f"{code!r} is no code: five digits of a hamlet, or {COMMUNE}01654; {dropped}"
    if code == digits and not is_hamlet_code(code):
        return f"{code!r} has a wrong check digit; a commune is written {COMMUNE}{code}"
    return ""


def _area(cells: Cells, column: str, code: str, table: Table) -> str:
    code = code.lower()
    if code and (reason := area_fault(code)):
        table.faults.append(Fault(cells.row, column, reason))
        return ""
    return code


def _moment(cells: Cells, table: Table) -> datetime | None:
    if not cells["at"]:
        return None
    try:
        return parse_moment(cells["at"])
    except ValueError as fault:
        table.faults.append(Fault(cells.row, "at", str(fault)))
        return None
