"""`caunoi areas` as a clerk runs it, on a database of its own."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from service.text.codes import hamlet_code
from tests.command import Command
from tests.places.kit import handles
from tests.village import World


class Areas(Command):
    group = "areas"


@pytest.fixture
def areas(places: World, tmp_path: Path) -> Areas:
    return Areas(places.runtime.settings.database_url, tmp_path)


def test_a_list_is_tried_loaded_found_and_printed_as_cards(places: World, areas: Areas) -> None:
    file = areas.file("title,name,commune_code,former_names\nXóm,Nà Mới,01660,Nà Cũ (15/01/2026)\n")
    code, tried, _ = areas("load", file, "--dry-run")
    assert code == 0
    assert tried.endswith("1 new\nNothing is loaded: this was a dry run.\n")
    assert handles(places, "na moi") == []
    code, told, _ = areas("load", file, "--source", "Decision 17")
    assert (code, told) == (0, f"new       {hamlet_code(6)} Xóm Nà Mới, Xã Nam Tuấn\n1 new\n")
    _, listed, _ = areas("list", "--commune", "01660")
    assert listed == f"{hamlet_code(6)} Xóm Nà Mới (formerly Nà Cũ until 15/01/2026)\n"
    _, listed, _ = areas("list")
    assert "01660 Xã Nam Tuấn (Huyện Hòa An, Cao Bằng): 1 hamlets\n" in listed
    assert len(listed.splitlines()) == 56
    _, found, _ = areas("find", "na", "cu")
    assert found.split()[1:] == ["Na", "Cu", "nay", "Na", "Moi,", "Nam", "Tuan"]
    _, printed, _ = areas("cards", "--commune", "01660")
    assert list(csv.reader(io.StringIO(printed))) == [
        ["code", "hamlet", "commune"],
        [hamlet_code(6), "Xóm Nà Mới", "Xã Nam Tuấn"],
    ]


def test_faults_are_all_told_and_the_command_fails(places: World, areas: Areas) -> None:
    file = areas.file("title,name,commune_code\nXóm,,01660\nXóm,Nà Mới,09999\nXóm,Nà Tốt,01660\n")
    code, told, faults = areas("load", file)
    assert (code, told) == (1, "")
    assert faults.splitlines() == [
        "row 2, name: is missing",
        "row 3, commune_code: there is no commune 09999",
        "2 faults in list.csv; nothing is loaded.",
    ]
    assert handles(places, "na tot") == []


def test_of_many_faults_the_first_are_told_and_all_are_counted(areas: Areas) -> None:
    rows = "".join(f"Xóm,Nà {n},09999\n" for n in range(1, 61))
    code, told, faults = areas("load", areas.file(f"title,name,commune_code\n{rows}"))
    assert (code, told) == (1, "")
    lines = faults.splitlines()
    assert lines[49:] == [
        "row 51, commune_code: there is no commune 09999",
        "... and 10 more.",
        "60 faults in list.csv; nothing is loaded.",
    ]


def test_what_is_no_list_is_one_sentence(areas: Areas) -> None:
    path = areas.folder / "list.csv"
    for content, why in {
        b"": "is empty",
        b"\x89PNG\r\n\x1a\n\0\0": "is not UTF-8; save it as CSV UTF-8",
        "title,name\n".encode("utf-16"): "is not UTF-8; save it as CSV UTF-8",
        b"x" * 20_000_001: "is too big for such a list; at most 20 MB are taken",
    }.items():
        path.write_bytes(content)
        said = f"row 1, file: {why}\n1 fault in list.csv; nothing is loaded.\n"
        assert areas("load", str(path)) == (1, "", said)
    code, _, said = areas("load", str(areas.folder))
    assert code == 2
    assert "is a directory" in said
    assert "Traceback" not in said


def test_a_province_is_given_with_its_communes(places: World, areas: Areas) -> None:
    file = areas.file("code,type,name\n98001,Xã,Thử Một\n")
    code, _, said = areas("load", file, "--what", "communes")
    assert code == 2
    assert "communes need --province and --province-name" in said
    options = ("--what", "communes", "--province", "98", "--province-name")
    assert areas("load", file, *options, "Giả Định")[0] == 2
    assert areas("load", file, *options, "Tỉnh Giả Định")[0] == 0
    assert handles(places, "thu mot") == ["xa:98001"]
    assert areas("load", file, *options, "Tỉnh Giả Định", "--retire")[0] == 2


def test_each_template_is_a_list_without_fault(places: World, areas: Areas) -> None:
    province = ("--province", "99", "--province-name", "Tỉnh Ví Dụ")
    for what, options in (("communes", province), ("old-names", ()), ("hamlets", ())):
        _, template, _ = areas("template", what)
        code, told, faults = areas("load", areas.file(template), "--what", what, *options)
        assert (code, faults) == (0, ""), what
        assert "new" in told


def test_what_is_not_there_is_said(areas: Areas) -> None:
    assert areas("find", "khong co dau")[::2] == (1, "Nothing has that name.\n")
    assert areas("cards", "--commune", "01273")[::2] == (
        1,
        "No hamlet of a commune 01273 is loaded.\n",
    )
    assert areas("list", "--commune", "99999") == (
        1,
        "",
        "No hamlet of a commune 99999 is loaded.\n",
    )


def test_a_list_without_rows_is_no_success(areas: Areas) -> None:
    head = areas.file("title,name,commune_code\n")
    assert areas("load", head) == (1, "", "The list holds no rows; nothing is loaded.\n")


def test_a_province_without_communes_is_refused(areas: Areas) -> None:
    code, _, said = areas("load", areas.file("title,name,commune_code\n"), "--province", "20")
    assert code == 2
    assert "--province and --province-name go with --what communes" in said
