"""Lists as clerks keep them: a CSV file or workbook read into cells, each of them checked.

Spreadsheets write commas or semicolons, a byte order mark or none, letters composed or not; all of
it is taken. What a spreadsheet may have spoilt or would run is refused, naming row and field.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from service.text.fold import fold

from .workbooks import WORKBOOK, NoWorkbook, rows_of

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 50_000
"""Several times the communes of the whole country, old and new, and all numbers of hamlets."""
MOST_COLUMNS: Final = 50
LONGEST_CELL: Final = 2_000
LONGEST_NAME = 60
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes a cell for a formula by (OWASP, CSV injection)."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of what shows nothing: controls, joiners, halves of letters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a list, and where; row 1 is the one that names the columns."""

    row: int
    field: str
    reason: str

    def __str__(self) -> str:
        """The fault on one line."""
        return f"row {self.row}, {self.field}: {self.reason}"


class ListRefused(Exception):
    """A list cannot be loaded; `faults` are the reasons, the first of `count` if not all."""

    def __init__(self, faults: Sequence[Fault], count: int | None = None) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
        self.count = len(self.faults) if count is None else count


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list: those it must have, those it may, and which of them hold names."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    names: frozenset[str]
    numbers: frozenset[str] = frozenset()
    """Those that hold telephone numbers, which may begin with a plus."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns there are."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row: its number in the file, and its cells by column; a cell that is not there is ""."""

    row: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cell of a column."""
        return self.values.get(column, "")


@dataclass(slots=True)
class Table:
    """What could be read of a list, and what is wrong with it."""

    rows: list[Cells] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def bounded(data: bytes, most: int) -> None:
    """Raise ListRefused when a file is bigger than any list of its kind."""
    if len(data) > most:
        reason = f"is too big for such a list; at most {most // 1_000_000} MB are taken"
        raise ListRefused([Fault(1, "file", reason)])


def read_table(data: bytes, layout: Layout) -> Table:
    """Read a CSV file or workbook; raise ListRefused when it is no table of the layout."""
    bounded(data, MOST_BYTES)
    table, columns, number = Table(), None, 0
    try:
        for number, cells in enumerate(_rows(data), start=1):
            if number > MOST_ROWS:
                raise ListRefused([Fault(number, "file", f"has more than {MOST_ROWS} rows")])
            _bound(number, cells)
            if columns is None:
                columns = _columns(cells, layout)
            elif any(cell.strip() for cell in cells):
                table.faults += _cell_faults(number, cells, columns, layout)
                values = dict(zip(columns, map(_clean, cells), strict=False))
                table.rows.append(Cells(number, values))
    except csv.Error as error:
        raise ListRefused([Fault(number + 1, "file", f"is no CSV: {error}")]) from None
    except NoWorkbook as reason:
        raise ListRefused([Fault(1, "file", str(reason))]) from None
    if columns is None:
        raise ListRefused([Fault(1, "file", "is empty")])
    return table


def _rows(data: bytes) -> Iterator[list[str]]:
    """Yield the cells of each row of a file, of whichever kind it is."""
    if data.startswith(WORKBOOK):
        return rows_of(data, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ListRefused([Fault(line, "file", "is not UTF-8; save it as CSV UTF-8")]) from None
    head, _, _ = text.partition("\n")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _bound(row: int, cells: Sequence[str]) -> None:
    """Refuse what no list has: each further look at such a row would take its size in time."""
    if len(cells) > MOST_COLUMNS:
        reason = f"has {len(cells)} cells; at most {MOST_COLUMNS} are taken"
        raise ListRefused([Fault(row, "row", reason)])
    if (longest := max(map(len, cells), default=0)) > LONGEST_CELL:
        reason = f"has a cell of {longest} letters; at most {LONGEST_CELL} are taken"
        raise ListRefused([Fault(row, "row", reason)])


def _columns(cells: Sequence[str], layout: Layout) -> list[str]:
    columns = ["_".join(cell.lower().split()) for cell in cells]
    faults = [Fault(1, name, "is missing") for name in layout.required if name not in columns]
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            faults.append(Fault(1, name or "(no name)", "stands there twice"))
        elif name not in layout.columns:
            known = ", ".join(layout.columns)
            faults.append(Fault(1, name or "(no name)", f"is no column; there are {known}"))
    if faults:
        raise ListRefused(faults)
    return columns


def _cell_faults(
    row: int, cells: Sequence[str], columns: Sequence[str], layout: Layout
) -> Iterator[Fault]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        yield Fault(row, "row", f"has {len(cells)} cells, the head names {len(columns)}")
    for column, cell in zip(columns, cells, strict=False):
        number = cell.strip().removeprefix("+") if column in layout.numbers else cell
        if reason := _cell_fault(number, is_name=column in layout.names):
            yield Fault(row, column, reason)


def _cell_fault(cell: str, *, is_name: bool) -> str:
    """Return what is wrong with a cell, "" when nothing is."""
    unseen = [sign for sign in cell if unicodedata.category(sign) in UNSEEN]
    if unseen:
        return f"holds something that cannot be seen (U+{ord(unseen[0]):04X})"
    clean = _clean(cell)
    if clean.startswith(FORMULA):
        return f"begins with {clean[0]!r}; a spreadsheet would run it"
    return name_fault(clean) if is_name else ""


def name_fault(name: str) -> str:
    """Return why a name cannot be shown on a keypad phone, "" when it can."""
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} letters; at most {LONGEST_NAME} are taken"
    if unknown := fold(name).unknown:
        return f"{unknown[0]} cannot be shown on a keypad phone"
    return ""


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())
