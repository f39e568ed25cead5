"""Putting messages in: one event is one message, and it goes with the event or not at all."""

from __future__ import annotations

import pytest

from service.outbox.classes import LANES, RULES
from service.outbox.put import Message, put, put_all
from service.records.messages import MessageClass
from tests.outbox.kit import Box, number, together


def test_one_event_told_a_hundred_times_at_once_is_one_message(box: Box) -> None:
    message = Message("request:17:accepted", MessageClass.REPLY, number(1), "Da nhan viec 17")

    def tell() -> int | None:
        with box.world.runtime.units.open() as unit:
            return put(unit, message)

    ids = [its_id for _ in range(10) for its_id in together(10, tell)]
    assert len([its_id for its_id in ids if its_id is not None]) == 1
    assert box.drain() == 1
    assert box.taken() == [number(1)]


def test_a_message_does_not_outlive_the_change_that_caused_it(box: Box) -> None:
    def cause() -> None:
        with box.world.runtime.units.open() as unit:
            put(unit, Message("event", MessageClass.REPLY, number(1), "Da nhan"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()
    assert box.states() == {}
    assert box.drain() == 0


def test_the_lane_is_woken_after_the_commit_and_not_before_the_time(box: Box) -> None:
    woken: list[str] = []
    units = box.world.runtime.units
    counting = type(units)(units.engine, woken.append)
    with counting.open() as unit:
        put(unit, Message("now", MessageClass.ALERT, number(1), "Hop luc 9 gio"))
        put(unit, Message("now", MessageClass.REPLY, number(1), "the same event again"))
        assert woken == []
    with counting.open() as unit:
        put(unit, Message("then", MessageClass.EMERGENCY, number(1), "x", due_at=box.now()))
    assert woken == ["reply"]


def test_many_put_at_once_are_each_put_once_and_wake_their_lane(box: Box) -> None:
    woken: list[str] = []
    units = box.world.runtime.units
    counting = type(units)(units.engine, woken.append)
    messages = [Message(f"joined:{n}", MessageClass.ALERT, number(n), "Chao") for n in (1, 2, 3)]
    for some in (messages[:2], messages, []):
        with counting.open() as unit:
            put_all(unit, some)
    assert woken == ["reply", "reply"]
    assert box.drain() == 3
    assert box.taken() == [number(1), number(2), number(3)]


def test_what_may_be_refused_is_not_put_at_once_unasked(box: Box) -> None:
    refusable = Message("news", MessageClass.NOTICE, number(1), "Tin")
    advertising = Message("promo", MessageClass.PROMO, number(1), "[QC] Tin")
    for message, why in ((refusable, "needs the digest"), (advertising, "one by one")):
        with box.world.runtime.units.open() as unit, pytest.raises(ValueError, match=why):
            put_all(unit, [message])
    assert box.states() == {}


@pytest.mark.parametrize("message_class", list(MessageClass))
def test_a_message_is_worth_sending_for_as_long_as_its_class_says(
    box: Box, message_class: MessageClass
) -> None:
    box.at("12:00")
    its_id = box.put(message_class)
    rules = RULES[message_class]
    box.later(seconds=rules.valid_for.total_seconds() - 60)
    box.sweep()
    assert box.state(its_id) == "queued"
    box.later(seconds=61)
    assert box.drain(rules.lane) == 0
    box.sweep()
    assert box.state(its_id) == "expired"
    assert box.taken() == []


def test_every_class_has_rules_and_every_lane_a_class() -> None:
    assert set(RULES) == set(MessageClass)
    assert {rules.lane for rules in RULES.values()} == set(LANES)


def test_what_must_not_be_in_doubt_goes_alone() -> None:
    assert not RULES[MessageClass.REPLY].grouped
    assert not RULES[MessageClass.ALERT].grouped
