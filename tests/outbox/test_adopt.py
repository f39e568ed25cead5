"""Stray reports: taken up where they can only be of one attempt, and left alone everywhere else."""

from __future__ import annotations

import pytest

from service.carriers.base import Accepted, OutcomeUnknown
from service.outbox.adopt import adopt_strays
from service.outbox.claim import Begun
from service.records.messages import MessageClass
from tests.outbox.kit import Box, number, together

# -- single situations


def unknown(box: Box, n: int, message_class: MessageClass = MessageClass.REPLY) -> int:
    its_id = box.put(message_class, to=number(n))
    box.settle({box.begun(): OutcomeUnknown()})
    return its_id


def test_one_stray_and_one_attempt_in_doubt_belong_together(box: Box) -> None:
    its_id = unknown(box, 1)
    other = unknown(box, 2)
    box.report("id-1", number(1), "Success", 4)
    assert box.sweep() == {}, "the answer may still be under way"
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}
    assert [box.state(its_id), box.state(other)] == ["delivered", "unknown"]
    box.report("id-2", number(2), "Sent", 1)
    box.later(seconds=6)
    box.sweep()
    assert box.state(other) == "accepted"
    box.report("id-2", number(2), "Failed", 3)
    assert box.state(other) == "undelivered"


def test_a_report_that_came_before_the_attempt_is_of_something_else(box: Box) -> None:
    box.report("old", number(1), "Success", 4)
    box.later(seconds=10)
    its_id = unknown(box, 1)
    box.later(hours=1)
    assert box.sweep() == {}
    box.report("new", number(1), "Sent", 1)
    box.report("old", number(1), "Failed", 3)
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}
    assert box.state(its_id) == "accepted"
    assert box.attempts(its_id)[0].carrier_message_id == "new"


def test_no_stray_is_taken_up_while_one_is_being_sent_to_that_number(box: Box) -> None:
    its_id = unknown(box, 1)
    box.put(to=number(1))
    sending = box.begun()
    box.report("id-of-which", number(1), "Success", 4)
    box.later(seconds=6)
    assert box.sweep() == {}
    box.settle({sending: Accepted("id-of-which")})
    assert box.sweep() == {}
    assert box.state(its_id) == "unknown"


def test_a_report_that_came_while_it_was_being_sent_is_remembered(box: Box) -> None:
    its_id = box.put(to=number(1))
    box.begun()
    box.report("id-1", number(1), "Success", 4)
    box.later(seconds=31)
    assert box.sweep() == {"caught_sending": 1, "adopted": 1}
    assert box.state(its_id) == "delivered"


@pytest.mark.parametrize(
    ("strays", "states"),
    [
        ([("a", 4)], ["unknown", "unknown"]),
        ([("a", 4), ("b", 4)], ["delivered", "delivered"]),
        ([("a", 1), ("b", 1)], ["unknown", "unknown"]),
        ([("a", 4), ("b", 3)], ["unknown", "unknown"]),
        ([("a", 4), ("b", 4), ("c", 4)], ["unknown", "unknown"]),
    ],
)
def test_two_in_doubt_are_settled_only_when_no_pairing_can_be_wrong(
    box: Box, strays: list[tuple[str, int]], states: list[str]
) -> None:
    ids = [unknown(box, 1), unknown(box, 1)]
    for its_id, rank in strays:
        box.report(its_id, number(1), f"rank {rank}", rank)
    box.later(seconds=6)
    box.sweep()
    assert [box.state(its_id) for its_id in ids] == states


def test_a_report_that_came_before_the_second_attempt_began_is_about_the_first(box: Box) -> None:
    first = unknown(box, 1)
    box.report("of-the-first", number(1), "Sent", 1)
    second = unknown(box, 1)
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}
    assert [box.state(first), box.state(second)] == ["accepted", "unknown"]
    box.report("of-the-second", number(1), "Success", 4)
    box.later(seconds=6)
    box.sweep()
    assert [box.state(first), box.state(second)] == ["accepted", "delivered"]


def test_an_attempt_does_not_drop_out_of_sight_while_its_report_is_in_it(box: Box) -> None:
    first = unknown(box, 1)  # this one left
    box.later(seconds=30)
    second = unknown(box, 1)  # and this one did not
    box.later(seconds=30)
    box.report("of-the-first", number(1), "Success", 4)
    box.later(minutes=59, seconds=15)  # a look falls between the one's end of sight and the other's
    for _ in range(160):
        box.later(hours=1)
        box.sweep()
    assert {box.state(first), box.state(second)} == {"unknown_closed"}
    assert box.attempts(second)[0].outcome == "unknown"


def test_an_adopted_message_is_not_sent_again(box: Box) -> None:
    its_id = unknown(box, 1, MessageClass.ALERT)
    box.later(seconds=3)
    (leased,) = box.claim()
    box.report("id-1", number(1), "Submitted", 1)
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}
    assert box.begin([leased]) == []
    assert box.state(its_id) == "accepted"


def test_eight_sweepers_take_a_stray_up_once(box: Box) -> None:
    for n in range(60):
        unknown(box, n)
        box.report(f"id-{n}", number(n), "Success", 4)
    box.later(seconds=6)
    assert sum(together(8, lambda: adopt_strays(box.world.engine))) == 60
    assert box.states() == {"delivered": 60}


# -- and put right when the answer comes after all


def twice_in_doubt(box: Box) -> tuple[int, list[Begun]]:
    """An alert that was handed over by two workers, both of which were given up."""
    its_id = box.put(MessageClass.ALERT, to=number(1))
    begun = []
    for _ in range(2):
        begun.append(box.begun())
        box.later(seconds=31)
        box.sweep()
    return its_id, begun


def test_two_doubts_about_one_message_are_settled_by_one_report(box: Box) -> None:
    its_id, _ = twice_in_doubt(box)
    box.report("id-2", number(1), "Sent", 1)
    box.later(seconds=6)
    assert box.sweep() == {"adopted": 1}
    assert box.state(its_id) == "accepted"


def test_late_answers_put_exchanged_ids_right(box: Box) -> None:
    its_id, (first, second) = twice_in_doubt(box)
    box.report("id-2", number(1), "Sent", 1)
    box.later(seconds=6)
    box.sweep()
    box.settle({first: Accepted("id-1")})
    box.settle({second: Accepted("id-2")})
    ids = [attempt.carrier_message_id for attempt in box.attempts(its_id)]
    assert ids == ["id-1", "id-2"]
    other = unknown(box, 1)
    box.report("id-1", number(1), "Success", 4)
    box.later(seconds=6)
    assert box.sweep() == {}, "the first copy's report was taken for another message's"
    assert [box.state(its_id), box.state(other)] == ["delivered", "unknown"]


def test_two_messages_settled_crosswise_get_their_own_ids_from_their_answers(box: Box) -> None:
    """Of two lanes: those of one lane leave one after the other."""
    ids = [box.put(to=number(1)), box.put(MessageClass.EMERGENCY, to=number(1))]
    begun = [box.begun(), box.begun("emergency")]
    box.later(seconds=31)
    box.sweep()
    for its_id in ("id-2", "id-1"):
        box.report(its_id, number(1), "Success", 4)
        box.later(seconds=6)
    assert box.sweep() == {"adopted": 2}
    for b, its_id in zip(begun, ["id-1", "id-2"], strict=True):
        box.settle({b: Accepted(its_id)})
    for its_id, true_id in zip(ids, ["id-1", "id-2"], strict=True):
        (attempt,) = box.attempts(its_id)
        assert (attempt.carrier_message_id, attempt.code) == (true_id, None)
        (receipt,) = box.world.rows("SELECT * FROM receipts WHERE attempt_id = :a", a=attempt.id)
        assert receipt.carrier_message_id == true_id
    assert box.states() == {"delivered": 2}


def test_an_answer_takes_its_id_back_from_an_attempt_it_was_given_to(box: Box) -> None:
    its_id, (_, second) = twice_in_doubt(box)
    box.report("id-2", number(1), "Success", 4)
    box.later(seconds=6)
    box.sweep()
    box.settle({second: Accepted("id-2")})
    attempts = box.attempts(its_id)
    assert [(a.outcome, a.carrier_message_id) for a in attempts] == [
        ("unknown", None),
        ("accepted", "id-2"),
    ]
    assert box.state(its_id) == "delivered"
