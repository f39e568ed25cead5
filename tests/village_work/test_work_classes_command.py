"""`caunoi classes` as a coordinator runs it: courses, classes, what is ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Command
from tests.teams.kit import workbook
from tests.village import LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.classes import course, training

BY = ("--by", "Nông Thị Thử")
ADD = (
    "add", *BY, "--course", "vneid-1", "--hamlet", "00018", "--place", "nhà văn hóa", "--seats", "25",
)  # fmt: skip


class Classes(Command):
    group = "classes"


@pytest.fixture
def classes(timed: TimedWorld, tmp_path: Path) -> Classes:
    return Classes(timed.runtime.settings.database_url, tmp_path)


def test_the_templates_are_lists_without_fault(timed: TimedWorld, classes: Classes) -> None:
    _, courses, _ = classes("template", "courses")
    code, told, errors = classes("courses", "load", classes.file(courses), *BY)
    assert (code, errors) == (0, "")
    assert told.endswith("3 new\n")
    _, listed, _ = classes("template", "classes")
    code, told, errors = classes("load", classes.file(listed), *BY)
    assert (code, errors) == (0, "")
    assert [line[:4] for line in told.splitlines()] == ["  10", "  11", "  12", "  13", "  14"]
    series = timed.rows("SELECT DISTINCT series FROM trainings WHERE series IS NOT NULL")
    assert len(series) == 1
    actors = {row.actor for row in timed.rows("SELECT actor FROM audit")}
    assert actors == {"operator Nông Thị Thử"}


def test_courses_are_loaded_changed_and_shown(timed: TimedWorld, classes: Classes) -> None:
    head = "code,title,topic,needed,certificate"
    file = classes.file(f"{head}\nvneid-1,VNeID,vneid,1,\n")
    code, told, _ = classes("courses", "load", file, *BY, "--dry-run")
    assert (code, told.splitlines()[-1]) == (0, "Nothing is loaded: this was a dry run.")
    assert timed.rows("SELECT FROM courses") == []
    assert classes("courses", "load", file, *BY)[0] == 0
    assert classes("courses", "load", file, *BY)[1] == "1 unchanged\n"
    file = classes.file(f"{head}\nvneid-1,VNeID cơ bản,vneid,2,VN\n")
    _, told, _ = classes("courses", "load", file, *BY)
    assert "changed   vneid-1 VNeID cơ bản: title, needed, certificate" in told
    _, told, _ = classes("courses")
    assert told == (
        "vneid-1              VNeID cơ bản (for villagers, vneid, taught in vi, 0 ahead, 0 held)\n"
    )
    assert "Nobody has come to a class of it yet." in classes("courses", "show", "vneid-1")[1]
    assert classes("courses", "show", "vneid-9")[::2] == (
        1, "There is no course vneid-9: `caunoi classes courses`.\n",
    )  # fmt: skip


def test_faults_of_courses_are_all_told(timed: TimedWorld, classes: Classes) -> None:
    file = classes.file(
        "code,title,topic,audience,guide,needed,certificate\n"
        "vneid 1,,vneid,everybody,,1,\nto-1,Tổ,nothing,tổ,nothing,21,a b\nto-1,Tổ,dvc,tổ,,,\n"
    )
    code, told, errors = classes("courses", "load", file, *BY)
    assert (code, told) == (1, "")
    faults = errors.splitlines()
    assert faults[0] == "row 2, title: is missing"
    assert (
        "row 2, code: 'vneid 1' is none: letters without marks, digits and -, at most 20" in faults
    )
    assert "row 2, audience: 'everybody' is neither villagers (bà con) nor members (tổ)" in faults
    assert any(fault.startswith("row 3, topic: 'nothing' is none of banhang, ") for fault in faults)
    assert "row 3, needed: '21' is no whole number from 1 to 20" in faults
    assert "row 3, certificate: 'A B' is none: letters, digits and -, at most 8" in faults
    assert "row 4, code: to-1 stands in row 3 too" in faults
    assert faults[-1] == "8 faults in list.csv; nothing is loaded."


def test_a_series_is_entered_listed_and_seen_by_villagers(
    timed: TimedWorld, classes: Classes
) -> None:
    course(timed)
    more = ("--at", "3/12/2026 19h", "--every", "week", "--times", "3", "--teacher", "Cô Lan")
    code, told, errors = classes(*ADD, *more, "--teacher-phone", "0900 000 096")
    assert (code, errors) == (0, "")
    assert told.splitlines() == [
        "  10  vneid-1, Thu 03/12/2026 19:00-20:30, nhà văn hóa 00018, 25 seats",
        "  11  vneid-1, Thu 10/12/2026 19:00-20:30, nhà văn hóa 00018, 25 seats",
        "  12  vneid-1, Thu 17/12/2026 19:00-20:30, nhà văn hóa 00018, 25 seats",
    ]
    (said,) = timed.phone(NEIGHBOUR).text("LOP 10")
    assert "Mai Thu co cho lop 10: toi thu 5, 3/12, 19h, nha van hoa Coc Phia" in said
    _, told, _ = classes("list", "--week")
    assert told == (
        "  10  Thu 03/12/2026 19:00-20:30  vneid-1, nhà văn hóa, 00018 Xóm Cốc Phia: 1/25, "
        "Cô Lan (+8490*****96)\n"
    )
    found = json.loads(classes("list", "--json", "--commune", "01654")[1])
    assert [one["number"] for one in found] == [10, 11, 12]
    assert found[0]["registered"] == 1
    assert len({one["series"] for one in found}) == 1
    assert classes("list", "--commune", "01273")[1] == "No class is ahead.\n"


def test_what_cannot_be_entered_is_told_by_its_option(timed: TimedWorld, classes: Classes) -> None:
    course(timed)
    code, told, errors = classes(*ADD, "--at", "2026-11-30 19:00", "--invite", "01654")
    assert (code, told) == (1, "")
    assert errors.splitlines() == [
        "--invite: '01654' has a wrong check digit; a commune is written xa:01654",
        "--at: Mon 30/11/2026 19:00 is past: it is Tue 01/12/2026 09:00",
        "No class is entered.",
    ]
    for odd in ("tomorrow", "2026-12-03", "2026-12-03 25:00", "31/2/2026 19h"):
        assert classes(*ADD, "--at", odd)[0] == 1, odd
    assert timed.rows("SELECT FROM trainings") == []


def test_two_classes_are_not_held_in_one_house_at_one_hour(
    timed: TimedWorld, classes: Classes
) -> None:
    course(timed)
    assert classes(*ADD, "--at", "2026-12-03 19:00", "--teacher-phone", "0900000096")[0] == 0
    code, _, errors = classes(*ADD, "--at", "2026-12-03 20:00")
    assert code == 1
    assert "--at: class 10 is held there at Thu 03/12/2026 20:00" in errors
    elsewhere = ("--hamlet", "00026", "--teacher-phone", "0900000096")
    _, _, errors = classes(*ADD, *elsewhere, "--at", "2026-12-03 20:00")
    assert "--teacher-phone: the teacher has class 10 at Thu 03/12/2026 20:00" in errors
    rows = [
        ["course", "at", "hamlet", "place", "seats"],
        ["vneid-1", "2026-12-04 19:00", "00018", "nhà văn hóa", 20],
        ["vneid-1", "2026-12-04 20:00", "00018", "Nha Van Hoa", 20],
        ["vneid-2", "2026-12-05 20:00", "00019", "", 0],
    ]
    _, _, errors = classes("load", classes.file(workbook(*rows), "list.xlsx"), *BY)
    assert errors.splitlines() == [
        "row 3, at: row 2 is in the same house at that hour",
        "row 4, place: is missing",
        "row 4, hamlet: '00019' has a wrong check digit; a commune is written xa:00019",
        "row 4, seats: '0' is no whole number from 1 to 500",
        "row 4, course: there is no course vneid-2",
        "5 faults in list.xlsx; nothing is loaded.",
    ]


def test_a_class_is_shown_with_everybody_in_it(timed: TimedWorld, classes: Classes) -> None:
    training(timed, seats=1)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    _, told, _ = classes("show", "12")
    lines = [line.strip() for line in told.splitlines()]
    assert "seated    Mai Thử (+8490*****07), 00018" in lines
    assert "waiting   Hoàng Văn Mẫu (+8490*****02), 00018" in lines
    assert "Tue 01/12/2026 09:00  Hoàng Văn Mẫu queued" in lines
    found = json.loads(classes("show", "12", "--json")[1])
    assert [(one["name"], one["state"]) for one in found["people"]] == [
        ("Mai Thử", "seated"), ("Hoàng Văn Mẫu", "waiting"),
    ]  # fmt: skip
    assert NEIGHBOUR not in told
    assert classes("show", "99")[::2] == (1, "There is no class 99: `caunoi classes list`.\n")
