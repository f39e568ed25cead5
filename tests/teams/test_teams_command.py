"""`caunoi teams` as a clerk runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Command
from tests.teams.kit import COC_PHIA, HEAD, NEW, loaded, members, workbook
from tests.village import TimedWorld

HELD = ("--consent-held-by", "UBND xã Hòa An")


class Teams(Command):
    group = "teams"


@pytest.fixture
def teams(timed: TimedWorld, tmp_path: Path) -> Teams:
    return Teams(timed.runtime.settings.database_url, tmp_path)


def test_a_list_is_tried_loaded_and_shown(timed: TimedWorld, teams: Teams) -> None:
    file = teams.file("\n".join([HEAD, *NEW]))
    code, tried, _ = teams("load", file, "--dry-run")
    assert code == 0
    assert tried.endswith("Nothing is loaded: this was a dry run.\n")
    assert members(timed, "Tổ Lũng Mẫu") == []
    code, told, errors = teams("load", file, *HELD)
    assert (code, errors) == (0, "")
    assert "teams: 1 new; members: 2 joining\n" in told
    code, shown, _ = teams("show", "to", "lung", "mau")
    assert (code, shown) == (
        0,
        (
            "Tổ Lũng Mẫu (hamlet)\n"
            "  serves 00059 Xóm Lũng Mẫu\n"
            "  leader  Nông Văn Mới (+8490*****31), 05:00-20:00\n"
            "  member  Lục Thị Mới (+8490*****32)\n"
        ),
    )
    assert teams("show", "không", "có")[::2] == (
        1, "No team has that name: `caunoi teams list`.\n",
    )  # fmt: skip


def test_without_anybody_who_holds_the_consent_nothing_is_loaded(
    timed: TimedWorld, teams: Teams
) -> None:
    for options in ((), ("--consent-held-by", "  ")):
        code, _, said = teams("load", teams.file("\n".join([HEAD, *NEW])), *options)
        assert code == 2
        assert "say who can show that the members agreed" in " ".join(said.split())
    assert members(timed, "Tổ Lũng Mẫu") == []


def test_a_workbook_is_loaded_too(timed: TimedWorld, teams: Teams) -> None:
    file = teams.file(workbook(*(row.split(",") for row in [HEAD, *NEW])), "list.xlsx")
    assert teams("load", file, *HELD)[0] == 0
    assert len(members(timed, "Tổ Lũng Mẫu")) == 2


def test_faults_are_all_told_and_no_number_is(timed: TimedWorld, teams: Teams) -> None:
    file = teams.file(
        f"{HEAD}\nTổ A,xóm,00067,,leader,A,090000005,,\nTổ B,xóm,00018,,boss,B,0900000052,,\n"
    )
    code, told, errors = teams("load", file, *HELD)
    assert (code, told) == (1, "")
    assert errors.splitlines() == [
        "row 2, phone: This phone number has too few digits.",
        "row 2, serves: there is no hamlet 00067",
        (
            "row 3, role: 'boss' is none of leader (tổ trưởng), deputy (tổ phó), member (thành viên),"
            " helper (người giúp) or duty (trực)"
        ),
        "3 faults in list.csv; nothing is loaded.",
    ]
    assert teams("load", teams.file(f"{HEAD}\n"), *HELD)[::2] == (
        1, "The list holds no rows; nothing is loaded.\n",
    )  # fmt: skip


def test_the_gaps_are_listed(timed: TimedWorld, teams: Teams) -> None:
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = '+84900000005'")
    timed.do("INSERT INTO absences (person_id, from_at, until_at) SELECT id, clock_timestamp(), "
             "'2026-12-04 12:00+07' FROM people WHERE name = 'Hoàng Văn Mẫu'")  # fmt: skip
    timed.do("INSERT INTO duties (team_id, day, person_id) SELECT t.id, '2026-12-01', h.id "
             "FROM teams t, people h WHERE t.level = 'hamlet' AND h.name = 'Lý Thị Ví Dụ'")  # fmt: skip
    code, told, _ = teams("list", "--commune", "01654")
    assert (code, told) == (
        0,
        (
            "Tổ công nghệ số xã Hòa An (commune) - NOBODY TO REACH\n"
            "  serves 01654 Xã Hòa An\n"
            "  duty    Trực xã Hòa An (+8490*****05), the number may be somebody else's\n"
            "Tổ công nghệ số Cốc Phia (hamlet)\n"
            "  serves 00018 Xóm Cốc Phia; 00026 Xóm Pàn Kèng; 00034 Xóm Khuổi Khoang; 00042 Xóm Đông Sằng\n"
            "  leader  Hoàng Văn Mẫu (+8490*****02), away until 12:00 04/12/2026\n"
            "  deputy  Lý Thị Ví Dụ (+8490*****03), on duty today\n"
            "  member  Triệu Văn Nháp (+8490*****04)\n"
            "2 teams, 4 members\n"
            "1 teams with nobody to reach:\n"
            "  Tổ công nghệ số xã Hòa An\n"
            "1 hamlets without a team:\n"
            "  00059 Xóm Lũng Mẫu, Xã Hòa An\n"
        ),
    )
    _, told, _ = teams("list", "--json")
    found = json.loads(told)
    assert len(found["communes_without_team"]) == 55
    assert found["hamlets_without_team"] == ["00059 Xóm Lũng Mẫu, Xã Hòa An"]
    assert found["teams_without_anybody"] == ["Tổ công nghệ số xã Hòa An"]
    assert found["teams"][2]["members"][1]["on_duty_today"] is True
    assert "+84900000002" not in told
    assert teams("list", "--commune", "99999")[::2] == (1, "There is no commune 99999.\n")


def test_the_templates_are_lists_without_fault(timed: TimedWorld, teams: Teams) -> None:
    for what, options in (("teams", HELD), ("rota", ())):
        _, template, _ = teams("template", what)
        command = "load" if what == "teams" else "rota"
        code, told, errors = teams(command, teams.file(template), *options)
        assert (code, errors) == (0, ""), what
        assert "new" in told


def test_a_rota_is_loaded(timed: TimedWorld, teams: Teams) -> None:
    file = teams.file(f"team,days,phone\n{COC_PHIA},T3,0900000003\n")
    code, told, _ = teams("rota", file, "--dry-run")
    assert (code, told.splitlines()[-2:]) == (
        0, ["days: 8 new", "Nothing is loaded: this was a dry run."],
    )  # fmt: skip
    assert teams("rota", file)[0] == 0
    other = teams.file(f"team,days,phone\n{COC_PHIA},08/12/2026,0900000002\n")
    assert teams("rota", other) == (
        1,
        "",
        (
            "row 2, days: 08/12/2026 is Lý Thị Ví Dụ's; --replace gives it to another\n"
            "1 fault in list.csv; nothing is loaded.\n"
        ),
    )
    assert teams("rota", other, "--replace")[1].endswith("days: 1 given\n")


def test_a_whole_list_lets_others_leave(timed: TimedWorld, teams: Teams) -> None:
    loaded(timed, *NEW)
    file = teams.file("\n".join([HEAD, NEW[0]]))
    code, told, _ = teams("load", file, *HELD, "--replace", "Tổ Lũng Mẫu")
    assert code == 0
    assert "leaves   Lục Thị Mới (+8490*****32), member, Tổ Lũng Mẫu\n" in told
    code, _, said = teams("load", file, *HELD, "--replace", "Tổ Khác")
    assert code == 1
    assert "which is not in the file" in said
