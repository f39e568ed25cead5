"""What a coordinator does to classes, as the people in them notice it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.records.trainings import Training
from service.text.local_time import VIETNAM
from service.text.phones import Msisdn
from service.village import class_invites, class_keeping, class_reports
from service.village.area_tables import Fault
from service.village.areas import find_area
from service.village.class_imports import Registered, Wishes, register_list
from service.village.class_keeping import CannotChange, Wish
from service.village.desk import Desk
from service.village.enrolling import register
from tests.command import Command
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    VILLAGER,
    TimedWorld,
)  # fmt: skip
from tests.village_work.classes import course, look, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
BY = "operator Nông Thị Thử"
OTHERS = [f"+8490000010{n}" for n in range(6)]


class Classes(Command):
    group = "classes"


@pytest.fixture
def classes(timed: TimedWorld, tmp_path: Path) -> Classes:
    return Classes(timed.runtime.settings.database_url, tmp_path)


def change(world: TimedWorld, training_id: int, **wish: Any) -> int:
    runtime = world.runtime
    return class_keeping.change(runtime.units, runtime.words, training_id, Wish(**wish), BY)


def outlook(world: TimedWorld, training_id: int, **wish: Any) -> class_keeping.Outlook:
    with world.runtime.units.open() as unit:
        one = unit.session.get_one(Training, training_id)
        return class_keeping.outlook(unit.session, one, Wish(**wish))


def invited(world: TimedWorld, training_id: int, *more: str) -> tuple[class_invites.Invitees, int]:
    runtime = world.runtime
    with runtime.units.open() as unit:
        areas = [area for code in more if (area := find_area(unit.session, code))]
        one = unit.session.get_one(Training, training_id)
        found = class_invites.invitees(unit.session, runtime.words, one, areas)
    return found, class_invites.invite(runtime.units, runtime.words, training_id, BY, areas)


def listed(world: TimedWorld, training_id: int, *rows: str, **wishes: Any) -> Registered:
    data = "\n".join(["phone,name", *rows]).encode()
    runtime = world.runtime
    wishes = {"by": BY, "consent_held_by": "UBND xã Hòa An", **wishes}
    return register_list(runtime.units, runtime.words, training_id, data, Wishes(**wishes))


def notices(world: TimedWorld, msisdn: str) -> list[str]:
    return [
        row.body
        for row in world.rows(
            "SELECT body FROM messages_out WHERE msisdn = :m AND class = 'notice'"
            " AND state = 'queued' ORDER BY id",
            m=msisdn,
        )
    ]


# -- changes


def test_fewer_seats_put_the_last_ones_in_front_of_the_row(timed: TimedWorld) -> None:
    id_ = training(timed, seats=3, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER, DEPUTY, MEMBER):
        timed.phone(msisdn).text("LOP 12")
    ahead = outlook(timed, id_, seats=1)
    assert (ahead.people, ahead.told, ahead.lose, ahead.gain) == (4, 2, 2, 0)
    change(timed, id_, seats=1)
    assert states(timed) == ["seated", "waiting", "waiting", "waiting"]
    assert "bot cho ngoi. Hoang Van Mau xep o dau hang" in timed.phone(LEADER).inbox()[-1]
    assert outlook(timed, id_, seats=2).gain == 1
    change(timed, id_, seats=2)
    assert states(timed) == ["seated", "offered", "waiting", "waiting"]
    row = timed.one(
        "SELECT actor, detail FROM audit WHERE action = 'class_changed' ORDER BY id LIMIT 1"
    )
    assert (row.actor, row.detail["changed"]) == (BY, {"seats": [3, 1]})


def test_fewer_seats_while_people_register_hold_no_seat_twice(timed: TimedWorld) -> None:
    id_ = training(timed, seats=8, starts_at=EVENING)
    runtime = timed.runtime

    def register_one(n: int) -> None:
        with runtime.units.open() as unit:
            desk = Desk(unit, runtime.words, Msisdn(f"+8490000020{n:02}"), "sms", f"race:{n}")
            register(desk, unit.session.get_one(Training, id_))

    with ThreadPoolExecutor(7) as several:
        racing = [several.submit(register_one, n) for n in range(6)]
        racing.append(several.submit(change, timed, id_, seats=3))
        racing += [several.submit(register_one, n) for n in range(6, 12)]
        for one in racing:
            one.result()
    stand = states(timed)
    assert len(stand) == 12
    assert stand.count("seated") + stand.count("offered") == 3
    assert stand.count("waiting") == 9


def test_a_class_moved_is_told_once_to_each_and_never_into_the_past(timed: TimedWorld) -> None:
    id_ = training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    with pytest.raises(CannotChange, match="is past: it is Tue 01/12/2026 09:00"):
        change(timed, id_, starts_at=datetime(2026, 11, 30, 19, 0, tzinfo=VIETNAM))
    before = len(timed.phone(NEIGHBOUR).inbox())
    later = datetime(2026, 12, 4, 19, 30, tzinfo=VIETNAM)
    assert outlook(timed, id_, starts_at=later).told == 2
    change(timed, id_, starts_at=later)
    change(timed, id_, starts_at=later)
    (told,) = timed.phone(NEIGHBOUR).inbox()[before:]
    assert told.startswith("Lop 12 DOI: toi thu 6, 4/12, 19h30, nha van hoa Coc Phia. Mai Thu")
    assert "toi thu 6, 4/12, 19h30" in timed.phone(LEADER).inbox()[-1]
    assert len(timed.rows("SELECT FROM audit WHERE action = 'class_changed'")) == 1
    assert timed.one("SELECT ends_at - starts_at AS lasts FROM trainings").lasts.seconds == 5400


def test_a_class_does_not_move_into_another_one_s_house_or_its_teacher_s(
    timed: TimedWorld,
) -> None:
    id_ = training(timed, starts_at=EVENING)
    later = datetime(2026, 12, 4, 19, 0, tzinfo=VIETNAM)
    training(timed, 13, starts_at=later)
    training(timed, 14, starts_at=later, hamlet="00026")
    with pytest.raises(CannotChange, match="--at: class 13 is held there"):
        change(timed, id_, starts_at=later)
    timed.do("UPDATE trainings SET teacher_phone_id = (SELECT id FROM phones WHERE msisdn = :m) "
             "WHERE number IN (12, 14)", m=MEMBER)  # fmt: skip
    with pytest.raises(CannotChange, match="--teacher-phone: the teacher has class 14"):
        change(timed, id_, starts_at=later, place="trường học")
    assert timed.one("SELECT starts_at FROM trainings WHERE number = 12").starts_at == EVENING


def test_another_teacher_tells_nobody_and_is_possible_while_it_runs(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    before = len(timed.phone(NEIGHBOUR).inbox())
    timed.time.turn_to(datetime(2026, 12, 3, 19, 30, tzinfo=VIETNAM))
    change(timed, id_, teacher="Cô Lan")
    with pytest.raises(CannotChange, match="has begun"):
        change(timed, id_, seats=3)
    assert len(timed.phone(NEIGHBOUR).inbox()) == before
    assert timed.one("SELECT teacher_name FROM trainings").teacher_name == "Cô Lan"


def test_a_class_cancelled_is_told_and_its_invitations_do_not_leave(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    invited(timed, id_)
    assert notices(timed, VILLAGER) == []
    assert len(notices(timed, LEADER)) == 1
    runtime = timed.runtime
    assert class_keeping.cancel(runtime.units, runtime.words, id_, "Cô Lan ốm", BY) == 1
    assert "KHONG hoc nua" in timed.phone(NEIGHBOUR).inbox()[-1]
    assert notices(timed, LEADER) == []
    with pytest.raises(CannotChange, match="cancelled already"):
        class_keeping.cancel(runtime.units, runtime.words, id_, "Cô Lan ốm", BY)
    detail = timed.one("SELECT detail FROM audit WHERE action = 'class_cancelled'").detail
    assert (detail["reason"], detail["people"]) == ("Cô Lan ốm", 1)


# -- invitations


def test_people_of_the_places_are_invited_once_a_phone(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("TC")
    timed.do(
        "INSERT INTO people (name, area_id) SELECT 'Không Máy', id FROM areas WHERE code = '00018'"
    )
    timed.do("INSERT INTO people (name, area_id, phone_id) SELECT 'Chung Máy', a.id, f.id "
             "FROM areas a, phones f WHERE a.code = '00018' AND f.msisdn = :m", m=DEPUTY)  # fmt: skip
    found, written = invited(timed, id_)
    assert written == len(found.phones)
    assert {row.msisdn for row in found.phones} >= {DEPUTY, MEMBER}
    assert found.left_out == {
        "without a phone": 1, "who refused news": 1, "who registered already": 1,
    }  # fmt: skip
    assert "Left out: " in found.said()
    assert found.people == written + 1, "two people share a phone"
    (said,) = notices(timed, DEPUTY)
    assert said == (
        "Lop 12 VNeID cho nguoi lon tuoi: toi thu 5, 3/12, 19h, nha van hoa Coc Phia. Soan LOP 12 de "
        "dang ky, TC neu khong muon tin nua, gui 8499."
    )
    for msisdn in (NEIGHBOUR, LEADER, VILLAGER):
        assert notices(timed, msisdn) == []
    again, written = invited(timed, id_)
    assert (again.phones, written) == ([], 0)
    assert again.left_out["who were invited already"] == found.people
    assert timed.one("SELECT count(*) AS n FROM training_areas WHERE invited_at IS NOT NULL").n == 1


def test_a_class_for_members_invites_members_alone(timed: TimedWorld) -> None:
    course(timed, "to-1", audience="members")
    found, _ = invited(timed, training(timed, of="to-1", starts_at=EVENING))
    assert {row.msisdn for row in found.phones} == {LEADER, DEPUTY, MEMBER, COMMUNE_DUTY}


def test_another_place_is_invited_later_and_a_number_in_doubt_is_not(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    timed.do("INSERT INTO training_areas (training_id, area_id) SELECT :id, id FROM areas "
             "WHERE code = '00018' AND kind = 'hamlet'", id=id_)  # fmt: skip
    timed.do("UPDATE phones SET doubted_at = clock_timestamp() WHERE msisdn = :m", m=LEADER)
    found, _ = invited(timed, id_)
    assert NEIGHBOUR in {row.msisdn for row in found.phones}
    assert found.left_out["whose number may be somebody else's"] == 1
    assert notices(timed, FAR_AWAY) == []
    found, written = invited(timed, id_, "00059")
    assert written == 1
    assert len(notices(timed, FAR_AWAY)) == 1
    assert len(notices(timed, NEIGHBOUR)) == 1


def test_an_invitation_that_has_not_left_says_what_is_true_now(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    invited(timed, id_)
    timed.do(
        "UPDATE messages_out SET state = 'delivered' WHERE msisdn = :m AND class = 'notice'",
        m=DEPUTY,
    )
    change(timed, id_, starts_at=datetime(2026, 12, 5, 19, 0, tzinfo=VIETNAM))
    (said,) = notices(timed, NEIGHBOUR)
    assert "toi thu 7, 5/12, 19h" in said
    assert notices(timed, DEPUTY) == [], "who has read it is not written to again"


def test_an_invitation_that_was_killed_half_way_is_finished_by_the_next(
    timed: TimedWorld,
) -> None:
    id_ = training(timed, starts_at=EVENING)
    _, written = invited(timed, id_)
    timed.do("DELETE FROM messages_out WHERE class = 'notice' AND msisdn IN (:a, :b)",
             a=LEADER, b=DEPUTY)  # fmt: skip
    assert invited(timed, id_)[1] == 2 < written
    assert len(notices(timed, LEADER)) == 1
    assert len(notices(timed, NEIGHBOUR)) == 1


def test_an_invitation_is_not_worth_sending_once_the_class_is_near(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    invited(timed, id_)
    row = timed.one("SELECT max(valid_until) AS last FROM messages_out WHERE class = 'notice'")
    assert row.last == EVENING - timedelta(hours=1)


# -- lists on paper


def test_a_list_on_paper_is_registered_and_each_hears(timed: TimedWorld) -> None:
    id_ = training(timed, seats=2, starts_at=EVENING)
    rows = ("0900000007,Mai Thử", "0900 000 101,Nông Thị Ví Dụ", "0900 000 101,Lý Văn Giả")
    tried = listed(timed, id_, *rows, dry_run=True)
    assert tried.said() == ["2 have a seat, 1 wait, 0 had registered before."]
    assert states(timed) == []
    assert listed(timed, id_, *rows).faults == []
    assert states(timed) == ["seated", "seated", "waiting"]
    assert timed.phone(NEIGHBOUR).inbox()[-1].startswith("Mai Thu co cho lop 12: toi thu 5")
    told = timed.phone(OTHERS[1]).inbox()
    assert told[0].startswith("Nong Thi Vi Du co cho lop 12")
    assert "Ly Van Gia xep hang thu 1" in told[1]
    again = listed(timed, id_, *rows)
    assert again.said() == ["0 have a seat, 0 wait, 3 had registered before."]
    (said,) = timed.phone(NEIGHBOUR).text("HUY LOP 12")
    assert said.startswith("Da huy cho cua Mai Thu")
    detail = timed.one(
        "SELECT detail FROM audit WHERE action = 'class_list_registered' LIMIT 1"
    ).detail
    assert detail["consent_held_by"] == "UBND xã Hòa An"


def test_a_list_with_a_fault_registers_nobody(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    other = training(timed, 13, starts_at=EVENING, hamlet="00026")
    timed.phone(NEIGHBOUR).text("LOP 13")
    went = listed(timed, id_, "0900000101,Nông Thị Ví Dụ", "090000010,", ",Lý", "0900000007,")
    assert went.faults == [
        Fault(3, "phone", "This phone number has too few digits."),
        Fault(4, "phone", "is missing"),
        Fault(5, "phone", "has class 13 at that hour; --despite-clash registers them"),
    ]
    assert states(timed) == []
    assert timed.phone(OTHERS[1]).inbox() == []
    assert timed.rows("SELECT FROM phones WHERE msisdn = :m", m=OTHERS[1]) == []
    assert listed(timed, id_, "0900000007,", despite_clash=True).faults == []
    runtime = timed.runtime
    class_keeping.cancel(runtime.units, runtime.words, other, "ốm", BY)
    assert listed(timed, other, "0900000101,").faults == [
        Fault(1, "class", "cancelled, Thu 03/12/2026 19:00: nobody can register")
    ]


def test_who_had_themself_erased_is_on_no_list_again(timed: TimedWorld) -> None:
    id_ = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("XOA")
    code = timed.phone(NEIGHBOUR).inbox()[-1].split("XOA ")[1].split()[0]
    timed.phone(NEIGHBOUR).text(f"XOA {code}")
    went = listed(timed, id_, "0900000007,Mai Thử", "0900000101,Nông Thị Ví Dụ")
    assert went.notes == ["row 2: left out, they had themselves erased"]
    assert states(timed) == ["seated"]


# -- figures


def test_figures_are_of_where_people_live(timed: TimedWorld) -> None:
    training(timed, seats=2, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER, FAR_AWAY, OTHERS[0]):
        timed.phone(msisdn).text("LOP 12")
    timed.time.turn_to(datetime(2026, 12, 3, 21, 0, tzinfo=VIETNAM))
    look(timed)
    timed.do("UPDATE trainings SET called_at = clock_timestamp()")
    timed.do("UPDATE enrolments SET attended = (phone_id = (SELECT id FROM phones WHERE msisdn = :m)),"
             " rating = CASE WHEN phone_id = (SELECT id FROM phones WHERE msisdn = :m) THEN 4 END"
             " WHERE state = 'seated'", m=NEIGHBOUR)  # fmt: skip
    from service.text.weeks import parse_week

    with timed.runtime.units.open() as unit:
        made = class_reports.report(unit.session, parse_week("2026-W49"))
        none = class_reports.report(unit.session, parse_week("2026-W48"))
        there = class_reports.report(unit.session, parse_week("2026-W49"), "01654")
    lines = {line.code: line.figures for line in made.lines}
    here = lines["00018"]
    assert (here.held, here.registered, here.came, here.missed) == (1, 2, 1, 1)
    assert (here.people, here.reached, here.rating) == (1, 1, 4.0)
    assert here.households > 1
    assert (lines["00059"].held, lines["00059"].never_seated) == (0, 1)
    assert (lines["?"].registered, lines["?"].never_seated) == (1, 1)
    assert (made.total.registered, made.total.never_seated) == (4, 2)
    assert [(c.course, c.people, c.finished) for c in made.courses] == [("vneid-1", 1, 1)]
    assert (none.total.held, none.total.registered, none.courses) == (0, 0, [])
    assert "?" not in {line.code for line in there.lines}


# -- the commands


def test_the_command_asks_first_and_names_who_decides(timed: TimedWorld, classes: Classes) -> None:
    training(timed, seats=2, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    by = ("--by", "Nông Thị Thử")
    code, told, _ = classes("change", "12", "--seats", "0", *by)
    assert code == 1
    assert "1 people have a place or wait. 1 people are told of it, 1 lose a seat" in told
    assert states(timed) == ["seated"]
    code, told, errors = classes("change", "12", "--at", "2026-12-04 19:00", "--yes", *by)
    assert (code, errors) == (0, "")
    assert "toi thu 6, 4/12, 19h" in timed.phone(NEIGHBOUR).inbox()[-1]
    assert classes("change", "12", *by)[0] == 2
    code, told, _ = classes("invite", "12", "--dry-run", *by)
    assert "Left out: 1 who registered already." in told
    assert told.endswith("Nobody is written to.\n")
    assert classes("invite", "12", "--yes", *by)[1].endswith("leave between 7 and 22 o'clock.\n")
    code, told, _ = classes("cancel", "12", "--reason", "ốm", "--yes", *by)
    assert (code, told.splitlines()[-1]) == (0, "Cancelled; 1 people are told.")
    _, told, _ = classes("show", "12")
    assert "operator Nông Thị Thử: class cancelled (ốm)" in told
    assert "12" not in classes("list")[1]
    assert classes("cancel", "12", "--reason", "ốm", "--yes", *by)[::2] == (
        1, "The class is cancelled.\n",
    )  # fmt: skip


def test_a_proposed_class_is_confirmed_or_refused(timed: TimedWorld, classes: Classes) -> None:
    training(timed, 14, starts_at=EVENING, state="proposed")
    training(timed, 15, starts_at=EVENING, state="proposed", hamlet="00026")
    timed.do(
        "UPDATE trainings SET proposed_by = (SELECT id FROM people WHERE name = 'Hoàng Văn Mẫu')"
    )
    by = ("--by", "Nông Thị Thử")
    assert "PROPOSED by Hoàng Văn Mẫu: confirm or refuse it" in classes("list")[1]
    assert classes("confirm", "14", *by)[0] == 0
    assert "Lop 14 da duoc duyet" in timed.phone(LEADER).inbox()[-1]
    assert classes("refuse", "15", "--reason", "nhà văn hóa bận", *by)[0] == 0
    assert "Ly do: nha van hoa ban" in timed.phone(LEADER).inbox()[-1]
    assert classes("confirm", "15", *by)[::2] == (
        1, "Class 15 is not proposed, or its time is past.\n",
    )  # fmt: skip
    assert "co cho lop 14" in timed.phone(NEIGHBOUR).text("LOP 14")[0]


def test_numbers_are_exported_in_full_only_on_record(
    timed: TimedWorld, classes: Classes, tmp_path: Path
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    out = tmp_path / "class.csv"
    code, told, _ = classes("export", "12", "-o", str(out))
    assert (code, told) == (0, f"{out}: 1 rows.\n")
    written = out.read_text("utf-8-sig")
    assert "Mai Thử" in written
    assert "0900000007" not in written
    assert classes("export", "12", "-o", str(out), "--full-numbers")[0] == 2
    assert timed.rows("SELECT FROM audit WHERE action = 'class_exported'") == []
    assert classes("export", "12", "-o", str(out), "--full-numbers", "--by", "Thử")[0] == 0
    assert "0900000007" in out.read_text("utf-8-sig")
    row = timed.one("SELECT actor, detail FROM audit WHERE action = 'class_exported'")
    assert (row.actor, row.detail["full_numbers"]) == ("operator Thử", True)


def test_the_report_is_printed_written_and_json(
    timed: TimedWorld, classes: Classes, tmp_path: Path
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.time.turn_to(datetime(2026, 12, 3, 21, 0, tzinfo=VIETNAM))
    code, told, errors = classes("report", "--from", "1/12/2026")
    assert (code, errors) == (0, "")
    assert told.splitlines()[0] == "Classes that began in 01/12/2026 to 03/12/2026"
    assert "00018  Xóm Cốc Phia" in told
    out = tmp_path / "report.csv"
    assert classes("report", "--csv", str(out))[0] == 0
    assert out.read_text("utf-8-sig").startswith("code,name,commune,held,uncalled,registered")
    assert '"uncalled": 1' in classes("report", "--json")[1]
    _, told, _ = classes("register", "12", "--phone", "0900000101", "--by", "Thử")
    assert told == ""
    code, _, said = classes("report", "--from", "3/12/2026", "--to", "1/12/2026")
    assert (code, said) == (1, "--from, --to: 03/12/2026 is after 01/12/2026.\n")


def test_a_paper_list_needs_to_say_who_has_the_consent(timed: TimedWorld, classes: Classes) -> None:
    training(timed, starts_at=EVENING)
    _, template, _ = classes("template", "registrations")
    file, by = classes.file(template), ("--by", "Thử")
    code, _, said = classes("register", "12", file, *by)
    assert code == 2
    assert "say who can show that the people agreed" in " ".join(said.split())
    code, told, errors = classes("register", "12", file, *by, "--consent-held-by", "Cô Lan")
    assert (code, errors, told) == (0, "", "3 have a seat, 0 wait, 0 had registered before.\n")
    code, told, _ = classes("register", "12", "--phone", "0900000007", *by)
    assert told == "1 have a seat, 0 wait, 0 had registered before.\n"
    assert classes("register", "12", "--phone", "090000000", *by)[::2] == (
        1, "phone: This phone number has too few digits.\n",
    )  # fmt: skip


def test_the_desk_calls_a_roll_when_the_village_cannot_any_more(
    timed: TimedWorld, classes: Classes
) -> None:
    training(timed, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    by = ("--by", "Thử")
    assert classes("roll", "12", "1", *by)[::2] == (
        1, "The class has not begun: Thu 03/12/2026 19:00.\n",
    )  # fmt: skip
    timed.time.turn_to(datetime(2026, 12, 8, 9, 0, tzinfo=VIETNAM))
    code, told, errors = classes("roll", "12", *by)
    assert (code, errors) == (0, "")
    assert told.splitlines()[-1] == "2 people are on the list."
    assert classes("roll", "12", "3", *by)[::2] == (1, "Not on the list: 3.\n")
    assert classes("roll", "12", "hello", *by)[0] == 1
    code, told, _ = classes("roll", "12", "1", "them", "0900000101", "Nong Thi Vi Du", *by)
    assert (code, told.splitlines()[-1]) == (0, "2 came, 1 did not.")
    assert "Nong Thi Vi Du" in timed.phone(OTHERS[1]).inbox()[-1]
    _, shown, _ = classes("courses", "show", "vneid-1")
    assert "2 finished it:" in shown
    assert "Mai Thử (+8490*****07), 00018, came 1 times" in shown
    assert classes("list")[1] == "No class is ahead.\n"
