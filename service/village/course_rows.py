"""What the rows of a list of courses say, each field checked by itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from service.records.trainings import Audience
from service.text.fold import search_key

from .area_tables import Cells, Fault, Layout, Table, read_table

LAYOUT = Layout(
    required=("code", "title", "topic"),
    optional=("audience", "language", "bring", "guide", "needed", "certificate", "offered"),
    names=frozenset({"title", "bring"}),
)
AUDIENCES: Mapping[str, Audience] = {
    **dict.fromkeys(("", "villagers", "ba con", "moi nguoi"), Audience.VILLAGERS),
    **dict.fromkeys(("members", "thanh vien", "to"), Audience.MEMBERS),
}
YES_OR_NO: Mapping[str, bool] = {
    **dict.fromkeys(("", "yes", "co", "1"), True),
    **dict.fromkeys(("no", "khong", "0"), False),
}
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
CERTIFICATE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,7}")
MOST_NEEDED = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What a course may name: topics, guides and the languages spoken here."""

    topics: Collection[str]
    guides: Collection[str]
    languages: Collection[str]


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course of a list; what could not be read has its fault named in the table."""

    row: int
    code: str
    title: str
    topic: str
    audience: Audience
    language: str
    bring: str
    guide: str | None
    needed: int
    certificate: str | None
    is_offered: bool

    @property
    def fields(self) -> dict[str, Any]:
        """What of it is kept, by the names of the columns of `courses`."""
        return {name: value for name, value in asdict(self).items() if name != "row"}


def read_courses(data: bytes, known: Known) -> tuple[list[CourseRow], list[Fault]]:
    """Read a list of courses; raise ListRefused when it is no such table."""
    table = read_table(data, LAYOUT)
    return [_course(cells, table, known) for cells in table.rows], table.faults


def _course(cells: Cells, table: Table, known: Known) -> CourseRow:
    def fault(column: str, reason: str) -> None:
        table.faults.append(Fault(cells.row, column, reason))

    for column in LAYOUT.required:
        if not cells[column]:
            fault(column, "is missing")
    code, certificate = cells["code"].lower(), cells["certificate"].upper()
    if code and not CODE.fullmatch(code):
        fault("code", f"{code!r} is none: letters without marks, digits and -, at most 20")
    if certificate and not CERTIFICATE.fullmatch(certificate):
        fault("certificate", f"{certificate!r} is none: letters, digits and -, at most 8")
    for column, names in (("topic", known.topics), ("guide", known.guides)):
        if cells[column] and cells[column] not in names:
            fault(column, f"{cells[column]!r} is none of {', '.join(sorted(names))}")
    language = cells["language"] or "vi"
    if language not in known.languages:
        fault("language", f"{language!r} is none of {', '.join(sorted(known.languages))}")
    audience = AUDIENCES.get(search_key(cells["audience"]))
    if audience is None:
        fault("audience", f"{cells['audience']!r} is neither villagers (bà con) nor members (tổ)")
    is_offered = YES_OR_NO.get(search_key(cells["offered"]))
    if is_offered is None:
        fault("offered", f"{cells['offered']!r} is neither yes (có) nor no (không)")
    return CourseRow(
        row=cells.row,
        code=code,
        title=cells["title"],
        topic=cells["topic"],
        audience=audience or Audience.VILLAGERS,
        language=language,
        bring=cells["bring"],
        guide=cells["guide"] or None,
        needed=whole_number(cells, "needed", table, (1, MOST_NEEDED), 1),
        certificate=certificate or None,
        is_offered=is_offered is not False,
    )


def whole_number(
    cells: Cells, column: str, table: Table, between: tuple[int, int], without: int
) -> int:
    """Return the whole number in a column, `without` where there is none or its fault is named."""
    written, (least, most) = cells[column], between
    if not written:
        return without
    if not re.fullmatch(r"[0-9]{1,4}", written) or not least <= int(written) <= most:
        reason = f"{written!r} is no whole number from {least} to {most}"
        table.faults.append(Fault(cells.row, column, reason))
        return without
    return int(written)
