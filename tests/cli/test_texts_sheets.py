"""Tables as spreadsheet programs write them, and as people with bad intentions do."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from service.dialogue.translation import COLUMNS, Row
from service.sheets import MOST_COLUMNS, SheetError, _xlsx, as_csv, as_xlsx, read_table
from tests.house.source import ROOT

LINES = [
    {**dict.fromkeys(COLUMNS, ""), "key": "root.help", "translation": 'Nhờ, "giúp"; đi', "source": "v1"},
    {**dict.fromkeys(COLUMNS, ""), "key": "root.me", "translation": "=1+1", "source": "v2"},
    {**dict.fromkeys(COLUMNS, ""), "key": "root.mine", "translation": "'=x", "source": "v3"},
    {**dict.fromkeys(COLUMNS, ""), "key": "root.title", "translation": "@a", "example": "+84", "source": "v4"},
]  # fmt: skip
READ = [
    Row(n, {name: line[name] for name in ("key", "translation", "source")}, {})
    for n, line in enumerate(LINES, start=2)
]


def written(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "a.csv", as_csv(LINES))) == READ
    assert read_table(written(tmp_path, "a.XLSX", as_xlsx(LINES, "tyz"))) == READ


def test_nothing_in_a_csv_begins_like_a_formula(tmp_path: Path) -> None:
    text = as_csv(LINES).decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_workbook_has_words_only_and_a_column_to_type_in(tmp_path: Path) -> None:
    book = load_workbook(written(tmp_path, "a.xlsx", as_xlsx(LINES, "tyz")))
    sheet = book.worksheets[0]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
    assert sheet.protection.sheet
    unlocked = {
        cell.column_letter
        for line in sheet.iter_rows()
        for cell in line
        if not cell.protection.locked
    }
    assert unlocked == {"E"}
    assert sheet.column_dimensions["I"].hidden


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_a_program_saves_a_csv_is_read(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(
        [["source", "translation", "KEY "], ["v1", "Nhờ, a; b", "root.help"], ["", "", ""]]
    )
    path = written(tmp_path, "a.csv", out.getvalue().encode(encoding))
    assert read_table(path) == [
        Row(2, {"key": "root.help", "translation": "Nhờ, a; b", "source": "v1"}, {})
    ]


def test_formulas_and_dates_are_named_and_never_used(tmp_path: Path) -> None:
    sheet = (book := Workbook()).worksheets[0]
    sheet.append(["key", "translation", "source"])
    sheet.append(["root.help", '=HYPERLINK("http://x")', "v1"])
    sheet.append(["root.me", 5, "v2"])
    sheet.append(["root.mine", True, "v3"])
    book.save(tmp_path / "a.xlsx")
    first, second, third = read_table(tmp_path / "a.xlsx")
    assert set(first.odd) == {"translation"}
    assert second.cells["translation"] == "5"
    assert set(third.odd) == {"translation"}
    path = written(tmp_path, "a.csv", b"key,translation,source\nroot.help,=cmd|x,v1\n")
    assert set(read_table(path)[0].odd) == {"translation"}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "key,translation,source\nx,đi,v1".encode("cp1258"), "is not UTF-8"),
        ("a.csv", b"key,words\nx,y", "has no column 'translation'"),
        ("a.csv", b"key,key,translation,source\n", "has no column 'key', or two"),
        ("a.csv", b"", "has no column 'key'"),
        ("a.csv", b"key,translation,source\n" + b"x,y,z\n" * 6000, "more than 5000 rows"),
        ("a.csv", b"x" * 5_000_001, "too big"),
        ("a.xlsx", b"key,translation,source", "is no workbook"),
        ("a.xlsx", b"PK\x05\x06" + b"\0" * 18, "is no workbook"),
    ],
)
def test_what_is_no_table_of_ours_is_said_so(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    with pytest.raises(SheetError, match=why):
        read_table(written(tmp_path, name, content))


def test_a_workbook_that_unpacks_to_more_than_any_table_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/sharedStrings.xml", b"0" * 60_000_000)
    with pytest.raises(SheetError, match="too big"):
        read_table(tmp_path / "a.xlsx")


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return out.getvalue()


def torn(workbook: bytes) -> bytes:
    """Spoil what is packed of each part, and leave every heading as it is."""
    spoilt = bytearray(workbook)
    with zipfile.ZipFile(io.BytesIO(workbook)) as opened:
        for part in opened.infolist():
            begin = part.header_offset + 30 + len(part.filename)
            spoilt[begin : begin + part.compress_size] = b"\xff" * part.compress_size
    return bytes(spoilt)


def flagged(workbook: bytes, flag: int) -> bytes:
    """Say in both headings of each part that it is encrypted, or the like."""
    marked = bytearray(workbook)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = workbook.find(mark)
        while at >= 0:
            marked[at + offset] |= flag
            at = workbook.find(mark, at + 1)
    return bytes(marked)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda book: flagged(book, 0x01),
        lambda book: flagged(book, 0x40),
        torn,
        lambda book: torn(packed(parts_of(book), zipfile.ZIP_LZMA)),
        lambda book: torn(packed(parts_of(book), zipfile.ZIP_BZIP2)),
        lambda book: packed({**parts_of(book), "xl/styles.xml": b"<styleSheet><fills><a/></fills></styleSheet>"}),
        lambda book: packed({**parts_of(book), "xl/styles.xml": b"<a"}),
        lambda book: packed({**parts_of(book), "xl/workbook.xml": b"<a/>"}),
        lambda book: book[: len(book) // 2],
    ],
    ids=["encrypted", "strongly", "deflate", "lzma", "bzip2", "styles", "xml", "workbook", "half"],
)  # fmt: skip
def test_a_spoilt_workbook_is_one_sentence(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path, "a.xlsx", spoil(as_xlsx(LINES, "tyz")))
    with pytest.raises(SheetError) as refused:
        read_table(path)
    assert str(refused.value) == "a.xlsx is no workbook: save it as .xlsx or CSV UTF-8"


def test_a_cell_in_the_last_column_makes_no_row_longer(tmp_path: Path) -> None:
    sheet = (book := Workbook()).worksheets[0]
    sheet.append(["key", "translation", "source"])
    sheet["XFD2"] = "far away"
    book.save(tmp_path / "a.xlsx")
    assert max(map(len, _xlsx(tmp_path / "a.xlsx"))) == MOST_COLUMNS


def test_a_workbook_without_styles_is_read(tmp_path: Path) -> None:
    parts = parts_of(as_xlsx(LINES, "tyz"))
    parts["xl/styles.xml"] = (
        b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )
    assert [row.key for row in read_table(written(tmp_path, "a.xlsx", packed(parts)))] == [
        row.key for row in READ
    ]


def test_the_web_process_never_loads_the_spreadsheet_library() -> None:
    asked = "import service.app, service.menus, sys; service.menus.read_menus(); print('openpyxl' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
