"""Senders can be invented: what of a class they can take, and who hears of what they do."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.text.local_time import VIETNAM
from service.village.class_reminders import remind_classes
from tests.village import DEPUTY, LEADER, MEMBER, NEIGHBOUR, TimedWorld
from tests.village_work.classes import look, states, training
from tests.village_work.words import alarms

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
INVENTED = [f"+84900001{n:03}" for n in range(12)]


def remind(world: TimedWorld) -> None:
    remind_classes(world.runtime.units, world.runtime.words)


def turn_to(world: TimedWorld, moment: datetime) -> None:
    world.time.turn_to(moment)
    look(world)
    remind(world)


def test_unknown_numbers_that_do_not_answer_lose_their_seats_to_whoever_waits(
    timed: TimedWorld,
) -> None:
    training(timed, seats=3, starts_at=EVENING)
    for msisdn in INVENTED[:3]:
        timed.phone(msisdn).text("LOP 12")
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    turn_to(timed, EVENING - timedelta(days=1, hours=3))
    asked = timed.phone(INVENTED[0]).inbox()[-1]
    assert "Khong tra loi: cho sang nguoi khac" in asked
    timed.phone(INVENTED[2]).text("1")
    assert states(timed) == ["seated"] * 3 + ["waiting"] * 2
    turn_to(timed, EVENING - timedelta(hours=2))
    assert states(timed) == ["lapsed", "lapsed", "seated", "offered", "offered"]
    assert "sang nguoi khac" in timed.phone(INVENTED[0]).inbox()[-1]
    assert "Co cho cho Mai Thu" in timed.phone(NEIGHBOUR).inbox()[-1]


def test_nobody_loses_a_seat_nobody_waits_for(timed: TimedWorld) -> None:
    training(timed, seats=3, starts_at=EVENING)
    timed.phone(INVENTED[0]).text("LOP 12")
    turn_to(timed, EVENING - timedelta(days=1, hours=3))
    turn_to(timed, EVENING - timedelta(hours=2))
    assert states(timed) == ["seated"]


def test_known_people_keep_their_seats_without_answering(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    turn_to(timed, EVENING - timedelta(days=1, hours=3))
    turn_to(timed, EVENING - timedelta(hours=2))
    assert states(timed) == ["seated", "waiting"]


def test_many_unknown_numbers_in_one_class_are_an_alarm(timed: TimedWorld) -> None:
    training(timed, seats=25, starts_at=EVENING)
    for msisdn in INVENTED[:9]:
        timed.phone(msisdn).text("LOP 12")
    assert "class_strangers" not in alarms(timed)
    timed.phone(INVENTED[9]).text("LOP 12")
    assert "class_strangers" in alarms(timed)


def test_whoever_called_the_roll_hears_that_another_did(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.time.turn_to(EVENING + timedelta(hours=1))
    timed.phone(LEADER).text("DD 12 1")
    assert len(timed.phone(DEPUTY).inbox()) == 0
    timed.phone(DEPUTY).text("DD 12 khong ai")
    assert timed.phone(LEADER).inbox()[-1] == (
        "Lop 12 VNeID ch..., t5 3/12 19h: Ly Thi Vi Du vua diem danh. Neu sai: soan lai DD 12 va so "
        "nguoi den, gui 8499."
    )
    assert timed.phone(MEMBER).inbox() == []


def test_who_said_that_they_were_not_there_is_not_written_down_again(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.time.turn_to(EVENING + timedelta(hours=1))
    timed.phone(LEADER).text("DD 12 them 0900000007")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    (said,) = timed.phone(LEADER).text("DD 12 them 0900000007")
    assert "da noi khong den lop 12" in said
    assert states(timed) == ["left"]


def test_a_seat_given_up_is_told_however_many_answers_a_number_had(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    timed.phone(INVENTED[0]).text("LOP 12")
    for number in range(91, 98):
        timed.phone(INVENTED[0]).text(f"LOP {number}")
    assert timed.phone(INVENTED[0]).text("LOP 99") == []
    assert timed.phone(INVENTED[0]).text("HUY LOP 12") != []
