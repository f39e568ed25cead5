"""Classes as a villager asks for them by text: which there are, registering, giving a place up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.text.local_time import VIETNAM
from service.village.seating import Seating
from tests.village import FAR_AWAY, LEADER, NEIGHBOUR, VILLAGER, TimedWorld
from tests.village_work.classes import course, look, states, training
from tests.village_work.words import ask, forget_answers, say

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
MORNING_AFTER = datetime(2026, 12, 5, 8, 0, tzinfo=VIETNAM)


def names(timed: TimedWorld) -> list[tuple[str, str]]:
    rows = timed.rows("SELECT coalesce(name, '') AS name, state FROM enrolments ORDER BY id")
    return [(row.name, row.state) for row in rows]


def two_classes(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    course(timed, "vssid-1", title="VssID", topic="vssid", bring="")
    training(timed, 14, of="vssid-1", starts_at=MORNING_AFTER)


def teams_only(timed: TimedWorld, number: int = 15) -> None:
    course(timed, "to-1", title="Cho tổ", topic="dvc", audience="members")
    training(timed, number, of="to-1", starts_at=EVENING)


# -- which there are


def test_the_next_classes_near_me_in_one_text_my_own_marked(timed: TimedWorld) -> None:
    two_classes(timed)
    (said,) = timed.phone(NEIGHBOUR).text("LOP")
    assert said == (
        "Lop hoc: 12 VNeID t5 3/12 19h; 14 VssID t7 5/12 8h. Dang ky: soan LOP va so lop gui 8499. "
        "* co ten."
    )
    timed.phone(NEIGHBOUR).text("LOP 14")
    (said,) = timed.phone(NEIGHBOUR).text("lop")
    assert said.startswith("Lop hoc: *14 VssID t7 5/12 8h; 12 VNeID t5 3/12 19h.")


def test_what_one_text_does_not_hold_is_counted(timed: TimedWorld) -> None:
    for number in range(12, 18):
        training(timed, number, starts_at=EVENING + timedelta(days=number))
    (said,) = timed.phone(NEIGHBOUR).text("LOP")
    assert said.startswith(
        "Lop hoc: 12 VNeID t3 15/12 19h; 13 VNeID t4 16/12 19h; 14 VNeID t5 17/12 19h. Con 3 lop nua."
    )


@pytest.mark.parametrize("words", ["LOP VSSID", "LOP HOC bao hiem", "xem lop vssid"])
def test_the_classes_of_a_topic(timed: TimedWorld, words: str) -> None:
    two_classes(timed)
    (said,) = timed.phone(NEIGHBOUR).text(words)
    assert said.startswith("Lop hoc: 14 VssID t7 5/12 8h. Dang ky")


def test_no_class_of_a_topic_or_at_all_is_said(timed: TimedWorld) -> None:
    none = [say(timed, "sms.classes_none")]
    assert timed.phone(NEIGHBOUR).text("LOP") == none
    training(timed, starts_at=EVENING)
    assert timed.phone(NEIGHBOUR).text("LOP DVC") == none


def test_another_commune_s_classes_are_not_near(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.do(
        """
        INSERT INTO training_areas (training_id, area_id)
        SELECT t.id, a.id FROM trainings t, areas a
        WHERE a.kind = 'commune' AND a.code = '01273'
        """
    )
    assert timed.phone(NEIGHBOUR).text("LOP") == [say(timed, "sms.classes_none")]


def test_a_stranger_is_told_how_and_may_name_a_hamlet(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    assert timed.phone(VILLAGER).text("LOP") == [say(timed, "sms.classes_where")]
    forget_answers(timed)
    assert "12 VNeID t5 3/12 19h" in timed.phone(VILLAGER).text("LOP 00018")[0]


# -- registering


def test_registering_again_says_which_place_one_has(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    neighbour, leader = timed.phone(NEIGHBOUR), timed.phone(LEADER)
    assert neighbour.text("LOP 12") == neighbour.text("LOP 12 a")
    assert leader.text("LOP 12") == leader.text("dk lop so 12")
    assert states(timed) == ["seated", "waiting"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("LOP 12 Nông Thị A", "Nông Thị A"),
        ("LOP 12 cho me Lan", "me Lan"),
        ("LOP 1O: chong chi Thu nhe", "chong chi Thu"),
        ("LOP 12 trieu thi nao", "Trieu Thi Nao"),
        ("LOP 12 va Nong Thi La", "Nong Thi La"),
        ("LOP 12 Va A Di", "Va A Di"),
        ("LOP 12 cho toi", ""),
        ("LOP 12 Mai Thu", ""),
        ("LOP 12 nhe", ""),
        ("LOP 12 dang ky", ""),
        ("LOP 12 toi dang ky nhe", ""),
        ("LOP 12 cam on", ""),
        ("LOP 12 Giàng A H'Mông-Di", "Giàng A H'Mông-Di"),
    ],
)
def test_for_whom_somebody_registers(timed: TimedWorld, words: str, name: str) -> None:
    training(timed, 10 if "1O" in words else 12, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text(words)
    assert names(timed) == [(name, "seated")]


@pytest.mark.parametrize(
    "words",
    [
        *("LOP 12 hoc o dau vay?", "LOP 12 con cho khong", "LOP 12 2 nguoi", "LOP 12 13"),
        *("LOP 12 Nong Thi A, Nong Thi B", "LOP 12 =HYPERLINK(x)", "LOP 12 www.vi-du.vn"),
        *("LOP 12 @{}|~", "LOP 12 <b>Lan</b>", "LOP 12 what time"),
    ],
)
def test_a_question_is_no_name_and_answered_with_what_there_is(
    timed: TimedWorld, words: str
) -> None:
    training(timed, starts_at=EVENING)
    (said,) = timed.phone(NEIGHBOUR).text(words)
    assert said == (
        "Lop 12: toi thu 5, 3/12, 19h, nha van hoa Coc Phia, con 25 cho. Dang ky: soan LOP 12, cho "
        "nguoi nha thi them ten, gui 8499."
    )
    assert names(timed) == []


def test_a_household_has_a_seat_for_each_by_name_and_not_twice(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    neighbour = timed.phone(NEIGHBOUR)
    assert "Mai Thu co cho" in neighbour.text("LOP 12")[0]
    assert "Nong Thi A co cho" in neighbour.text("LOP 12 Nong Thi A")[0]
    assert "Nong Thi A co cho" in neighbour.text("LOP 12 NÔNG THỊ A")[0]
    assert names(timed) == [("", "seated"), ("Nong Thi A", "seated")]


def test_more_than_six_of_one_phone_are_sent_to_the_leader(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    neighbour = timed.phone(NEIGHBOUR)
    for n in range(6):
        neighbour.text(f"LOP 12 Nong Van {'ABCDEG'[n]}")
        forget_answers(timed)
    (said,) = neighbour.text("LOP 12 Nong Van H")
    assert "chua ghi them Nong Van H" in said
    assert len(names(timed)) == 6


def test_a_full_row_is_said(timed: TimedWorld) -> None:
    its = training(timed, seats=0, starts_at=EVENING)
    timed.do(
        """
        WITH made AS (INSERT INTO phones (msisdn)
                      SELECT '+8490000' || (1000 + n) FROM generate_series(1, 100) AS n RETURNING id)
        INSERT INTO enrolments (training_id, phone_id, state) SELECT :its, id, 'waiting' FROM made
        """,
        its=its,
    )
    (said,) = timed.phone(NEIGHBOUR).text("LOP 12")
    assert "het cho, hang doi cung du" in said
    assert len(names(timed)) == 100


@pytest.mark.parametrize("words", ["LOP 99", "LOP 15", "LOP 16", "HUY LOP 15"])
def test_what_one_may_not_know_of_answers_like_a_number_there_is_not(
    timed: TimedWorld, words: str
) -> None:
    teams_only(timed)
    training(timed, 16, starts_at=EVENING, state="proposed")
    number = words.rsplit(maxsplit=1)[-1]
    unknown = say(timed, "sms.class_unknown", **{"class": number})
    assert timed.phone(NEIGHBOUR).text(words) == [unknown]
    assert timed.phone(NEIGHBOUR).text("LOP") == [say(timed, "sms.classes_none")]
    assert names(timed) == []


def test_a_member_of_a_team_sees_and_has_the_classes_of_teams(timed: TimedWorld) -> None:
    teams_only(timed)
    assert "15 Dich vu cong t5 3/12 19h" in timed.phone(LEADER).text("LOP")[0]
    assert "co cho lop 15" in timed.phone(LEADER).text("LOP 15")[0]


@pytest.mark.parametrize("state", ["cancelled", "open"])
def test_a_class_that_is_over_or_cancelled_takes_nobody(timed: TimedWorld, state: str) -> None:
    training(timed, starts_at=EVENING, state=state)
    timed.time.turn_to(EVENING + timedelta(minutes=1))
    (said,) = timed.phone(NEIGHBOUR).text("LOP 12")
    assert "da bat dau hoac khong con nua" in said


# -- at the same hour


def at_once(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    training(timed, 14, starts_at=EVENING + timedelta(minutes=30))


def test_a_second_class_at_the_same_hour_is_asked_about(timed: TimedWorld) -> None:
    at_once(timed)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.text("LOP 12")
    (asked,) = neighbour.text("LOP 14")
    assert asked == (
        "Mai Thu da co ten o lop 12 cung gio voi lop 14, toi thu 5, 3/12, 19h30. Soan 1 van dang ky, "
        "2 thoi, gui 8499."
    )
    assert neighbour.text("2") == [say(timed, "sms.never_mind")]
    assert len(names(timed)) == 1
    neighbour.text("LOP 14")
    assert "co cho lop 14" in neighbour.text("1")[0]
    assert states(timed, 14) == ["seated"]


def test_somebody_else_of_the_household_may_be_elsewhere_at_that_hour(timed: TimedWorld) -> None:
    at_once(timed)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.text("LOP 12")
    assert "Nong Thi A co cho lop 14" in neighbour.text("LOP 14 Nong Thi A")[0]
    (asked,) = neighbour.text("LOP 12 Nong Thi A")
    assert asked.startswith("Nong Thi A da co ten o lop 14 cung gio")
    assert "Nong Thi A co cho lop 12" in neighbour.text("1")[0]


# -- giving it up


def test_the_only_place_needs_no_number(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert "Da huy cho cua Mai Thu o lop 12" in timed.phone(NEIGHBOUR).text("HUY LOP")[0]
    assert states(timed) == ["left"]


def household(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Nong Thi A")


@pytest.mark.parametrize(
    "answer", ["2", "Nông Thị A", "HUY LOP 12 nong thi a", "huy lop Nong Thi A"]
)
def test_which_of_several_people_is_asked_and_answered_by_digit_or_name(
    timed: TimedWorld, answer: str
) -> None:
    household(timed)
    neighbour = timed.phone(NEIGHBOUR)
    assert neighbour.text("HUY LOP 12") == [
        "Huy cho cua ai? 1 Mai Thu, 2 Nong Thi A. Soan so do gui 8499."
    ]
    assert "Da huy cho cua Nong Thi A o lop 12" in neighbour.text(answer)[0]
    assert states(timed) == ["seated", "left"]


def test_which_of_several_classes_is_asked(timed: TimedWorld) -> None:
    two_classes(timed)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.text("LOP 12")
    neighbour.text("LOP 14")
    assert neighbour.text("HUY LOP") == [
        "Huy cho cua ai? 1 lop 12 Mai Thu, 2 lop 14 Mai Thu. Soan so do gui 8499."
    ]
    neighbour.text("2")
    assert [states(timed, 12), states(timed, 14)] == [["seated"], ["left"]]


def test_giving_up_what_one_has_not(timed: TimedWorld) -> None:
    two_classes(timed)
    neighbour = timed.phone(NEIGHBOUR)
    assert neighbour.text("HUY LOP") == [say(timed, "sms.class_none_yours")]
    assert "khong dang ky ai o lop 12" in neighbour.text("HUY LOP 12")[0]
    neighbour.text("LOP 12")
    timed.time.turn_to(EVENING + timedelta(minutes=1))
    assert "da bat dau" in neighbour.text("HUY LOP 12")[0]
    assert states(timed) == ["seated"]


# -- numbers nobody knows


def test_a_stranger_registers_first_and_is_asked_to_be_remembered_then(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    stranger = timed.phone(VILLAGER)
    seated, asked = stranger.text("LOP 12")
    assert seated.startswith("Ba con co cho lop 12")
    assert asked == say(timed, "sms.consent_number")
    assert timed.rows("SELECT FROM consents WHERE phone_id = (SELECT max(id) FROM phones)") == []
    assert stranger.text("1") == [say(timed, "sms.agreed_number")]
    row = timed.one(
        """SELECT p.area_id, c.wording FROM phones f JOIN people p ON p.id = f.holder_id
           JOIN consents c ON c.phone_id = f.id WHERE f.msisdn = :m""",
        m=VILLAGER,
    )
    assert row.area_id is None, "where the class is does not say where they live"
    assert row.wording.startswith("sms.consent_number:vi:")
    assert "Da huy cho" in stranger.text("HUY LOP 12")[0]


def test_a_stranger_who_does_not_want_to_be_remembered_keeps_the_seat(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    stranger = timed.phone(VILLAGER)
    stranger.text("LOP 12")
    stranger.text("2")
    assert states(timed) == ["seated"]
    assert timed.one("SELECT holder_id FROM phones WHERE msisdn = :m", m=VILLAGER).holder_id is None
    assert "Da huy cho" in stranger.text("HUY LOP 12")[0]


def test_a_stranger_who_is_offered_a_seat_answers_that_and_not_the_older_question(
    timed: TimedWorld,
) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(LEADER).text("LOP 12")
    assert timed.phone(VILLAGER).text("LOP 12")[1] == say(timed, "sms.consent_number")
    timed.time.let_pass(timedelta(minutes=1))
    timed.phone(LEADER).text("HUY LOP 12")
    assert "Ba con co cho lop 12" in timed.phone(VILLAGER).text("1")[0]
    assert timed.one("SELECT holder_id FROM phones WHERE msisdn = :m", m=VILLAGER).holder_id is None


def test_a_stranger_registers_in_a_call_without_being_remembered(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    stranger = timed.phone(VILLAGER)
    stranger.dial()
    stranger.keys("2", "00018", "2", "4", "1", "1")
    assert stranger.screen.startswith("Ba con co cho lop 12")
    assert len(stranger.inbox()) == 1
    assert timed.one("SELECT holder_id FROM phones WHERE msisdn = :m", m=VILLAGER).holder_id is None


def test_a_villager_we_know_registers_in_four_hops(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.dial()
    neighbour.keys("4", "1", "1")
    assert not neighbour.open
    assert timed.one("SELECT hop FROM ussd_sessions").hop == 4
    assert states(timed) == ["seated"]


def grow_stale(timed: TimedWorld, msisdn: str) -> None:
    timed.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' WHERE msisdn = :m",
        m=msisdn,
    )


@pytest.mark.parametrize("words", ["LOP", "LOP 12", "HUY LOP 12"])
def test_a_number_silent_for_long_is_asked_whose_it_is(timed: TimedWorld, words: str) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    grow_stale(timed, NEIGHBOUR)
    assert timed.phone(NEIGHBOUR).text(words) == [say(timed, "sms.still_you")]
    assert states(timed) == ["seated"]


@pytest.mark.parametrize("digit", ["1", "2", "1 12", "co"])
def test_an_answer_to_an_offer_from_such_a_number_waits_and_is_not_lost(
    timed: TimedWorld, digit: str
) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(LEADER).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("HUY LOP 12")
    assert "Co cho cho Mai Thu" in timed.phone(NEIGHBOUR).inbox()[-1]
    grow_stale(timed, NEIGHBOUR)
    assert timed.phone(NEIGHBOUR).text(digit) == [say(timed, "sms.still_you")]
    assert states(timed) == ["left", "offered"]
    assert timed.phone(NEIGHBOUR).text("1") == [say(timed, "sms.still_you_noted")]
    assert states(timed) == ["left", "offered"]
    timed.phone(NEIGHBOUR).text(digit)
    assert states(timed) == ["left", "declined" if digit == "2" else "seated"]


# -- what a digit answers


def offered(timed: TimedWorld, *numbers: int) -> None:
    """Let the neighbour be offered a seat in each of these classes, one after the other."""
    for number in numbers:
        training(timed, number, seats=1, starts_at=EVENING + timedelta(days=number))
        timed.phone(LEADER).text(f"LOP {number}")
        timed.phone(NEIGHBOUR).text(f"LOP {number}")
    for number in numbers:
        timed.time.let_pass(timedelta(minutes=1))
        timed.phone(LEADER).text(f"HUY LOP {number}")


def test_with_several_classes_asking_it_is_asked_which(timed: TimedWorld) -> None:
    offered(timed, 12, 14)
    neighbour = timed.phone(NEIGHBOUR)
    assert neighbour.text("1") == [
        "Lop nao? Soan 1 14 cho lop 14. Cac lop dang hoi: 12, 14. Gui 8499."
    ]
    assert [states(timed, 12)[-1], states(timed, 14)[-1]] == ["offered", "offered"]
    assert "co cho lop 12" in neighbour.text("1 12")[0]
    assert "khong lay cho o lop 14" in neighbour.text("2")[0]
    assert [states(timed, 12)[-1], states(timed, 14)[-1]] == ["seated", "declined"]


def household_offered(timed: TimedWorld) -> None:
    """Two seats fall free, for two who wait with one phone."""
    its = training(timed, seats=0, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Nong Thi A")
    with timed.runtime.units.open() as unit:
        Seating(unit, timed.runtime.words, its).resize(2)
    assert states(timed) == ["offered", "offered"]


@pytest.mark.parametrize("yes", ["1", "1 12"])
def test_yes_is_for_all_of_a_household_whom_a_class_asks(timed: TimedWorld, yes: str) -> None:
    household_offered(timed)
    said = timed.phone(NEIGHBOUR).text(yes)
    assert [body.split(" co cho")[0] for body in said] == ["Mai Thu", "Nong Thi A"]
    assert states(timed) == ["seated", "seated"]


def test_of_no_it_is_asked_who_of_a_household_does_not_come(timed: TimedWorld) -> None:
    household_offered(timed)
    neighbour = timed.phone(NEIGHBOUR)
    timed.time.let_pass(timedelta(minutes=1))
    assert neighbour.text("2") == ["Huy cho cua ai? 1 Mai Thu, 2 Nong Thi A. Soan so do gui 8499."]
    assert "Nong Thi A" in neighbour.text("2")[0]
    assert names(timed) == [("", "offered"), ("Nong Thi A", "left")]
    assert "Mai Thu co cho" in neighbour.text("1")[0]


def test_huy_and_the_number_of_a_class_gives_up_the_place_in_it(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert "Da huy cho cua Mai Thu o lop 12" in timed.phone(NEIGHBOUR).text("HUY 12")[0]
    assert timed.phone(NEIGHBOUR).text("HUY 12") == [say(timed, "sms.status_none")]


def test_whoever_is_offered_a_seat_and_registers_again_takes_it(timed: TimedWorld) -> None:
    offered(timed, 12)
    assert "Mai Thu co cho lop 12" in timed.phone(NEIGHBOUR).text("LOP 12")[0]
    assert states(timed) == ["left", "seated"]


def test_a_newer_question_of_something_else_has_the_digit(timed: TimedWorld) -> None:
    offered(timed, 12)
    neighbour = timed.phone(NEIGHBOUR)
    timed.time.let_pass(timedelta(minutes=1))
    (asked,) = neighbour.text("GUIP VNEID")
    assert asked.startswith("Co phai ba con muon")
    neighbour.text("2")
    assert states(timed) == ["left", "offered"], "that was about help"
    neighbour.text("2")
    assert states(timed) == ["left", "declined"]


def test_is_it_solved_asked_later_has_the_digit_and_the_number_says_otherwise(
    timed: TimedWorld,
) -> None:
    offered(timed, 12)
    neighbour, leader = timed.phone(NEIGHBOUR), timed.phone(LEADER)
    timed.time.let_pass(timedelta(minutes=1))
    number = ask(neighbour)
    leader.text("NV 1")
    leader.text("XONG 1")
    assert "co cho lop 12" in neighbour.text("1 12")[0]
    assert "xong" in neighbour.text("1")[0]
    assert (
        timed.one("SELECT state FROM help_requests WHERE number = :n", n=number).state == "closed"
    )


def test_an_offer_newer_than_a_menu_has_the_digit(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(LEADER).text("LOP 12")
    timed.phone(FAR_AWAY).text("LOP 12")
    timed.phone(FAR_AWAY).text("MENU")
    timed.time.let_pass(timedelta(minutes=1))
    timed.phone(LEADER).text("HUY LOP 12")
    assert "co cho lop 12" in timed.phone(FAR_AWAY).text("1")[0]
    assert look(timed) == 0


@pytest.mark.parametrize(
    "words", ["dang ky hoc lop 12", "toi muon hoc lop 12", "dk hoc lop 12", "muon hoc lop 12"]
)
def test_who_wants_to_learn_in_a_class_by_whole_words_is_registered(
    timed: TimedWorld, words: str
) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text(words)
    assert states(timed) == ["seated"]


@pytest.mark.parametrize("words", ["rut lop 12", "khong di lop 12", "cancel class 12"])
def test_a_place_is_given_up_by_other_words_too(timed: TimedWorld, words: str) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text(words)
    assert states(timed) == ["left"]


def test_the_first_word_of_an_answer_has_a_capital_letter(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    assert timed.phone("+84900000555").text("LOP 12")[0].startswith("Ba con co cho lop 12")
    assert timed.phone(NEIGHBOUR).text("LOP 12 cho me Lan")[0].startswith("Me Lan co cho lop 12")
