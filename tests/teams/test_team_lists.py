"""Loading teams: all of a list or nothing, said beforehand, nobody taken in twice or against their will."""

from __future__ import annotations

import threading
import unicodedata

import pytest

from service.village.area_tables import ListRefused
from tests.teams.kit import (
    COC_PHIA,
    DEMO,
    HEAD,
    NEW,
    everything,
    faults,
    load,
    loaded,
    members,
    workbook,
)
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    HAMLET,
    LEADER,
    NEIGHBOUR,
    VILLAGER,
    TimedWorld,
    World,
)
from tests.village_work.people_words import choose_pin
from tests.village_work.words import ask, events, request

ONE, TWO = "+84900000031", "+84900000032"


def test_a_list_makes_a_team_that_is_asked_for_help_at_once(timed: TimedWorld) -> None:
    told = loaded(timed, *NEW)
    assert told == [
        "new      Tổ Lũng Mẫu (hamlet): Xóm Lũng Mẫu, Xã Hòa An",
        "joins    Nông Văn Mới (+8490*****31), leader, Tổ Lũng Mẫu",
        "joins    Lục Thị Mới (+8490*****32), member, Tổ Lũng Mẫu",
        "teams: 1 new; members: 2 joining",
        "phones that get a message of welcome by day: 2",
    ]
    assert members(timed, "Tổ Lũng Mẫu") == [
        ("leader", "Nông Văn Mới", ONE),
        ("member", "Lục Thị Mới", TWO),
    ]
    leader = timed.one("SELECT h.*, a.code FROM people h JOIN areas a ON a.id = h.area_id "
                       "WHERE h.name = 'Nông Văn Mới'")  # fmt: skip
    assert (leader.code, leader.awake_from, leader.awake_until) == ("00059", 300, 1200)
    number = ask(timed.phone(FAR_AWAY), hamlet="00059")
    assert "Viec 1" in timed.phone(ONE).inbox()[-1]
    timed.phone(ONE).text("NV 1")
    assert request(timed, number).state == "accepted"
    assert "Nong Van Moi da nhan viec" in timed.phone(FAR_AWAY).inbox()[-1]


def test_who_joins_is_welcomed_once_and_by_day(timed: TimedWorld) -> None:
    loaded(timed, *NEW)
    (welcome,) = timed.phone(ONE).inbox()
    assert welcome == (
        "Minh la thanh vien To Lung Mau. Viec moi se den bang tin nhan. Xem viec: soan VIEC gui"
        " 8499. Khong phai minh: noi voi xa."
    )
    kinds = timed.rows("SELECT DISTINCT class, lane FROM messages_out")
    assert [tuple(kind) for kind in kinds] == [("notice", "bulk")]
    loaded(timed, *NEW)
    loaded(timed, *NEW, f"{COC_PHIA},xóm,00018,,member,Nông Văn Mới,0900000031,,")
    assert [body[:30] for body in timed.phone(ONE).inbox()[1:]] == [
        "Minh la thanh vien To cong ngh"
    ]
    assert len(timed.phone(TWO).inbox()) == 1


def test_a_phone_that_serves_two_teams_is_welcomed_once(timed: TimedWorld) -> None:
    both = f"{COC_PHIA},xóm,00018,,helper,Nông Văn Mới,0900000031,,"
    told = loaded(timed, *NEW, both)
    assert told[-1] == "phones that get a message of welcome by day: 2"
    assert len(timed.phone(ONE).inbox()) == 1
    assert len(timed.rows("SELECT FROM people WHERE name = 'Nông Văn Mới'")) == 1


def test_the_same_list_again_changes_nothing(timed: TimedWorld) -> None:
    rows = (*NEW, *DEMO, "Tổ công nghệ số xã Hòa An,xã,01654,,trực,Trực xã Hòa An,0900000005,,")
    loaded(timed, *rows)
    before = everything(timed)[:-2]
    assert loaded(timed, *rows) == ["teams: 3 unchanged; members: 6 unchanged"]
    assert loaded(timed, *rows, replace=["all"]) == ["teams: 3 unchanged; members: 6 unchanged"]
    assert everything(timed)[: len(before) - 1] == before[:-1]


def test_a_dry_run_says_the_same_and_does_nothing(timed: TimedWorld) -> None:
    rows = (*NEW, DEMO[0], "Tổ Mới,xã,01660,,trực,Trực Nam Tuấn,0900000040,,")
    before = everything(timed)
    told = loaded(timed, *rows, dry_run=True, replace=["all"])
    assert everything(timed) == before
    assert loaded(timed, *rows, replace=["all"]) == told
    assert "leaves   Lý Thị Ví Dụ (+8490*****03), deputy, Tổ công nghệ số Cốc Phia" in told


def test_the_evidence_of_consent_says_who_holds_it(timed: TimedWorld) -> None:
    loaded(timed, *NEW, *DEMO)
    rows = timed.rows("SELECT f.msisdn, c.* FROM consents c JOIN phones f ON f.id = c.phone_id "
                      "WHERE c.channel = 'list' ORDER BY f.msisdn")  # fmt: skip
    assert [(r.msisdn, r.kind, r.given, r.wording) for r in rows] == [
        (ONE, "storage", True, "member list: UBND xã Hòa An"),
        (TWO, "storage", True, "member list: UBND xã Hòa An"),
    ]
    audit = timed.one("SELECT * FROM audit WHERE action = 'teams_loaded'")
    assert audit.detail == {
        "consent_held_by": "UBND xã Hòa An", "joined": 2, "left": 0, "new_people": 2,
    }  # fmt: skip


def test_somebody_known_keeps_the_name_and_hamlet_they_have(timed: TimedWorld) -> None:
    told = loaded(timed, "Tổ Mới,xóm,00059,,leader,Mai Thị Thử,0900000007,00059,")
    assert told[1:4] == [
        "joins    Mai Thử (+8490*****07), leader, Tổ Mới",
        "note     +8490*****07 is known as Mai Thử, not Mai Thị Thử; that name stays",
        "note     Mai Thử (+8490*****07) lives in Xóm Cốc Phia; that stays",
    ]
    assert members(timed, "Tổ Mới") == [("leader", "Mai Thử", NEIGHBOUR)]
    assert len(timed.rows("SELECT FROM people WHERE phone_id = (SELECT id FROM phones "
                          "WHERE msisdn = :n)", n=NEIGHBOUR)) == 1  # fmt: skip


def test_somebody_who_agreed_by_phone_gets_their_name_by_the_list(timed: TimedWorld) -> None:
    caller = timed.phone(VILLAGER)
    caller.dial()
    caller.keys("1", "1", HAMLET)
    assert timed.one("SELECT name FROM people h JOIN phones f ON f.holder_id = h.id "
                     "WHERE f.msisdn = :n", n=VILLAGER).name is None  # fmt: skip
    loaded(timed, "Tổ Mới,xóm,00059,,leader,Nông Thị Thử,0900000001,,07:00-19:00")
    assert members(timed, "Tổ Mới") == [("leader", "Nông Thị Thử", VILLAGER)]


def test_people_known_to_share_a_phone_are_told_apart_by_name(timed: TimedWorld) -> None:
    timed.do("INSERT INTO people (name, phone_id) SELECT 'Lý Văn Chung', id FROM phones "
             "WHERE msisdn = :n", n=DEPUTY)  # fmt: skip
    loaded(timed, *DEMO, f"{COC_PHIA},,,,helper,Lý Văn Chung,0900000003,,")
    assert members(timed, COC_PHIA)[-1] == ("helper", "Lý Văn Chung", DEPUTY)
    assert len(members(timed, COC_PHIA)) == 4


def test_one_person_may_have_several_roles_and_teams(timed: TimedWorld) -> None:
    second = "Tổ Nam Tuấn,xã,01660,,trực,Nông Văn Mới,0900000031,,"
    loaded(timed, *NEW, second)
    assert members(timed, "Tổ Nam Tuấn") == [("duty", "Nông Văn Mới", ONE)]
    assert len(timed.rows("SELECT FROM phones WHERE msisdn = :n", n=ONE)) == 1


def test_a_role_changes_and_a_new_leader_takes_over(timed: TimedWorld) -> None:
    told = loaded(
        timed,
        f"{COC_PHIA},xóm,00018,,tổ trưởng,Lý Thị Ví Dụ,0900000003,,",
        f"{COC_PHIA},,,,tổ phó,Hoàng Văn Mẫu,0900000002,,",
    )
    assert told == [
        f"role     Lý Thị Ví Dụ (+8490*****03), leader (was deputy), {COC_PHIA}",
        f"role     Hoàng Văn Mẫu (+8490*****02), deputy (was leader), {COC_PHIA}",
        "teams: 1 unchanged; members: 2 with another role",
    ]
    ask(timed.phone(NEIGHBOUR))
    assert len(timed.phone(DEPUTY).inbox()) == 1
    assert timed.phone(LEADER).inbox() == []


def test_places_are_added_and_only_a_whole_list_takes_them_away(timed: TimedWorld) -> None:
    serves = "SELECT a.code FROM team_areas s JOIN areas a ON a.id = s.area_id JOIN teams t ON t.id = s.team_id WHERE t.name = :team ORDER BY 1"
    rows = (DEMO[0].replace("00018;00026;00034;00042", "00018;00059"), *DEMO[1:])
    assert loaded(timed, *rows)[-1] == "teams: 1 changed; members: 3 unchanged"
    assert [r.code for r in timed.rows(serves, team=COC_PHIA)] == [
        "00018", "00026", "00034", "00042", "00059",
    ]  # fmt: skip
    told = loaded(timed, *rows, replace=[COC_PHIA.upper()])
    assert f"note     {COC_PHIA} serves Xóm Pàn Kèng (00026) no more" in told
    assert [r.code for r in timed.rows(serves, team=COC_PHIA)] == ["00018", "00059"]


def test_a_neighbour_is_asked_when_nobody_of_the_team_takes_it(timed: TimedWorld) -> None:
    beside = NEW[0].replace("00059,,", f"00059,{COC_PHIA.lower()},")
    loaded(timed, beside, NEW[1])
    ask(timed.phone(FAR_AWAY), hamlet="00059")
    for hours in (3, 2, 3):
        timed.let_pass(hours=hours)
    assert "chua co nguoi lam" in timed.phone(LEADER).inbox()[-1]


def test_without_replace_nobody_leaves(timed: TimedWorld) -> None:
    assert loaded(timed, DEMO[0])[-1] == "teams: 1 unchanged; members: 1 unchanged"
    assert len(members(timed, COC_PHIA)) == 3


def test_who_leaves_gives_back_what_they_had_and_everybody_hears(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    timed.do("INSERT INTO duties (team_id, day, person_id) SELECT m.team_id, d.day, m.person_id "
             "FROM memberships m JOIN people h ON h.id = m.person_id, "
             "(VALUES (date '2026-11-30'), (date '2026-12-05')) d (day) "
             "WHERE h.name = 'Hoàng Văn Mẫu'")  # fmt: skip
    others = (DEMO[1].replace(",,,,deputy", ",xóm,00018;00026;00034;00042,,leader"), DEMO[2])
    told = loaded(timed, *others, replace=[COC_PHIA])
    assert f"leaves   Hoàng Văn Mẫu (+8490*****02), leader, {COC_PHIA}" in told
    assert told[-1] == "requests put back on their ladder: 1"
    assert request(timed, number).state == "open"
    assert events(timed, number)[-3:] == ["accepted", "returned", "told"]
    assert "Hoang Van Mau khong lam duoc nua" in timed.phone(NEIGHBOUR).inbox()[-1]
    assert timed.phone(LEADER).inbox()[-1] == (
        "Minh khong con o trong To cong nghe so Coc Phia. Viec nao minh dang lam thi to giao cho"
        " nguoi khac. Cam on minh."
    )
    assert "Viec 1" in timed.phone(DEPUTY).inbox()[-1], "who is on duty now is asked"
    assert [str(r.day) for r in timed.rows("SELECT day FROM duties")] == ["2026-11-30"]
    timed.phone(DEPUTY).text("NV 1")
    assert request(timed, number).state == "accepted"
    assert "khong o trong to" in timed.phone(LEADER).text("NV 1")[-1]


def test_who_left_hears_no_more_of_requests_and_has_no_pin(timed: TimedWorld) -> None:
    leader = timed.phone(LEADER)
    choose_pin(leader)
    leader.text("BOT 0900000007")
    ask(timed.phone(NEIGHBOUR))
    others = (DEMO[1].replace(",,,,deputy", ",xóm,00018;00026;00034;00042,,leader"), DEMO[2])
    loaded(timed, *others, replace=[COC_PHIA])
    heard = len(leader.inbox())
    timed.let_pass(hours=5)
    timed.phone(DEPUTY).text("NV 1")
    assert timed.one("SELECT state FROM help_requests").state == "accepted"
    assert leader.inbox()[heard:] == [], "who has it is no business of theirs any more"
    for kept in ("SELECT * FROM pins", "SELECT * FROM pending_acts"):
        assert timed.rows(kept) == []


def test_a_request_goes_to_somebody_who_joins_by_the_same_list(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    loaded(timed, f"{COC_PHIA},xóm,00018,,leader,Nông Văn Mới,0900000031,,", replace=["all"])
    assert request(timed, number).state == "open"
    assert "Viec 1" in "".join(timed.phone(ONE).inbox())


def test_who_stays_in_another_team_keeps_what_that_team_was_asked(timed: TimedWorld) -> None:
    loaded(timed, "Tổ Nam Tuấn,xã,01660,,trực,Hoàng Văn Mẫu,0900000002,,")
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    loaded(timed, "Tổ Nam Tuấn,xã,01660,,trực,Trực Khác,0900000041,,", replace=["all"])
    assert request(timed, number).state == "accepted"


def test_who_had_themself_erased_is_not_brought_back(timed: TimedWorld) -> None:
    phone = timed.phone(DEPUTY)
    code = phone.text("XOA")[-1].split("XOA ")[1].split()[0]
    phone.text(f"XOA {code}")
    told = loaded(timed, *DEMO)
    assert told[0] == (
        f"skipped  Lý Thị Ví Dụ (+8490*****03), {COC_PHIA}: row 3; had themself erased, and can"
        " come back only of their own accord"
    )
    assert len(members(timed, COC_PHIA)) == 2
    caller = timed.phone(DEPUTY)
    caller.dial()
    caller.keys("1", "1", HAMLET)
    assert f"joins    Lý Thị Ví Dụ (+8490*****03), deputy, {COC_PHIA}" in loaded(timed, *DEMO)


def test_a_team_whose_members_all_had_themselves_erased_is_a_fault(timed: TimedWorld) -> None:
    phone = timed.phone(COMMUNE_DUTY)
    code = phone.text("XOA")[-1].split("XOA ")[1].split()[0]
    phone.text(f"XOA {code}")
    changes = load(timed, "Tổ công nghệ số xã Hòa An,xã,01654,,trực,Trực xã Hòa An,0900000005,,")
    assert faults(changes) == [
        "row 2, team: nobody of it can be reached: all had themselves erased"
    ]


def test_the_hours_of_a_list_are_erased_with_the_person(timed: TimedWorld) -> None:
    loaded(timed, *NEW)
    phone = timed.phone(ONE)
    code = phone.text("XOA")[-1].split("XOA ")[1].split()[0]
    phone.text(f"XOA {code}")
    assert timed.rows("SELECT FROM people WHERE awake_from IS NOT NULL") == []
    assert members(timed, "Tổ Lũng Mẫu") == [("member", "Lục Thị Mới", TWO)]


A = "Tổ A,xóm,00059,,leader,Nông Văn A,0900000051,,"
FAULTY = {
    ("Tổ A,xóm,00059,,leader,Nông Văn A,0206 385 1234,,",): [
        "row 2, phone: This is a landline, which cannot receive messages; give a mobile."
    ],
    ("Tổ A,xóm,00059,,leader,Nông Văn A,,,",): ["row 2, phone: is missing"],
    ("Tổ A,xóm,00059,,leader,Nông Văn A,113,,",): [
        "row 2, phone: This is a service number, not a person's phone."
    ],
    ("Tổ A,xóm,00059,,leader,,0900000051,,",): ["row 2, name: is missing"],
    (",xóm,00059,,leader,Nông Văn A,0900000051,,",): ["row 2, team: is missing"],
    ("Tổ A,huyện,00059,,leader,Nông Văn A,0900000051,,",): [
        "row 2, level: 'huyện' is none of hamlet (xóm), commune (xã) or province (tỉnh)"
    ],
    ("Tổ A,,00059,,leader,Nông Văn A,0900000051,,",): ["row 2, level: is missing"],
    ("Tổ A,xóm,00059,,sếp,Nông Văn A,0900000051,,",): [
        ("row 2, role: 'sếp' is none of leader (tổ trưởng), deputy (tổ phó), member (thành viên),"
        " helper (người giúp) or duty (trực)")
    ],
    ("Tổ A,xóm,00059,,,Nông Văn A,0900000051,,",): ["row 2, role: is missing"],
    ("Tổ A,xóm,,,leader,Nông Văn A,0900000051,,",): ["row 2, serves: is missing"],
    ("Tổ A,xóm,59,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: '59' is not five digits; a spreadsheet may have dropped zeros in front"
    ],
    ("Tổ A,xóm,00058;00067,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: '00058' has a wrong check digit; there is no hamlet 00067"
    ],
    ("Tổ A,xóm,01660,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: 01660 is Xã Nam Tuấn, a commune; a hamlet team serves hamlets"
    ],
    ("Tổ A,xã,00059,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: 00059 is Xóm Lũng Mẫu, a hamlet; a commune team serves communes"
    ],
    ("Tổ A,xã,09999,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: there is no commune 09999"
    ],
    ("Tổ A,tỉnh,20,,leader,Nông Văn A,0900000051,,",): [
        "row 2, serves: there is no province 20; there are 04"
    ],
    (f"{COC_PHIA},xã,01654,,member,Nông Văn A,0900000051,,",): [
        "row 2, level: this is a hamlet team; a commune team needs a name of its own"
    ],
    ("Tổ A,xóm,00059,Tổ A,leader,Nông Văn A,0900000051,,",): [
        "row 2, neighbour: is this team itself"
    ],
    ("Tổ A,xóm,00059,Tổ B,leader,Nông Văn A,0900000051,,",): [
        "row 2, neighbour: there is no such team, in the file or loaded"
    ],
    ("Tổ A,xóm,00059,,leader,Nông Văn A,0900000051,00067,",): [
        "row 2, hamlet: there is no hamlet 00067"
    ],
    ("Tổ A,xóm,00059,,leader,Nông Văn A,0900000051,,6 to 9",): [
        "row 2, hours: '6to9' should look like 06:00-21:00"
    ],
    ("Tổ A,xóm,00059,,leader,Nông Văn A,0900000051,,21:00-06:00",): [
        "row 2, hours: hours should begin before they end, on one day"
    ],
    (A, "Tổ A,,,,leader,Nông Văn B,0900000052,,"): [
        "row 3, role: the leader of this team stands in row 2"
    ],
    (f"{COC_PHIA},xóm,00018,,leader,Nông Văn A,0900000051,,",): [
        ("row 2, role: Hoàng Văn Mẫu leads this team and is not in the file; list them, or use"
        " --replace")
    ],
    (A, "Tổ A,,,,member,Nông Văn B,0900000051,,"): [
        "row 3, phone: stands in row 2 too, with the name Nông Văn A"
    ],
    (A, "Tổ A,,,,member,NÔNG VĂN A,+84900000051,,"): [
        "row 3, phone: is in this team by row 2 already"
    ],
    (A, "Tổ A,xã,,,member,Nông Văn B,0900000052,,"): [
        "row 3, level: row 2 says hamlet for this team; two teams need two names"
    ],
    (A, "Tổ A,,00018,,member,Nông Văn B,0900000052,,"): [
        "row 3, serves: row 2 says 00059 for this team; two teams need two names"
    ],
    (A, f"Tổ A,,,{COC_PHIA},member,Nông Văn B,0900000052,,"): [
        "row 3, neighbour: row 2 says nothing for this team"
    ],
    (A, "Tổ B,xóm,00018,,leader,Nông Văn A,0900000051,,06:00-07:00",
     "Tổ C,xóm,00018,,leader,Nông Văn A,0900000051,,06:00-08:00"): [
        "row 4, hours: 06:00-07:00 stands in another row for this person"
    ],
    ("Tổ A,xóm,00059,,leader,=1+1,0900000051,,",): [
        "row 2, name: begins with '='; a spreadsheet would run it"
    ],
    ("Tổ A,xóm,00059,,leader,Nông Văn 村,0900000051,,",): [
        "row 2, name: 村 cannot be shown on a keypad phone"
    ],
}  # fmt: skip


@pytest.mark.parametrize("rows", FAULTY, ids=range(len(FAULTY)))
def test_a_fault_is_named_by_row_and_field_and_nothing_is_loaded(
    world: World, rows: tuple[str, ...]
) -> None:
    before = everything(world)
    assert faults(load(world, *rows)) == FAULTY[rows]
    assert everything(world) == before


def test_all_faults_are_named_at_once(world: World) -> None:
    before = everything(world)
    changes = load(world, A, "Tổ B,xóm,01660,Tổ Z,boss,,12,,", replace=["Tổ Q"])
    assert faults(changes) == [
        "row 1, team: --replace names 'to q', which is not in the file",
        "row 3, name: is missing",
        (
            "row 3, role: 'boss' is none of leader (tổ trưởng), deputy (tổ phó), member (thành viên),"
            " helper (người giúp) or duty (trực)"
        ),
        "row 3, phone: This phone number has too few digits.",
        "row 3, serves: 01660 is Xã Nam Tuấn, a commune; a hamlet team serves hamlets",
        "row 3, neighbour: there is no such team, in the file or loaded",
    ]
    assert everything(world) == before


def test_two_teams_whose_names_differ_in_marks_alone_are_asked_about(world: World) -> None:
    world.do("INSERT INTO teams (name, level) VALUES ('Tổ Lũng', 'hamlet'), ('Tổ Lưng', 'hamlet')")
    assert faults(load(world, "to lung,xóm,00059,,leader,Nông Văn A,0900000051,,")) == [
        "row 2, team: several teams are called so; write its marks"
    ]
    assert loaded(world, "Tổ Lưng,xóm,00059,,leader,Nông Văn A,0900000051,,")[0].startswith(
        "changed"
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace(",", ";").replace("00018;00026", '"00018;00026"').encode(),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("0900000051", "+84 900 000 051").encode(),
        lambda text: text.replace("0900000051", "900000051").encode(),
        lambda text: text.upper().encode(),
        lambda text: workbook(
            *([int(c) if c == "0900000051" else c or None for c in row.split(",")] for row in text.split("\n"))
        ),
    ],
    ids=["mark", "semicolons", "decomposed", "crlf", "plus", "lost zero", "capitals", "xlsx"],
)  # fmt: skip
def test_what_spreadsheets_write_is_taken(world: World, encode) -> None:
    row = "Tổ A,xóm,00018;00026,,tổ trưởng,Nông Văn A,0900000051,00018,06:00-20:00"
    changes = load(world, data=encode(f"{HEAD}\n{row}"))
    assert faults(changes) == []
    ((role, name, number),) = members(world, changes.teams[0].said.split(" (")[0])
    assert (role, name.casefold(), number) == ("leader", "nông văn a", "+84900000051")


def test_a_formula_in_a_workbook_is_refused(world: World) -> None:
    data = workbook(HEAD.split(","), ["Tổ A", "xóm", "00059", "", "leader", "=A1", "0900000051"])
    assert faults(load(world, data=data)) == [
        "row 2, name: begins with '='; a spreadsheet would run it"
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xef\xbb\xbf", "row 1, file: is empty"),
        (b"PK\x03\x04 torn", "row 1, file: is no workbook; save it as .xlsx or CSV UTF-8"),
        (b"team,level\n", "row 1, serves: is missing\nrow 1, role: is missing\nrow 1, name: is missing\nrow 1, phone: is missing"),
        (workbook(), "row 1, file: is empty"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(world: World, data: bytes, reason: str) -> None:
    with pytest.raises(ListRefused) as refused:
        load(world, data=data)
    assert str(refused.value) == reason


def test_two_who_load_at_once_make_one_team(timed: TimedWorld) -> None:
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        loaded(timed, *NEW, *DEMO)

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(members(timed, "Tổ Lũng Mẫu")) == 2
    assert len(timed.phone(ONE).inbox()) == 1


def test_a_number_nobody_has_agreed_with_yet_gets_its_holder(timed: TimedWorld) -> None:
    timed.phone(ONE).text("GIUP 00018 VNEID")
    loaded(timed, *NEW)
    assert timed.one("SELECT h.name FROM phones f JOIN people h ON h.id = f.holder_id "
                     "WHERE f.msisdn = :n", n=ONE).name == "Nông Văn Mới"  # fmt: skip
