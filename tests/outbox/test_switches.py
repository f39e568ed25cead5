"""What is paused by hand, and by which carrier messages go: senders at work heed it at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import pytest

from service.carriers.base import Accepted, Answer
from service.outbox.claim import begin, claim
from service.outbox.classes import LANES
from service.outbox.deliver import Sender
from service.outbox.switches import turn, turned
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from tests.outbox.kit import CARRIER, PLENTY, Box, Scripted, number
from tests.outbox.lane_kit import lane_process

SECOND = f"{CARRIER}-2"
OF_LANE = {
    "emergency": MessageClass.EMERGENCY,
    "reply": MessageClass.REPLY,
    "bulk": MessageClass.NOTICE,
}
BRAKES = ["sending", "lane:reply", f"carrier:{CARRIER}"]


def turn_to(box: Box, name: str, *, on: bool) -> bool:
    with box.world.engine.begin() as connection:
        return turn(connection, name, on=on, by="Duty", reason="a wrong text")


def second(box: Box, *, name: str, taken: list[Msisdn]) -> Sender:
    """A sender by one of two carriers, which takes all."""

    def take(_body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        taken.extend(to)
        return {one: Accepted(f"{name}-{one}") for one in to}

    carrier = Scripted(take)
    carrier.name = name
    runtime = box.world.runtime
    return Sender(runtime.engine, runtime.quick, carrier, PLENTY, SECOND)


@pytest.mark.parametrize("brake", BRAKES)
def test_a_brake_stops_the_next_message_of_senders_at_work(box: Box, brake: str) -> None:
    box.put_many(40)
    in_hand, go = threading.Semaphore(0), threading.Event()

    def wait(_body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
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
    assert turn_to(box, brake, on=False)
    go.set()
    for thread in threads:
        thread.join()
    assert box.states() == {"accepted": 4, "queued": 36}
    assert turn_to(box, brake, on=True)
    assert box.drain() == 36


@pytest.mark.parametrize("brake", BRAKES)
def test_what_was_taken_before_the_brake_is_not_begun_and_given_back(box: Box, brake: str) -> None:
    box.put_many(3)
    leased = box.claim(most=3)
    turn_to(box, brake, on=False)
    assert box.begin(leased) == []
    turn_to(box, brake, on=True)
    assert len(box.begin(leased)) == 3


@pytest.mark.parametrize("lane", LANES)
def test_a_paused_lane_stands_alone(box: Box, lane: str) -> None:
    box.at("12:00")
    turn_to(box, f"lane:{lane}", on=False)
    for n, message_class in enumerate(OF_LANE.values()):
        box.put(message_class, to=number(n))
    assert {one: box.drain(one) for one in LANES} == {one: int(one != lane) for one in LANES}


@pytest.mark.parametrize("brake", BRAKES)
def test_a_worker_process_stops_within_five_seconds_and_goes_on(box: Box, brake: str) -> None:
    box.put_many(4_000)
    with lane_process(box, "reply", "", sender_threads=2):
        box.eventually(lambda: len(box.taken()) >= 5)
        turn_to(box, brake, on=False)
        stopped_at = box.world.one("SELECT changed_at FROM switches").changed_at
        box.eventually(lambda: set(box.states()) <= {"accepted", "queued"})
        last = box.world.one("SELECT max(started_at) AS at FROM attempts").at
        assert (last - stopped_at).total_seconds() < 5
        taken = len(box.taken())
        assert taken < 4_000
        turn_to(box, brake, on=True)
        box.eventually(lambda: len(box.taken()) > taken)


def test_a_brake_pulled_twice_keeps_who_was_first(box: Box) -> None:
    assert turn_to(box, "lane:bulk", on=False)
    with box.world.engine.begin() as connection:
        assert not turn(connection, "lane:bulk", on=False, by="Another")
        assert turned(connection)["lane:bulk"].by == "Duty"
    assert not turn_to(box, "lane:reply", on=True), "it was never off"
    assert not turn_to(box, f"reroute:{SECOND}", on=False), "it was never rerouted"


def test_what_waits_goes_by_the_carrier_that_is_in_turn(box: Box) -> None:
    usual: list[Msisdn] = []
    other: list[Msisdn] = []
    first = second(box, name=CARRIER, taken=usual)
    others = second(box, name=SECOND, taken=other)

    def drain() -> tuple[int, int]:
        return box.drain(sender=first), box.drain(sender=others)

    box.put_many(3)
    assert drain() == (3, 0)
    assert turn_to(box, f"reroute:{SECOND}", on=True)
    for n in range(2):
        box.put(to=number(100 + n))
    assert drain() == (0, 2)
    assert turn_to(box, f"reroute:{SECOND}", on=False)
    box.put(to=number(200))
    assert drain() == (1, 0)
    by = box.world.rows("SELECT carrier, count(*) AS n FROM attempts GROUP BY carrier ORDER BY 1")
    assert [(row.carrier, row.n) for row in by] == [(CARRIER, 4), (SECOND, 2)]
    assert (len(usual), len(other)) == (4, 2)


def test_what_one_carrier_had_taken_up_goes_by_the_other_after_rerouting(box: Box) -> None:
    box.put()
    with box.world.engine.begin() as connection:
        leased = claim(connection, "reply", CARRIER, 1, second=SECOND)
    turn_to(box, f"reroute:{SECOND}", on=True)
    with box.world.engine.begin() as connection:
        assert begin(connection, leased, CARRIER, second=SECOND) == []
    assert box.attempts(leased[0].id) == []


def test_a_pause_of_one_carrier_leaves_the_other_alone(box: Box) -> None:
    taken: list[Msisdn] = []
    turn_to(box, f"carrier:{CARRIER}", on=False)
    turn_to(box, f"reroute:{SECOND}", on=True)
    box.put()
    assert box.drain(sender=second(box, name=SECOND, taken=taken)) == 1


def test_an_alarm_goes_by_whichever_carrier_works(box: Box) -> None:
    box.put(message_class=MessageClass.EMERGENCY, idem_key="request:7:emergency")
    told = box.put(
        to=number(9), message_class=MessageClass.EMERGENCY, idem_key="alarm:alarm-7-opened:x"
    )
    taken: list[Msisdn] = []
    other = second(box, name=SECOND, taken=taken)
    assert other.drain("emergency", lambda: False) == 0, "the first one works"
    box.world.do(
        """INSERT INTO carrier_pauses (carrier, code, until)
           VALUES (:carrier, 'no_balance', clock_timestamp() + interval '30 seconds')""",
        carrier=CARRIER,
    )
    assert other.drain("emergency", lambda: False) == 1
    assert taken == [number(9)]
    assert (
        box.world.one("SELECT state FROM messages_out WHERE id = :id", id=told).state == "accepted"
    )
    assert turn_to(box, "sending", on=False)
    assert other.drain("emergency", lambda: False) == 0


def test_without_a_second_carrier_a_forgotten_switch_stops_nothing(box: Box) -> None:
    turn_to(box, f"reroute:{SECOND}", on=True)
    box.put()
    assert box.drain() == 1
