"""Workbooks (.xlsx) as rows of words: what stands in the first sheet, as its reader sees it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any, Final
from zipfile import ZipFile

WORKBOOK: Final = b"PK\x03\x04"
"""What a workbook begins with, which is a ZIP file."""
MOST_UNPACKED: Final = 200_000_000
"""A list of the rows that are taken unpacks to a tenth of this."""


class NoWorkbook(Exception):
    """A file cannot be read as a workbook; the message says why."""


def rows_of(data: bytes, *, most_rows: int, most_columns: int) -> Iterator[list[str]]:
    """Yield the rows of the first sheet, one more than `most_rows` at the most.

    A formula is yielded as it is written, "=A1", so that who reads it can refuse it. Raises
    NoWorkbook.
    """
    packed = io.BytesIO(data)
    try:
        with ZipFile(packed) as parts:
            is_big = sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED
        rows = [] if is_big else _cells(packed, most_rows + 1, most_columns + 1)
    # Much is raised by the libraries and nothing is said by it: a torn part, a style of nothing.
    except Exception:  # noqa: BLE001 - the file is in memory, so that only its content can fail
        raise NoWorkbook("is no workbook; save it as .xlsx or CSV UTF-8") from None
    if is_big:
        raise NoWorkbook("is too big for such a list")
    yield from rows


def _cells(packed: io.BytesIO, most_rows: int, most_columns: int) -> list[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - memory that only loading a list needs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that there are no styles
        with closing(load_workbook(packed, read_only=True)) as book:
            rows = book.worksheets[0].iter_rows(
                max_row=most_rows, max_col=most_columns, values_only=True
            )
            return [_without_the_empty_end([_words(value) for value in row]) for row in rows]


def _without_the_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _words(value: Any) -> str:
    """Return a cell as words: a day as 2026-12-01, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
