"""Answers, however late: the last word counts, evidence beats conclusions, nobody waits for ever."""

from __future__ import annotations

from functools import partial

import pytest

from service.carriers.base import (
    Accepted,
    BadNumber,
    Busy,
    NoBalance,
    OutcomeUnknown,
    SendError,
    Unreachable,
)
from service.outbox.claim import LEASE, Begun
from service.records.messages import MessageClass
from tests.outbox.kit import Box, number, together

GONE = LEASE.total_seconds() + 1


def lost(box: Box, message_class: MessageClass = MessageClass.NOTICE) -> tuple[int, Begun]:
    """A message whose worker was paused in the middle of the call until others gave it up."""
    box.at("12:00")
    its_id = box.put(message_class)
    lane = box.row(its_id).lane
    begun = box.begun(lane)
    box.later(seconds=GONE)
    box.sweep()
    return its_id, begun


def test_a_retry_waits_twice_as_long_each_time_and_the_fifth_refusal_ends_it(box: Box) -> None:
    its_id = box.put()
    for strike in range(1, 6):
        asked_at = box.now()
        box.settle({box.begun(): Busy()})
        row = box.row(its_id)
        assert row.strikes == strike
        if strike < 5:
            assert row.state == "queued"
            wait = (row.due_at - asked_at).total_seconds()
            usual = 30 * 2 ** (strike - 1)
            assert 0.8 * usual <= wait <= 1.2 * usual + 5
            box.later(seconds=wait + 1)
    assert (row.state, row.code) == ("failed", "carrier_busy")
    box.later(hours=2)
    assert box.drain() == 0


def test_waits_differ_so_that_not_all_come_back_at_once(box: Box) -> None:
    box.put_many(40)
    waits = set()
    for _ in range(40):
        begun = box.begun()
        box.settle({begun: Busy()})
        row = box.row(begun.message.id)
        waits.add(round((row.due_at - row.changed_at).total_seconds()))
    assert len(waits) >= 6
    assert min(waits) >= 24
    assert max(waits) <= 36


@pytest.mark.parametrize("error", [Busy(), Unreachable(), NoBalance()])
def test_nothing_is_tried_when_it_is_too_late(box: Box, error: SendError) -> None:
    its_id = box.put(valid_until=box.now().replace(year=2099))
    box.settle({box.begun(): error})
    box.world.do("UPDATE messages_out SET valid_until = clock_timestamp() + interval '10 seconds'")
    box.later(seconds=11)
    box.sweep()
    assert box.state(its_id) == "expired"
    box.later(hours=1)
    assert box.drain() == 0
    assert box.taken() == []


def test_late_word_that_it_was_taken_beats_the_conclusion(box: Box) -> None:
    its_id, begun = lost(box)
    assert (box.state(its_id), box.row(its_id).code) == ("unknown", "worker_lost")
    box.settle({begun: Accepted("ATXid_1", "KES 0.8000")})
    assert box.state(its_id) == "accepted"
    (attempt,) = box.attempts(its_id)
    assert (attempt.outcome, attempt.carrier_message_id, attempt.cost) == (
        "accepted",
        "ATXid_1",
        "KES 0.8000",
    )


def test_late_word_that_it_was_not_taken_frees_it(box: Box) -> None:
    its_id, begun = lost(box)
    box.settle({begun: Unreachable()})
    assert box.state(its_id) == "queued"
    box.later(seconds=37)
    box.drain("bulk")
    assert box.state(its_id) == "accepted"


def test_late_refusal_ends_it(box: Box) -> None:
    its_id, begun = lost(box)
    box.settle({begun: BadNumber()})
    assert box.state(its_id) == "rejected"


@pytest.mark.parametrize("again", ["queued", "leased", "sending", "accepted", "failed", "expired"])
def test_late_word_for_the_first_attempt_counts_wherever_the_second_stands(
    box: Box, again: str
) -> None:
    its_id, first = lost(box, MessageClass.EMERGENCY)
    leased, second = [], None
    if again == "expired":
        box.later(hours=6)
        box.sweep()
    elif again != "queued":
        leased = box.claim("emergency")
        if again != "leased":
            (second,) = box.begin(leased)
        if second and again == "accepted":
            box.settle({second: Accepted("ATXid_2")})
        if second and again == "failed":
            box.world.do("UPDATE messages_out SET strikes = 4 WHERE state = 'sending'")
            box.settle({second: Busy()})
    waiting = {"failed": "unknown", "expired": "unknown"}  # the first may have got through
    assert box.state(its_id) == waiting.get(again, again)
    box.settle({first: Accepted("ATXid_1")})
    assert box.state(its_id) == "accepted"
    if again == "leased":
        assert box.begin(leased) == [], "a second copy would go out for nothing"
    if second and again == "sending":
        box.settle({second: OutcomeUnknown()})
        assert box.state(its_id) == "accepted"
    box.later(hours=1)
    assert box.drain("emergency") == 0


def test_a_refused_resend_says_nothing_about_the_first_copy(box: Box) -> None:
    its_id, first = lost(box, MessageClass.ALERT)
    box.settle({box.begun(): BadNumber()})
    assert box.state(its_id) == "unknown"
    box.settle({first: Unreachable()})
    assert box.state(its_id) == "unknown", "only the last attempt's word frees a message"


def test_an_earlier_no_does_not_touch_a_later_attempt(box: Box) -> None:
    its_id, first = lost(box, MessageClass.ALERT)
    second = box.begun()
    box.settle({first: BadNumber()})
    assert box.state(its_id) == "sending"
    box.settle({second: Accepted("ATXid_2")})
    assert box.state(its_id) == "accepted"


@pytest.mark.parametrize(
    "answer",
    [Accepted("ATXid_1"), BadNumber(), Busy(), Unreachable(), NoBalance(), OutcomeUnknown()],
    ids=lambda answer: type(answer).__name__,
)
def test_writing_an_answer_down_twice_changes_nothing(
    box: Box, answer: Accepted | SendError
) -> None:
    its_id = box.put()
    begun = box.begun()
    box.settle({begun: answer})
    before = (box.row(its_id), box.attempts(its_id))
    box.settle({begun: answer})
    assert before[0].state == box.row(its_id).state
    assert before[0].strikes == box.row(its_id).strikes
    assert len(box.attempts(its_id)) == 1


def test_one_id_given_for_two_messages_confuses_no_report(box: Box) -> None:
    one, two = box.put(), box.put()
    box.settle({box.begun(): Accepted("same")})
    box.settle({box.begun(): Accepted("same")})
    assert [box.state(one), box.state(two)] == ["accepted", "accepted"]
    box.report("same", None, "Success", 4)
    assert [box.state(one), box.state(two)] == ["delivered", "accepted"]


def test_what_a_carrier_says_is_kept_even_if_no_database_could_hold_it(box: Box) -> None:
    its_id = box.put()
    box.settle({box.begun(): BadNumber("nul \0 half \ud800 " + "x" * 1000)})
    assert box.state(its_id) == "rejected"
    (attempt,) = box.attempts(its_id)
    assert attempt.detail.startswith("nul  half ? xxx")


def test_late_answers_and_sweepers_do_not_wait_in_a_circle(box: Box) -> None:
    """Twenty rounds of the very moment in which a lease ends and its answer comes."""
    box.at("12:00")
    for _ in range(20):
        ids = [box.put(MessageClass.NOTICE, to=number(n)) for n in range(8)]
        begun = box.begin(box.claim("bulk", most=8))
        for b in begun:
            box.report(f"id-{b.message.id}", b.message.msisdn, "Success", 4)
        box.later(seconds=GONE)
        late = {b: Accepted(f"id-{b.message.id}") for b in reversed(begun)}
        turns = iter([partial(box.settle, late), box.sweep, box.sweep])
        together(3, lambda turns=turns: next(turns)())
        assert {box.state(its_id) for its_id in ids} == {"delivered"}


def test_a_fault_of_our_account_is_no_strike_against_the_message(box: Box) -> None:
    its_id = box.put()
    for _ in range(8):
        box.settle({box.begun(): NoBalance()})
        row = box.row(its_id)
        assert (row.state, row.strikes) == ("queued", 0)
        assert 24 <= (row.due_at - row.changed_at).total_seconds() <= 36
        box.later(seconds=37)
