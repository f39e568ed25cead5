"""A class that is cancelled, moved or made smaller: everybody hears the truth, and hears it once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.outbox.claim import claim
from service.records.areas import Area
from service.text.local_time import VIETNAM
from service.village.class_changes import CannotMove, move
from service.village.seating import Seating
from tests.village import LEADER, NEIGHBOUR, VILLAGER, TimedWorld
from tests.village_work.classes import look, states, training

EVENING = datetime(2026, 12, 3, 19, 0, tzinfo=VIETNAM)
NIGHT = datetime(2026, 12, 1, 22, 0, tzinfo=VIETNAM)


def cancel(world: TimedWorld, training_id: int) -> int:
    """Cancel a class, as the coordinator does."""
    with world.runtime.units.open() as unit:
        return Seating(unit, world.runtime.words, training_id).cancel()


def moved(world: TimedWorld, training_id: int, starts_at: datetime, **more: str) -> int:
    """Move a class, as the coordinator does; return how many were told."""
    with world.runtime.units.open() as unit:
        seating = Seating(unit, world.runtime.words, training_id)
        area = unit.session.get_one(Area, seating.training.area_id)
        ends_at = starts_at + timedelta(minutes=90)
        return move(seating, starts_at, ends_at, more.get("place", seating.training.place), area)


def resize(world: TimedWorld, training_id: int, seats: int) -> None:
    """Give a class more or fewer seats, as the coordinator does."""
    with world.runtime.units.open() as unit:
        Seating(unit, world.runtime.words, training_id).resize(seats)


def leaving(world: TimedWorld, msisdn: str) -> list[str]:
    """What the outbox still has to send to a phone."""
    rows = world.rows(
        "SELECT body FROM messages_out WHERE msisdn = :msisdn AND state = 'queued' ORDER BY id",
        msisdn=msisdn,
    )
    return [row.body for row in rows if "lop 12" in row.body.lower()]


def test_everybody_hears_once_that_a_class_is_at_another_time(timed: TimedWorld) -> None:
    found = training(timed, seats=2, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(NEIGHBOUR).text("LOP 12 Ha Thu")
    timed.phone(LEADER).text("LOP 12")
    before = len(timed.phone(NEIGHBOUR).inbox()), len(timed.phone(LEADER).inbox())
    assert moved(timed, found, EVENING + timedelta(days=1)) == 3
    (said,) = timed.phone(NEIGHBOUR).inbox()[before[0] :]
    assert said == (
        "Lop 12 DOI: toi thu 6, 4/12, 19h, nha van hoa Coc Phia. Mai Thu va 1 nguoi nua van co "
        "ten. Khong di: soan HUY LOP 12 gui 8499."
    )
    (said,) = timed.phone(LEADER).inbox()[before[1] :]
    assert "4/12, 19h" in said
    assert states(timed) == ["seated", "seated", "waiting"]
    assert moved(timed, found, EVENING + timedelta(days=1)) == 0, "it stands there already"
    assert len(timed.phone(LEADER).inbox()) == before[1] + 1


def test_another_house_leaves_what_was_answered(timed: TimedWorld) -> None:
    found = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.do("UPDATE enrolments SET eve_told_at = clock_timestamp()")
    timed.phone(NEIGHBOUR).text("1")
    moved(timed, found, EVENING, place="trường học")
    assert "truong hoc Coc Phia" in timed.phone(NEIGHBOUR).inbox()[-1]
    assert timed.one("SELECT confirmed_at, eve_told_at FROM enrolments").confirmed_at
    moved(timed, found, EVENING + timedelta(hours=1))
    row = timed.one("SELECT confirmed_at, eve_told_at FROM enrolments")
    assert (row.confirmed_at, row.eve_told_at) == (None, None), "another hour is asked about anew"


def test_an_offer_stands_for_another_time_once_its_class_is_moved(timed: TimedWorld) -> None:
    found = training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    moved(timed, found, datetime(2026, 12, 1, 17, 0, tzinfo=VIETNAM))
    assert timed.phone(LEADER).inbox()[-1] == (
        "Lop 12 DOI: chieu thu 3, 1/12, 17h, nha van hoa Coc Phia. Con cho cho Hoang Van Mau: "
        "soan 1 di, 2 thoi, gui 8499 truoc 10h 1/12."
    )
    assert len(leaving(timed, LEADER)) == 2, "the offer of another evening does not leave any more"
    timed.let_pass(hours=1, minutes=1)
    look(timed)
    assert states(timed) == ["left", "lapsed"]


def test_a_class_is_not_moved_into_the_past(timed: TimedWorld) -> None:
    found = training(timed, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    heard = len(timed.phone(NEIGHBOUR).inbox())
    with pytest.raises(CannotMove):
        moved(timed, found, EVENING - timedelta(days=7))
    assert len(timed.phone(NEIGHBOUR).inbox()) == heard
    assert timed.one("SELECT starts_at FROM trainings").starts_at == EVENING


def test_an_offer_that_has_not_left_never_leaves_once_the_class_is_cancelled(
    timed: TimedWorld,
) -> None:
    found = training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    timed.arrive()
    timed.time.turn_to(NIGHT)
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    assert any(body.startswith("Co cho cho Hoang") for body in leaving(timed, LEADER))
    assert cancel(timed, found) == 1
    (said,) = [b for b in leaving(timed, LEADER) if "KHONG hoc nua" in b or "Co cho cho" in b]
    assert said == (
        "Lop 12 VNeID cho nguoi lon tuoi, toi thu 5, 3/12, 19h: KHONG hoc nua. Hoang Van Mau khong "
        "phai di. Lop khac: soan LOP gui 8499."
    )
    (said,) = timed.phone(LEADER).text("1")
    assert said.startswith("Lop do luc nay khong"), said
    assert states(timed) == ["left", "ended"]


def test_a_seat_taken_back_is_not_offered_in_the_morning(timed: TimedWorld) -> None:
    found = training(timed, seats=2, starts_at=EVENING)
    for msisdn in (VILLAGER, NEIGHBOUR, LEADER):
        timed.phone(msisdn).text("LOP 12")
    timed.arrive()
    timed.time.turn_to(NIGHT)
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    resize(timed, found, 1)
    heard = leaving(timed, LEADER)
    assert not any("Co cho cho" in body for body in heard)
    assert "bot cho ngoi" in heard[-1]
    assert states(timed) == ["seated", "left", "waiting"]


def test_an_offer_a_worker_already_holds_is_taken_back_too(timed: TimedWorld) -> None:
    found = training(timed, seats=1, starts_at=EVENING)
    timed.phone(NEIGHBOUR).text("LOP 12")
    timed.phone(LEADER).text("LOP 12")
    timed.do("UPDATE messages_out SET state = 'delivered' WHERE state = 'queued'")
    timed.phone(NEIGHBOUR).text("HUY LOP 12")
    lane = timed.one("SELECT lane FROM messages_out WHERE body LIKE 'Co cho cho%'").lane
    with timed.engine.begin() as connection:
        held = claim(connection, lane, carrier="africastalking", most=10)
    assert any("Co cho cho" in message.body for message in held)
    cancel(timed, found)
    assert timed.one("SELECT state FROM messages_out WHERE body LIKE 'Co cho cho%'").state == (
        "cancelled"
    )


def test_that_a_class_is_cancelled_is_worth_saying_until_it_would_begin(timed: TimedWorld) -> None:
    starts_at = EVENING + timedelta(days=7)
    found = training(timed, starts_at=starts_at)
    timed.phone(NEIGHBOUR).text("LOP 12")
    cancel(timed, found)
    row = timed.one("SELECT valid_until FROM messages_out WHERE body LIKE '%KHONG hoc nua%'")
    assert row.valid_until == starts_at
