"""What stops sending: the switch, the caps, a carrier that takes nothing; and how it goes on."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import pytest

from service.carriers.base import Accepted, Answer, BadNumber, Fault, NoBalance, Unreachable
from service.outbox.brakes import Caps, pause, resume, switch
from service.outbox.breaker import STRAIGHT_FAILURES
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from tests.outbox.kit import CARRIER, Box, Scripted, number

PRICE = 400


def test_the_switch_stops_the_next_message_of_senders_at_work(box: Box) -> None:
    box.put_many(60)
    in_hand = threading.Semaphore(0)
    go = threading.Event()

    def wait(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        in_hand.release()
        go.wait(20)
        return {one: Accepted(f"id-{one}") for one in to}

    sender = box.sender(Scripted(wait))
    threads = [
        threading.Thread(target=sender.drain, args=("reply", lambda: False)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        in_hand.acquire(timeout=10)
    with box.world.engine.begin() as connection:
        switch(connection, on=False, by="Duty")
    go.set()
    for thread in threads:
        thread.join()
    assert box.states() == {"accepted": 4, "queued": 56}


def test_a_full_day_or_hour_holds_what_is_over_and_lets_it_go_after(box: Box) -> None:
    box.at("12:00")
    box.put_many(10)
    caps = Caps(per_hour=6 * PRICE, per_day=8 * PRICE, segment_price=PRICE)
    assert box.drain(sender=box.sender(caps=caps)) == 6
    assert box.states() == {"accepted": 6, "queued": 4}
    assert ("cap_reached", "hour") in box.alarms()
    box.later(minutes=55)
    assert box.drain(sender=box.sender(caps=caps)) == 0
    box.later(minutes=6)
    assert box.drain(sender=box.sender(caps=caps)) == 2
    box.later(hours=2)
    assert box.drain(sender=box.sender(caps=caps)) == 0
    assert ("cap_reached", "day") in box.alarms()
    box.later(hours=10)
    assert box.drain(sender=box.sender(caps=caps)) == 2
    assert len(box.taken()) == 10


def test_many_threads_together_do_not_pass_a_cap(box: Box) -> None:
    box.put_many(60)
    caps = Caps(per_hour=25 * PRICE, per_day=10**9, segment_price=PRICE)
    box.drain(sender=box.sender(caps=caps), threads=6)
    assert len(box.taken()) == 25


def test_a_cap_smaller_than_a_batch_is_used_to_the_last_message(box: Box) -> None:
    box.at("12:00")
    for n in range(20):
        box.put(MessageClass.NOTICE, to=number(n))
    box.drain("bulk", box.sender(caps=Caps(7 * PRICE, 10**9, PRICE)))
    assert len(box.taken()) == 7
    assert box.states() == {"accepted": 7, "queued": 13}


def test_a_cap_of_nothing_sends_nothing_but_emergencies(box: Box) -> None:
    caps = Caps(0, 0, PRICE)
    box.put()
    box.put(MessageClass.EMERGENCY)
    assert box.drain("reply", box.sender(caps=caps)) == 0
    assert box.drain("emergency", box.sender(caps=caps)) == 1


def test_an_emergency_does_not_use_up_what_replies_may_cost(box: Box) -> None:
    caps = Caps(3 * PRICE, 3 * PRICE, PRICE)
    for n in range(50):
        box.put(MessageClass.EMERGENCY, to=number(n))
    for _ in range(5):
        box.put()
    box.drain("emergency", box.sender(caps=caps))
    box.drain("reply", box.sender(caps=caps))
    assert len(box.taken()) == 53
    spent = box.world.one("SELECT vnd, messages FROM spend WHERE period = 'day'")
    assert (spent.vnd, spent.messages) == (53 * PRICE, 53), "the total counts everything"


ACCOUNT_FAULTS = [
    {"kind": "no_balance"},
    {"kind": "no_balance", "text": "empty"},
    {"kind": "invalid_sender"},
    {"kind": "status", "code": 401},
    {"kind": "error", "code": 401, "when": "before"},
    {"kind": "status", "code": 407},
    {"kind": "error", "code": 400, "when": "before"},
]


@pytest.mark.parametrize("fault", ACCOUNT_FAULTS, ids=lambda f: "-".join(map(str, f.values())))
def test_an_account_fault_pauses_within_five_messages_and_fails_none(
    box: Box, fault: dict[str, object]
) -> None:
    box.put_many(40)
    box.fault(**fault)  # type: ignore[arg-type]
    sender = box.sender()
    box.drain(sender=sender)
    assert box.asked() <= 5
    assert box.states() == {"queued": 40}
    assert [about for name, about in box.alarms() if name == "carrier_paused"] == [CARRIER]
    for _ in range(30):
        box.later(minutes=10)
        box.drain(sender=sender)
    assert box.asked() <= 5 + 30
    assert box.states() == {"queued": 40}
    box.well_again()
    box.later(minutes=31)
    box.drain(sender=sender)
    assert box.states() == {"accepted": 40}
    assert box.alarms() == set()


def test_an_operator_ends_a_pause_at_once(box: Box) -> None:
    box.put_many(6)
    box.fault("no_balance")
    box.drain()
    box.well_again()
    assert box.drain() == 0
    with box.world.engine.begin() as connection:
        resume(connection, CARRIER)
    assert box.drain() == 5
    box.later(seconds=37)
    assert box.drain() == 1
    assert box.alarms() == set()


def test_one_number_without_a_route_stops_nobody_else(box: Box) -> None:
    lost = box.put(to=number(77))
    box.fault("status", code=407, numbers=[number(77)])
    sender = box.sender()
    for n in range(30):
        its_id = box.put(to=number(n))
        box.later(seconds=40)
        box.drain(sender=sender)
        assert box.state(its_id) == "accepted"
    assert box.state(lost) == "queued"
    box.later(hours=25)
    box.sweep()
    assert box.state(lost) == "expired"


def _away(fault: str, box: Box) -> Scripted | None:
    if fault == "refused":
        return Scripted(lambda body, to: dict.fromkeys(to, Unreachable()))
    box.fault(fault)
    return None


@pytest.mark.parametrize("fault", ["refused", "throttle", "close"])
def test_a_carrier_that_is_away_is_left_alone_and_tried_again_soon(box: Box, fault: str) -> None:
    box.put_many(200)
    sender = box.sender(_away(fault, box))
    assert box.drain(sender=sender) == STRAIGHT_FAILURES
    assert box.drain(sender=sender) == 0
    tries = 0
    for _ in range(20):
        box.later(seconds=61)
        tries += box.drain(sender=sender)
    assert tries == 20, "one message a minute finds out whether it is back"
    assert "failed" not in box.states()
    box.well_again()
    box.later(seconds=61)
    box.drain()
    assert box.states()["accepted"] >= 200 - STRAIGHT_FAILURES - 20 - 1
    assert box.alarms() == set(), "nobody need act"


def test_an_outage_of_hours_fails_no_message(box: Box) -> None:
    its_id = box.put()
    away = box.sender(Scripted(lambda body, to: dict.fromkeys(to, Unreachable())))
    for _ in range(60):
        box.later(minutes=10)
        box.sweep()
        box.drain(sender=away)
    row = box.row(its_id)
    assert (row.state, row.strikes < 5) == ("queued", True)
    box.later(minutes=31)
    box.drain()
    assert box.state(its_id) == "accepted"


def test_refusals_of_numbers_and_single_mishaps_pause_nothing(box: Box) -> None:
    fates: list[Answer] = [BadNumber(), Unreachable(), Accepted("a"), Unreachable(), Unreachable()]
    count = iter(range(100))

    def answer(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        n = next(count)
        fate = fates[n % len(fates)]
        return dict.fromkeys(to, Accepted(f"a{n}") if isinstance(fate, Accepted) else fate)

    box.put_many(50)
    assert box.drain(sender=box.sender(Scripted(answer))) == 50


def test_many_workers_that_meet_one_fault_pause_once(box: Box) -> None:
    def pause_now(why: Answer) -> None:
        assert not isinstance(why, Accepted)
        with box.world.engine.begin() as connection:
            pause(connection, CARRIER, why)

    lengths = []
    for _ in range(9):
        for _ in range(5):
            pause_now(NoBalance())
        row = box.world.one("SELECT until - clock_timestamp() AS left, times FROM carrier_pauses")
        lengths.append(round(row.left.total_seconds() / 30))
        box.later(seconds=row.left.total_seconds() + 1)
    assert lengths == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert NoBalance.fault is Fault.ACCOUNT
