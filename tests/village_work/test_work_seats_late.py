"""Answers to offers that are over, from people who have gone on meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.text.local_time import VIETNAM
from service.village.seating import Seating
from tests.village import LEADER, NEIGHBOUR, TimedWorld
from tests.village_work.classes import look, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
OTHER = "+84900000100"


def test_a_late_yes_of_somebody_who_registered_again_finds_their_seat(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.let_pass(hours=4, seconds=2)
    look(timed)
    timed.phone(LEADER).text("LOP 12")
    assert states(timed) == ["left", "lapsed", "seated"]
    (said,) = timed.phone(LEADER).text("1")
    assert "Hoang Van Mau co cho lop 12" in said
    assert states(timed) == ["left", "lapsed", "seated"]


def test_and_takes_no_second_seat_where_one_is_free(timed: TimedWorld) -> None:
    training_id = training(timed, seats=1, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.let_pass(hours=4, seconds=2)
    look(timed)
    with timed.runtime.units.open() as unit:
        Seating(unit, timed.runtime.words, training_id).resize(3)
    timed.phone(LEADER).text("LOP 12")
    (said,) = timed.phone(LEADER).text("1")
    assert "Hoang Van Mau co cho lop 12" in said
    assert states(timed) == ["left", "lapsed", "seated"]


def test_who_was_moved_back_and_let_an_offer_lapse_waits_behind_the_others(
    timed: TimedWorld,
) -> None:
    training_id = training(timed, seats=1, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER, OTHER):
        timed.phone(msisdn).text("LOP 12")
    for seats in (0, 1):  # the seat is taken from the neighbour, and offered to her again
        with timed.runtime.units.open() as unit:
            Seating(unit, timed.runtime.words, training_id).resize(seats)
    assert states(timed) == ["offered", "waiting", "waiting"]
    timed.let_pass(hours=4, seconds=2)
    look(timed)
    (said,) = timed.phone(NEIGHBOUR).text("1")
    assert states(timed) == ["lapsed", "offered", "waiting", "waiting"]
    assert "thu 2" in said


def test_what_lapsed_more_than_a_day_ago_is_answered_by_no_digit(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING + timedelta(days=3))
    for msisdn in (NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.let_pass(hours=25)
    look(timed)
    timed.phone(LEADER).text("1")
    assert states(timed) == ["left", "lapsed"]
