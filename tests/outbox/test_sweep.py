"""What time puts right: dead workers, silence, messages that came too late."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import SQLAlchemyError

from service.carriers.base import Accepted, OutcomeUnknown
from service.outbox.claim import LEASE
from service.records.messages import MessageClass
from tests.outbox.kit import Box, number, together

GONE = LEASE.total_seconds() + 1


@pytest.mark.parametrize(
    ("message_class", "lane", "state"),
    [
        (MessageClass.REPLY, "reply", "unknown"),
        (MessageClass.NOTICE, "bulk", "unknown"),
        (MessageClass.PROMO, "bulk", "unknown"),
        (MessageClass.ALERT, "reply", "queued"),
        (MessageClass.EMERGENCY, "emergency", "queued"),
    ],
)
def test_a_worker_that_died_sending_leaves_a_doubt(
    box: Box, message_class: MessageClass, lane: str, state: str
) -> None:
    box.at("12:00")
    its_id = box.put(message_class)
    box.begun(lane)
    box.later(seconds=GONE - 2)
    assert box.sweep() == {}, "it may still be at it"
    box.later(seconds=2)
    assert box.sweep() == {"caught_sending": 1}
    assert box.state(its_id) == state
    assert [attempt.outcome for attempt in box.attempts(its_id)] == ["unknown"]


def test_a_second_doubt_is_not_sent_a_third_time(box: Box) -> None:
    its_id = box.put(MessageClass.EMERGENCY)
    for _ in range(2):
        box.begun("emergency")
        box.later(seconds=GONE)
        box.sweep()
    assert box.state(its_id) == "unknown"


def quiet_reply(box: Box, reported: int = 10) -> int:
    """A reply of unknown outcome among others of which so many were reported."""
    box.put_many(10)
    box.drain()
    for n, row in enumerate(box.world.rows("SELECT carrier_message_id AS its_id FROM attempts")):
        if n < reported:
            box.report(row.its_id, None, "Success", 4)
    its_id = box.put()
    box.settle({box.begun(): OutcomeUnknown()})
    return its_id


def test_a_reply_nobody_reports_goes_once_more_while_others_are_reported(box: Box) -> None:
    its_id = quiet_reply(box)
    box.later(minutes=29)
    assert "resent" not in box.sweep()
    box.later(minutes=2)
    assert box.sweep() == {"resent": 1}
    box.settle({box.begun(): OutcomeUnknown()})
    box.later(minutes=31)
    assert "resent" not in box.sweep()
    assert box.state(its_id) == "unknown"


def test_silence_about_everybody_proves_nothing(box: Box) -> None:
    quiet_reply(box, reported=3)
    box.later(minutes=31)
    assert "resent" not in box.sweep()


def test_no_second_copy_where_a_report_may_be_of_the_first(box: Box) -> None:
    its_id = quiet_reply(box)
    to = box.row(its_id).msisdn
    box.report("stray-1", to, "Sent", 1)
    box.report("stray-2", to, "Success", 4)
    box.later(minutes=31)
    assert box.sweep() == {}
    assert box.state(its_id) == "unknown"


def test_no_second_copy_when_it_is_too_late_for_it(box: Box) -> None:
    its_id = quiet_reply(box)
    box.world.do("UPDATE messages_out SET valid_until = clock_timestamp() WHERE state = 'unknown'")
    box.later(minutes=31)
    assert box.sweep() == {}
    assert box.state(its_id) == "unknown"


def test_what_is_too_late_expires_but_not_what_may_have_left(box: Box) -> None:
    never, maybe = box.put(), box.put(MessageClass.ALERT)
    box.claim()
    box.settle({box.begun(): OutcomeUnknown()})
    assert box.state(maybe) == "queued"
    box.later(hours=25)
    box.sweep()
    box.sweep()
    assert [box.state(never), box.state(maybe)] == ["expired", "unknown"]


def test_after_72_hours_silence_has_a_name_and_late_word_still_counts(box: Box) -> None:
    one, two = box.put(), box.put()
    first, second = box.begun(), box.begun()
    box.settle({first: Accepted("id-1")})
    box.settle({second: OutcomeUnknown()})
    box.later(hours=71)
    assert box.sweep() == {}
    box.later(hours=2)
    assert box.sweep() == {"no_report": 1, "unknown_closed": 1}
    assert [box.state(one), box.state(two)] == ["no_report", "unknown_closed"]
    box.report("id-1", None, "Success", 4)
    box.settle({second: Accepted("id-2")})
    assert [box.state(one), box.state(two)] == ["delivered", "accepted"]


def test_an_attempt_left_open_by_a_dead_worker_is_closed(box: Box) -> None:
    """Its message was ended by an earlier attempt's late word while it was being sent again."""
    its_id = box.put(MessageClass.EMERGENCY, to=number(1))
    first = box.begun("emergency")
    box.later(seconds=GONE)
    box.sweep()
    box.begun("emergency")
    box.settle({first: Accepted("id-1")})
    box.later(seconds=GONE)
    assert box.sweep() == {}
    box.later(seconds=GONE)
    assert box.sweep() == {"left_open": 1}
    assert [attempt.outcome for attempt in box.attempts(its_id)] == ["accepted", "unknown"]
    box.report("id-2", number(1), "Success", 4)
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}


def test_eight_sweepers_at_once_do_each_thing_once(box: Box) -> None:
    box.put_many(200)
    for leased in (box.claim(most=100), box.claim(most=100)):
        if leased[0].id == 1:
            box.begin(leased)
    box.later(seconds=GONE)
    rounds = together(8, box.sweep)
    assert sum(done.get("lease_lost", 0) for done in rounds) == 100
    assert sum(done.get("caught_sending", 0) for done in rounds) == 100
    assert box.states() == {"queued": 100, "unknown": 100}


def test_a_rule_that_fails_does_not_keep_the_others_from_working(box: Box) -> None:
    its_id = box.put()
    box.claim()
    box.later(seconds=GONE)
    box.world.do("ALTER TABLE receipts RENAME TO receipts_away")
    try:
        with pytest.raises(SQLAlchemyError):
            box.sweep()
    finally:
        box.world.do("ALTER TABLE receipts_away RENAME TO receipts")
    assert box.state(its_id) == "queued"
