"""Claiming and beginning: every message in one hand only, and nothing stopped goes out."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine

from service.carriers.base import NoBalance
from service.outbox.brakes import pause, resume, switch
from service.outbox.claim import LEASE, release
from service.records.messages import MessageClass
from tests.outbox.kit import CARRIER, Box, number, together

BY_DAY = [MessageClass.NOTICE, MessageClass.PROMO]


def test_four_workers_claim_each_of_3000_messages_once(box: Box) -> None:
    box.put_many(3000)
    lock = threading.Lock()
    claimed: list[int] = []

    def claim_all() -> None:
        most = 1
        while leased := box.claim("reply", most):
            most = most % 7 + 1
            with lock:
                claimed.extend(message.id for message in leased)

    together(4, claim_all)
    assert len(claimed) == 3000
    assert len(set(claimed)) == 3000
    assert box.states() == {"leased": 3000}


def test_the_most_urgent_goes_first_then_the_oldest(box: Box) -> None:
    alert = box.put(MessageClass.ALERT)
    first, second = box.put(), box.put()
    assert [message.id for _ in range(3) for message in box.claim()] == [first, second, alert]


def test_what_a_number_is_told_leaves_in_the_order_it_was_written(box: Box) -> None:
    """However many take from the lane: a second text must not overtake the first."""
    to = number(7)
    first, second = box.put(MessageClass.ALERT, to=to), box.put(to=to)
    other = box.put(to=number(8))
    assert [m.id for m in box.claim(most=3)] == [first, other]
    assert box.claim(most=3) == []
    box.world.do(
        "UPDATE messages_out SET state = 'accepted', token = NULL, lease_until = NULL"
        " WHERE id = :id",
        id=first,
    )
    assert [m.id for m in box.claim(most=3)] == [second]


def test_a_message_that_is_tried_again_later_holds_up_nobody(box: Box) -> None:
    to = number(7)
    box.put(to=to, due_at=box.now() + timedelta(minutes=5))
    second = box.put(to=to)
    assert [m.id for m in box.claim(most=3)] == [second]


def test_emergencies_to_one_number_keep_their_order_in_one_claim(box: Box) -> None:
    """Grouped by their words, the second would go first."""
    to = number(7)
    first = box.put(MessageClass.EMERGENCY, to=to, body="KHAN CAP")
    box.put(MessageClass.EMERGENCY, to=to, body="Ba con noi la bam nham")
    assert [m.id for m in box.claim("emergency", most=10)] == [first]


def test_a_message_is_not_claimed_before_it_is_due(box: Box) -> None:
    its_id = box.put(due_at=box.now().replace(microsecond=0))
    later = box.put(due_at=box.row(its_id).due_at.replace(year=2099))
    assert [message.id for message in box.claim(most=10)] == [its_id]
    assert box.state(later) == "queued"


@pytest.mark.parametrize("message_class", BY_DAY)
@pytest.mark.parametrize(
    ("local", "leaves"),
    [
        ("06:59:58", False),
        ("07:00:00", True),
        ("21:59:50", True),
        ("22:00:00", False),
        ("03:00", False),
    ],
)
def test_bulk_leaves_by_day_only(
    box: Box, message_class: MessageClass, local: str, leaves: bool
) -> None:
    box.at(local)
    its_id = box.put(message_class)
    assert box.drain("bulk") == leaves
    assert (box.state(its_id) == "accepted") == leaves


@pytest.mark.parametrize(
    ("message_class", "lane"),
    [
        (MessageClass.REPLY, "reply"),
        (MessageClass.ALERT, "reply"),
        (MessageClass.EMERGENCY, "emergency"),
    ],
)
def test_help_leaves_at_any_hour(box: Box, message_class: MessageClass, lane: str) -> None:
    box.at("03:00")
    box.put(message_class)
    assert box.drain(lane) == 1


def test_what_was_claimed_by_day_does_not_leave_by_night(box: Box) -> None:
    box.at("21:59:55")
    its_id = box.put(MessageClass.PROMO)
    leased = box.claim("bulk")
    box.later(seconds=6)
    assert box.begin(leased) == []
    with box.world.engine.begin() as connection:
        release(connection, leased)
    assert box.state(its_id) == "queued"
    box.later(hours=9)
    assert box.drain("bulk") == 1


def test_a_lease_that_has_run_short_is_not_begun(box: Box) -> None:
    box.put()
    box.put()
    early, late = box.claim(), box.claim()
    box.later(seconds=14)
    assert len(box.begin(early)) == 1
    box.later(seconds=2)
    assert box.begin(late) == []


def test_a_lost_lease_goes_back_and_the_first_holder_can_do_nothing(box: Box) -> None:
    its_id = box.put()
    lost = box.claim()
    box.later(seconds=LEASE.total_seconds() + 1)
    assert box.sweep() == {"lease_lost": 1}
    (again,) = box.claim()
    assert again.id == its_id
    assert box.begin(lost) == []
    with box.world.engine.begin() as connection:
        release(connection, lost)
    assert box.state(its_id) == "leased"
    assert len(box.begin([again])) == 1


def test_two_beginners_of_one_lease_make_one_attempt(box: Box) -> None:
    its_id = box.put()
    leased = box.claim()
    assert sorted(len(begun) for begun in together(8, lambda: box.begin(leased))) == [0] * 7 + [1]
    assert len(box.attempts(its_id)) == 1


@pytest.mark.parametrize("when", ["before the claim", "after the claim"])
@pytest.mark.parametrize("brake", ["switch", "pause"])
def test_a_brake_holds_the_next_message(box: Box, brake: str, when: str) -> None:
    its_id = box.put()
    leased = box.claim() if when == "after the claim" else []
    with box.world.engine.begin() as connection:
        if brake == "switch":
            switch(connection, on=False, by="Duty", reason="flood of nonsense")
        else:
            pause(connection, CARRIER, NoBalance())
    if leased:
        assert box.begin(leased) == []
        with box.world.engine.begin() as connection:
            release(connection, leased)
    assert box.drain() == 0
    assert box.state(its_id) == "queued"
    with box.world.engine.begin() as connection:
        switch(connection, on=True, by="Duty")
        resume(connection, CARRIER)
    assert box.drain() == 1
    assert box.taken() == [number(int(box.row(its_id).msisdn[-4:]))]


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_worker_whose_clock_is_wrong_changes_nothing(box: Box, hours: int) -> None:
    first, due_later = box.put(), box.put(due_at=box.now().replace(year=2099))
    with time_machine.travel(box.now().timestamp() + hours * 3600, tick=True):
        put_there = box.put()
        leased = box.claim(most=10)
        assert [message.id for message in leased] == [first, put_there]
        assert box.sweep() == {}, "a lease was taken for lost by the worker's clock"
        assert len(box.begin(leased)) == 2
        assert box.sweep() == {}
        box.drain()
    assert box.state(due_later) == "queued"
    ends = box.world.one(
        "SELECT lease_until - clock_timestamp() AS left FROM messages_out WHERE id = 1"
    )
    assert 0 < ends.left.total_seconds() <= LEASE.total_seconds()
