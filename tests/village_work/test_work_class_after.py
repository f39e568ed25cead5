"""After a class: the roll, the question how it was, guides and certificates, and what is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from service.outbox.alarms import raise_alarm
from service.records.unit import Units
from service.text.local_time import VIETNAM
from service.village.class_after import ask_after_classes
from service.village.class_certificates import grant_certificates
from service.village.class_demand import watch_rows
from service.village.class_reminders import remind_classes
from service.village.class_strangers import forget_strangers
from service.village.desk import Words
from service.village.keeping import forget, over_age
from service.village.roll_reminders import remind_rolls
from service.village.seat_offers import offer_seats
from tests.village import LEADER, MEMBER, NEIGHBOUR, VILLAGER, TimedWorld
from tests.village_work.classes import course, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
END = EVENING + timedelta(minutes=90)
MORNING_AFTER = datetime(2026, 12, 4, 7, 1, tzinfo=VIETNAM)
DAY_AFTER = END + timedelta(days=1, minutes=1) - timedelta(hours=1)
RATE = "SELECT FROM messages_out WHERE body LIKE '%co ich%Soan 1%'"
WANTED = "SELECT name, about, times, closed_at FROM alarms WHERE name = 'class_wanted'"


def work(world: TimedWorld, do: Callable[[Units, Words], int], at: datetime | None = None) -> int:
    """Turn the clock to a moment, and let it do a piece of its work."""
    if at is not None:
        world.time.turn_to(at)
    world.arrive()
    return do(world.runtime.units, world.runtime.words)


def at_once(world: TimedWorld, do: Callable[[Units, Words], int]) -> int:
    """Let two clocks do the same piece of work at once; return how much they did together."""
    done: list[int] = []
    two = [
        threading.Thread(target=lambda: done.append(do(world.runtime.units, world.runtime.words)))
        for _ in range(2)
    ]
    for thread in two:
        thread.start()
    for thread in two:
        thread.join()
    assert len(done) == 2
    return sum(done)


def call_roll(world: TimedWorld, came: bool = True, *, number: int = 12) -> None:
    """Call the roll: everybody who has a seat came, or nobody."""
    world.do(
        """
        UPDATE enrolments SET attended = :came WHERE state = 'seated'
          AND training_id = (SELECT id FROM trainings WHERE number = :number)
        """,
        came=came,
        number=number,
    )
    world.do(
        "UPDATE trainings SET called_at = clock_timestamp() WHERE number = :number", number=number
    )


def test_whoever_came_is_asked_once_in_the_morning_and_gets_the_guide(timed: TimedWorld) -> None:
    course(timed, guide="vneid")
    training(timed, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.time.turn_to(END)
    call_roll(timed)
    timed.do("UPDATE enrolments SET attended = false WHERE id = (SELECT max(id) FROM enrolments)")
    assert work(timed, ask_after_classes, END + timedelta(minutes=31)) == 0, "it is night"
    assert work(timed, ask_after_classes, MORNING_AFTER) == 1
    assert work(timed, ask_after_classes) == 0
    question, guide = timed.phone(NEIGHBOUR).inbox()[-2:]
    assert question == (
        "Lop 12 VNeID cho nguoi lon tuoi: co ich cho Mai Thu khong? Soan 1 (khong) den 5 (rat co "
        "ich) gui 8499."
    )
    assert guide == timed.runtime.words.say("guide.vneid", "vi", {})
    assert "co ich" not in timed.phone(LEADER).inbox()[-1]
    assert timed.phone(NEIGHBOUR).text("2") == ["Cam on ba con. To da ghi de lop sau tot hon."]
    assert [row.rating for row in timed.rows("SELECT rating FROM enrolments ORDER BY id")] == [
        2,
        None,
    ]


def test_an_afternoon_class_is_asked_about_half_an_hour_after_it(timed: TimedWorld) -> None:
    ends_at = datetime(2026, 12, 3, 15, 30, tzinfo=VIETNAM)
    training(timed, starts_at=ends_at - timedelta(minutes=90))
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.time.turn_to(ends_at)
    call_roll(timed)
    assert work(timed, ask_after_classes, ends_at + timedelta(minutes=29)) == 0
    assert work(timed, ask_after_classes, ends_at + timedelta(minutes=31)) == 1


def test_a_household_is_asked_once_and_answers_once(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    timed.time.turn_to(END)
    call_roll(timed)
    assert work(timed, ask_after_classes, MORNING_AFTER) == 1
    assert "cho Mai Thu va 1 nguoi nua khong" in timed.phone(NEIGHBOUR).inbox()[-1]
    timed.phone(NEIGHBOUR).text("5")
    assert [row.rating for row in timed.rows("SELECT rating FROM enrolments ORDER BY id")] == [
        5,
        None,
    ]
    assert work(timed, ask_after_classes) == 0


def test_where_nobody_called_the_roll_nobody_is_said_to_have_come(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    assert work(timed, ask_after_classes, DAY_AFTER) == 0
    assert work(timed, ask_after_classes, MORNING_AFTER + timedelta(days=1)) == 1
    assert timed.phone(NEIGHBOUR).inbox()[-1] == (
        "Lop 12, toi thu 5, 3/12, 19h: neu Mai Thu co den, lop co ich khong? Soan 1 (khong) den 5 "
        "(rat co ich) gui 8499."
    )
    assert "co ich" not in timed.phone(LEADER).inbox()[-1], "they had no seat"
    timed.time.let_pass(timedelta(hours=70))
    assert timed.phone(NEIGHBOUR).text("4") == ["Cam on ba con. To da ghi de lop sau tot hon."]


def test_a_course_is_finished_once_and_its_number_is_nobody_elses(timed: TimedWorld) -> None:
    course(timed, certificate="CC-VNEID", needed=2)
    for number, days in ((12, 0), (13, 1), (14, 2)):
        training(timed, number, starts_at=EVENING + timedelta(days=days))
        timed.phone(NEIGHBOUR).text(f"LOP {number}")
    timed.phone(NEIGHBOUR).text("LOP 13 Ha Thu")
    for number, days in ((12, 0), (13, 1)):
        timed.time.turn_to(END + timedelta(days=days))
        call_roll(timed, number=number)
    after = MORNING_AFTER + timedelta(days=1)
    assert work(timed, grant_certificates, after) == 0, "the roll may still be corrected"
    timed.time.turn_to(after + timedelta(days=1))
    assert at_once(timed, grant_certificates) == 1
    (row,) = timed.rows("SELECT id, certificate FROM enrolments WHERE certificate IS NOT NULL")
    assert row.certificate == f"CC-VNEID-{row.id:06}"
    assert timed.phone(NEIGHBOUR).inbox()[-1] == (
        f"Chuc mung Mai Thu: da hoc xong VNeID cho nguoi lon tuoi. So chung chi: {row.certificate}."
        " Ba con giu lai tin nay."
    )
    timed.time.turn_to(END + timedelta(days=2))
    call_roll(timed, number=14)
    assert work(timed, grant_certificates, MORNING_AFTER + timedelta(days=4)) == 0, "they have one"


def test_somebody_of_a_household_has_a_certificate_of_their_own(timed: TimedWorld) -> None:
    course(timed, certificate="CC-VNEID")
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    timed.time.turn_to(END)
    call_roll(timed)
    assert work(timed, grant_certificates, MORNING_AFTER + timedelta(days=1)) == 2
    first, second = timed.phone(NEIGHBOUR).inbox()[-2:]
    assert "Chuc mung Mai Thu" in first
    assert "Chuc mung Ha Thu" in second


def test_who_is_to_call_the_roll_is_reminded_once(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    training(timed, 13, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    assert work(timed, remind_rolls, END + timedelta(minutes=29)) == 0
    timed.time.turn_to(END + timedelta(minutes=31))
    assert at_once(timed, remind_rolls) == 1, "nobody registered for the other class"
    assert timed.phone(LEADER).inbox()[-1] == (
        "Lop 12, toi thu 5, 3/12, 19h, co 2 nguoi: soan DD 12 gui 8499 de diem danh."
    )
    timed.time.let_pass(timedelta(hours=-1))
    assert work(timed, remind_rolls) == 0


def test_a_roll_that_was_called_is_not_asked_for_and_a_teacher_comes_first(
    timed: TimedWorld,
) -> None:
    for number in (12, 13):
        training(timed, number, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(VILLAGER).text("LOP 13")
    timed.do(
        """
        UPDATE trainings SET teacher_phone_id = (SELECT id FROM phones WHERE msisdn = :member)
        """,
        member=MEMBER,
    )
    timed.time.turn_to(END)
    call_roll(timed)
    assert work(timed, remind_rolls, END + timedelta(minutes=31)) == 1
    assert "DD 13" in timed.phone(MEMBER).inbox()[-1]


def test_a_long_row_is_told_of_once_and_ends_by_itself(timed: TimedWorld) -> None:
    training(timed, seats=16, starts_at=EVENING)
    for n in range(23):
        timed.phone(f"+849000001{n:02}").text("LOP 12")
    assert work(timed, watch_rows) == 0
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert at_once(timed, watch_rows) == 1
    assert timed.phone(LEADER).inbox() == [
        "Lop 12, toi thu 5, 3/12, 19h, co 8 nguoi xep hang. Mo them buoi: soan LOP MOI gui 8499."
    ]
    alarm = timed.one(WANTED)
    assert (alarm.name, alarm.about, alarm.times) == ("class_wanted", "class 12", 1)
    assert alarm.closed_at is None
    assert timed.one("SELECT more_wanted_at FROM trainings").more_wanted_at
    assert work(timed, watch_rows) == 0
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    work(timed, watch_rows)
    assert timed.one(WANTED).closed_at, "the row is short"
    timed.phone(NEIGHBOUR).text("LOP 12")
    assert work(timed, watch_rows) == 0, "it was suggested"
    assert len(timed.phone(LEADER).inbox()) == 1


def test_whoever_proposed_a_class_hears_that_many_want_it(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.do(
        """
        UPDATE trainings SET proposed_by = (SELECT h.id FROM people h JOIN phones f
            ON f.id = h.phone_id WHERE f.msisdn = :member)
        """,
        member=MEMBER,
    )
    for n in range(9):
        timed.phone(f"+849000001{n:02}").text("LOP 12")
    assert work(timed, watch_rows) == 1
    assert "co 8 nguoi xep hang" in timed.phone(MEMBER).inbox()[-1]
    assert timed.phone(LEADER).inbox() == []


def test_another_alarm_of_that_name_is_closed_when_its_class_is_over(timed: TimedWorld) -> None:
    with timed.engine.begin() as connection:
        raise_alarm(connection, "class_wanted", "class 99", "9 people wait")
    work(timed, watch_rows)
    assert timed.one(WANTED).closed_at


def test_two_clocks_remind_offer_and_ask_once(timed: TimedWorld) -> None:
    training(timed, seats=2, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, VILLAGER, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.do(
        """
        UPDATE enrolments SET state = 'left' WHERE state = 'seated'
          AND phone_id = (SELECT id FROM phones WHERE msisdn = :msisdn)
        """,
        msisdn=VILLAGER,
    )
    assert at_once(timed, offer_seats) == 1
    assert len(timed.rows("SELECT FROM messages_out WHERE body LIKE 'Co cho cho%'")) == 1
    timed.phone(LEADER).text("1")
    timed.time.turn_to(datetime(2026, 12, 2, 9, 1, tzinfo=VIETNAM))
    assert at_once(timed, remind_classes) == 2
    assert len(timed.rows("SELECT FROM messages_out WHERE body LIKE '%2 khong den%'")) == 2
    timed.time.turn_to(END)
    call_roll(timed)
    timed.time.turn_to(MORNING_AFTER)
    assert at_once(timed, ask_after_classes) == 2
    assert len(timed.rows(RATE)) == 2


def test_a_class_the_database_says_was_held_before_asks_nobody(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    before = len(timed.rows("SELECT FROM messages_out"))
    timed.do("""
        UPDATE trainings SET starts_at = starts_at - interval '3 days',
                             ends_at = ends_at - interval '3 days'
    """)
    for _ in range(80):
        timed.time.let_pass(timedelta(hours=1))
        for do in (remind_rolls, ask_after_classes, grant_certificates, watch_rows):
            assert work(timed, do) == 0
    assert len(timed.rows("SELECT FROM messages_out")) == before


def test_names_go_numbers_are_given_again_and_what_people_came_to_stays(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    timed.time.turn_to(END)
    call_roll(timed)
    forget(timed.engine)
    timed.time.turn_to(END + timedelta(days=61))
    forget(timed.engine)
    assert timed.one("SELECT retired_at FROM trainings").retired_at
    assert timed.rows("SELECT FROM enrolments WHERE name = 'Ha Thu'")
    training(timed, starts_at=EVENING + timedelta(days=90))
    timed.time.turn_to(END + timedelta(days=91))
    forget(timed.engine)
    assert not timed.rows("SELECT FROM enrolments WHERE name IS NOT NULL OR who ILIKE '%thu%'")
    assert set(over_age(timed.engine).values()) == {0}
    timed.time.turn_to(END + timedelta(days=500))
    forget(timed.engine)
    forget_strangers(timed.runtime.units)
    assert [row.attended for row in timed.rows("SELECT attended FROM enrolments")] == [True, True]
    assert len({row.phone_id for row in timed.rows("SELECT phone_id FROM enrolments")}) == 1


def test_of_a_stranger_only_that_somebody_came_is_kept(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(VILLAGER).text("LOP 12")
    timed.phone(VILLAGER).text("LOP 12 Ha Thu")
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.time.turn_to(END)
    call_roll(timed)
    timed.time.turn_to(END + timedelta(days=3, hours=23))
    assert forget_strangers(timed.runtime.units) == 0, "they may still answer how it was"
    timed.time.turn_to(END + timedelta(days=4, minutes=1))
    assert forget_strangers(timed.runtime.units) == 2
    assert forget_strangers(timed.runtime.units) == 0
    rows = timed.rows("""
        SELECT f.msisdn, e.name, e.who, e.attended FROM enrolments e
        JOIN phones f ON f.id = e.phone_id ORDER BY e.id
    """)
    assert [row.msisdn for row in rows] == ["+9990000000000"] * 2 + [NEIGHBOUR]
    assert [row.name for row in rows] == [None, None, None]
    assert all(row.attended for row in rows)
    assert states(timed) == ["seated"] * 3


def test_a_digit_that_rates_nothing_is_asked_again_and_no_other_question_swallows_one(
    timed: TimedWorld,
) -> None:
    training(timed, starts_at=EVENING)
    neighbour = timed.phone(NEIGHBOUR)
    neighbour.text("LOP 12")
    timed.time.turn_to(END)
    call_roll(timed)
    assert work(timed, ask_after_classes, MORNING_AFTER) == 1
    question = neighbour.inbox()[-1]
    assert neighbour.text("6") == [question]
    assert "Soan 1 gui, 2 thoi" in neighbour.text("rat co ich")[0]
    assert neighbour.text("5") == ["Cam on ba con. To da ghi de lop sau tot hon."]
    assert [row.rating for row in timed.rows("SELECT rating FROM enrolments")] == [5]
