"""Seats: who asks first has one, who is late waits, and what falls free goes to the next."""

from __future__ import annotations

from datetime import datetime

from service.text.local_time import VIETNAM
from tests.village import LEADER, NEIGHBOUR, VILLAGER, TimedWorld
from tests.village_work.classes import look, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
OTHERS = [f"+8490000010{n}" for n in range(5)]


def test_the_first_has_the_seat_and_the_next_waits_and_is_offered_it(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    (said,) = timed.phone(NEIGHBOUR).text("LOP 12")
    assert said == (
        "Mai Thu co cho lop 12: toi thu 5, 3/12, 19h, nha van hoa Coc Phia. Mang can cuoc, dien "
        "thoai. Khong di: soan HUY LOP 12 gui 8499."
    )
    (said,) = timed.phone(LEADER).text("LOP 12")
    assert "xep hang thu 1" in said
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    offer = timed.phone(LEADER).inbox()[-1]
    assert offer.startswith("Co cho cho Hoang Van Mau o lop 12, toi thu 5, 3/12, 19h. Soan 1 di")
    assert states(timed) == ["left", "offered"]
    (said,) = timed.phone(LEADER).text("1")
    assert "Hoang Van Mau co cho lop 12" in said
    assert states(timed) == ["left", "seated"]


def test_an_offer_nobody_answers_goes_to_the_next_and_both_hear(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    for msisdn in (NEIGHBOUR, LEADER, OTHERS[0]):
        timed.phone(msisdn).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.let_pass(hours=3, minutes=50)
    assert look(timed) == 0, "two days before the class an offer stands for four hours"
    timed.let_pass(minutes=11)
    assert look(timed) == 1
    assert "sang nguoi khac" in timed.phone(LEADER).inbox()[-1]
    assert "Co cho cho ba con" in timed.phone(OTHERS[0]).inbox()[-1]
    assert states(timed) == ["left", "lapsed", "offered"]
    (said,) = timed.phone(LEADER).text("1")
    assert "van xep hang lop 12, thu 1" in said


def test_an_offer_accepted_too_late_is_good_while_nobody_else_waits(timed: TimedWorld) -> None:
    training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    timed.let_pass(hours=4, seconds=1)
    (said,) = timed.phone(LEADER).text("1")
    assert "co cho lop 12" in said
    assert states(timed) == ["left", "seated"]


def test_a_phone_never_heard_of_can_register(timed: TimedWorld) -> None:
    training(timed, starts_at=EVENING)
    assert "Ba con co cho lop 12" in timed.phone(VILLAGER).text("LOP 12")[0]
