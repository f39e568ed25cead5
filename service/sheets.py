"""Tables that spreadsheet programs open: written so that nothing in them is run, read strictly."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from service.dialogue.translation import COLUMNS, READ, TRANSLATION, Row

XLSX: Final = ".xlsx"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program takes for the beginning of a formula (OWASP, "CSV injection")."""
GUARD: Final = "'"
"""Stands before such a cell in a CSV, so that it is words; taken off again when it is read."""
DELIMITERS: Final = ",;\t"
"""What programs write between cells, by the country they are set to."""
MOST_ROWS: Final = 5_000
MOST_BYTES: Final = 5_000_000
MOST_UNPACKED: Final = 50_000_000
MOST_COLUMNS: Final = 50
"""As far as a workbook is read: a cell in its last column would make each row 16,384 long."""
WIDTHS: Final = {
    "key": 20, "where": 20, "vietnamese": 50, "english": 50, TRANSLATION: 50, "example": 30,
    "note": 40,
}  # fmt: skip
"""Columns in characters; the others are narrow."""
_ODD: Final = object()
"""Stands for a formula."""


class SheetError(Exception):
    """A file is no table of ours; the message says why in one sentence."""


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return rows as CSV in UTF-8 with the mark that makes Excel read it so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_guarded(row[column]) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def as_plain_csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return any table as such a CSV; words that look like a formula stay words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Mapping[str, str]], title: str) -> bytes:
    """Return rows as an Excel workbook: only translations may be typed, the digests are hidden."""
    from openpyxl import Workbook  # noqa: PLC0415 - memory only these commands need
    from openpyxl.styles import Alignment, Font, Protection  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for at, values in enumerate([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows], start=1):
        for column, name in enumerate(COLUMNS, start=1):
            cell = sheet.cell(at, column, values[name])
            cell.data_type = "s"
            cell.quotePrefix = values[name].startswith(FORMULA)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=name != TRANSLATION or at == 1)
            if at == 1:
                cell.font = Font(bold=True)
    for column, name in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(name, 8)
    sheet.column_dimensions[get_column_letter(len(COLUMNS))].hidden = True
    sheet.freeze_panes = "B2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_table(path: Path) -> list[Row]:
    """Read a table that came back, without empty rows; raise SheetError when it is none of ours."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SheetError(f"{path.name} is too big for a table of texts")
        lines = _xlsx(path) if path.suffix.lower() == XLSX else _csv(path)
        heading, *rows = list(lines) or [[]]
    except OSError as error:
        raise SheetError(f"{path.name} cannot be read: {error.strerror}") from None
    names = [str(name or "").strip().lower() for name in heading]
    for column in READ:
        if names.count(column) != 1:
            raise SheetError(f"{path.name} has no column {column!r}, or two: export it again")
    if len(rows) > MOST_ROWS:
        raise SheetError(f"{path.name} has more than {MOST_ROWS} rows")
    read = (_row(number, names, cells) for number, cells in enumerate(rows, start=2))
    return [row for row in read if row.odd or any(cell.strip() for cell in row.cells.values())]


def _row(number: int, names: Sequence[str], cells: Sequence[Any]) -> Row:
    """Make a row of what stands in its cells; what is no words is named and not used."""
    values = {name: cell for name, cell in zip(names, cells, strict=False) if name in READ}
    words: dict[str, str] = {}
    odd: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, str) and not value.startswith(FORMULA):
            words[name] = value.removeprefix(GUARD) if _is_guarded(value) else value
        elif value is None or (isinstance(value, int) and not isinstance(value, bool)):
            words[name] = "" if value is None else str(value)
        else:
            odd[name] = "is a formula, a date or the like; it should be words"
    return Row(number, words, odd)


def _guarded(words: str) -> str:
    return f"{GUARD}{words}" if words.startswith(FORMULA) or _is_guarded(words) else words


def _is_guarded(words: str) -> bool:
    return words.startswith(GUARD) and words.lstrip(GUARD).startswith(FORMULA)


def _csv(path: Path) -> Iterator[list[Any]]:
    written = path.read_bytes()
    encoding = "utf-16" if written.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = written.decode(encoding)
    except UnicodeDecodeError:
        raise SheetError(f"{path.name} is not UTF-8: save it as CSV UTF-8, or as .xlsx") from None
    heading = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=heading.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise SheetError(f"{path.name} is no CSV: {error}") from None


def _xlsx(path: Path) -> list[list[Any]]:
    """Return the rows of the first sheet; words come as words, whatever they begin with."""
    packed = io.BytesIO(path.read_bytes())
    try:
        with ZipFile(packed) as parts:
            is_big = sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED
        rows = [] if is_big else _cells(packed)
    # Nothing is said of what the libraries raise, and it is much: encryption is a RuntimeError,
    # a torn part a zlib.error or LZMAError, a style of nothing a TypeError.
    except Exception:  # noqa: BLE001 - the file is in memory, so that only its content can fail
        raise SheetError(f"{path.name} is no workbook: save it as .xlsx or CSV UTF-8") from None
    if is_big:
        raise SheetError(f"{path.name} is too big for a table of texts")
    return rows


def _cells(packed: io.BytesIO) -> list[list[Any]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - as above

    with warnings.catch_warnings():
        # such as that there are no styles: nothing a translator could do about, nor needs to
        warnings.simplefilter("ignore")
        with closing(load_workbook(packed, read_only=True)) as book:
            rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
            return [
                [_ODD if cell.data_type == "f" else _as_words(cell.value) for cell in cells]
                for cells in rows
            ]


def _as_words(value: Any) -> Any:
    return _guarded(value) if isinstance(value, str) else value
