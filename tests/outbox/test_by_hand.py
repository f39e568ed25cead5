"""What an operator does to many messages: what is begun is left alone, twice does nothing more."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import TextClause, text

from service.carriers.base import Accepted, BadNumber, Busy, OutcomeUnknown
from service.outbox.by_hand import Deed, Done, do
from service.outbox.piles import (
    ALL,
    COUNT,
    IDS,
    LATELY,
    Counted,
    Pile,
    all_piles,
    count,
    ids_of,
)
from service.records.base import LARGEST_ID
from service.records.messages import MessageClass
from service.records.messages import MessageState as S
from tests.outbox.kit import Box, number, together

DAY = 24 * 60 * 60


def by_hand(box: Box, deed: Deed, *ids: int) -> Done:
    with box.world.engine.begin() as connection:
        return do(connection, deed, ids)


def piles(box: Box) -> dict[tuple[str, str | None, str], Counted]:
    with box.world.engine.connect() as connection:
        found = all_piles(connection)
    return {(one.pile.state, one.pile.code, one.pile.message_class): one for one in found}


def ids(box: Box, pile: Pile, upto: int = 10**9, most: int = 100) -> Sequence[int]:
    with box.world.engine.connect() as connection:
        return ids_of(connection, pile, upto, most)


def doubtful(box: Box, message_class: MessageClass = MessageClass.REPLY) -> int:
    """A message of which nobody knows whether it left."""
    its_id = box.put(message_class)
    lane = box.row(its_id).lane
    box.settle({box.begun(lane): OutcomeUnknown()})
    assert box.state(its_id) == "unknown"
    return its_id


def rejected(box: Box, code: str = "refused", **more: object) -> int:
    its_id = box.put(**more)  # type: ignore[arg-type]
    box.settle({box.begun(): BadNumber()})
    box.world.do("UPDATE messages_out SET code = :code WHERE id = :id", code=code, id=its_id)
    return its_id


# -- hold and release


def test_what_is_held_is_not_sent_until_it_is_let_go(box: Box) -> None:
    first, second = box.put(), box.put()
    assert by_hand(box, Deed.HOLD, first).messages == 1
    assert by_hand(box, Deed.HOLD, first).messages == 0
    assert (box.state(first), box.row(first).code) == ("held", "operator")
    for _ in range(3):
        box.sweep()
    assert box.drain() == 1
    assert box.state(second) == "accepted"
    assert by_hand(box, Deed.RELEASE, first).messages == 1
    assert by_hand(box, Deed.RELEASE, first).messages == 0
    assert box.drain() == 1
    assert box.state(first) == "accepted"


def test_what_a_worker_has_taken_is_not_held(box: Box) -> None:
    its_id = box.put()
    (leased,) = box.claim()
    assert by_hand(box, Deed.HOLD, its_id).messages == 0
    assert len(box.begin([leased])) == 1


def test_holding_and_claiming_at_once_leave_each_message_in_one_hand(box: Box) -> None:
    box.put_many(400)
    every = [row.id for row in box.world.rows("SELECT id FROM messages_out")]
    lock, claimed, held = threading.Lock(), [], []
    turns = iter(range(2))

    def race() -> None:
        with lock:
            turn = next(turns)
        if turn == 0:
            held.extend(
                by_hand(box, Deed.HOLD, *every[start : start + 20]).messages
                for start in range(0, len(every), 20)
            )
        else:
            while leased := box.claim("reply", 7):
                claimed.extend(message.id for message in leased)

    together(2, race)
    assert sum(held) + len(claimed) == 400
    expected = {"held": sum(held), "leased": len(claimed)}
    assert box.states() == {state: n for state, n in expected.items() if n}


def test_advertising_that_was_held_waits_for_its_day_again(box: Box) -> None:
    box.at("12:00")
    advert = box.put(MessageClass.PROMO)
    by_hand(box, Deed.HOLD, advert)
    box.sweep()
    assert box.state(advert) == "held", "the sweep lets go only what waits for its day"
    by_hand(box, Deed.RELEASE, advert)
    assert (box.state(advert), box.row(advert).code) == ("held", "promo_cap")
    box.sweep()
    assert box.state(advert) == "queued"


def test_what_is_held_too_long_is_too_late_and_unknown_where_it_may_have_left(box: Box) -> None:
    fresh = box.put()
    again = box.put(MessageClass.EMERGENCY)
    box.settle({box.begun("emergency"): OutcomeUnknown()})
    assert box.state(again) == "queued", "an emergency is sent again at once"
    by_hand(box, Deed.HOLD, fresh, again)
    box.later(hours=25)
    box.sweep()
    assert (box.state(fresh), box.row(fresh).code) == ("expired", "too_late")
    assert box.state(again) == "unknown"


def test_a_late_answer_counts_for_what_is_held(box: Box) -> None:
    its_id = box.put(MessageClass.EMERGENCY)
    begun = box.begun("emergency")
    box.later(seconds=31)
    box.sweep()
    by_hand(box, Deed.HOLD, its_id)
    assert box.state(its_id) == "held"
    box.settle({begun: Accepted("late")})
    assert box.state(its_id) == "accepted"


# -- cancel


def test_what_is_cancelled_is_never_sent(box: Box) -> None:
    waiting, held = box.put(), box.put()
    by_hand(box, Deed.HOLD, held)
    assert by_hand(box, Deed.CANCEL, waiting, held).messages == 2
    assert by_hand(box, Deed.CANCEL, waiting, held).messages == 0
    assert box.drain() == 0
    assert box.states() == {"cancelled": 2}
    assert box.row(waiting).code == "operator"


def test_a_worker_cannot_begin_what_was_cancelled_in_its_hands(box: Box) -> None:
    its_id = box.put()
    (leased,) = box.claim()
    assert by_hand(box, Deed.CANCEL, its_id).messages == 1
    assert box.begin([leased]) == []
    assert box.attempts(its_id) == []


def test_what_a_worker_has_begun_is_not_cancelled(box: Box) -> None:
    its_id = box.put()
    begun = box.begun()
    assert by_hand(box, Deed.CANCEL, its_id).messages == 0
    box.settle({begun: Accepted("x")})
    assert box.state(its_id) == "accepted"


def test_cancelling_and_beginning_at_once_agree_on_who_was_first(box: Box) -> None:
    box.put_many(60)
    leased = box.claim("reply", 60)
    began, cancelled = [], []
    lock, turns = threading.Lock(), iter(range(2))

    def race() -> None:
        with lock:
            turn = next(turns)
        for message in leased if turn else reversed(leased):
            if turn:
                began.extend(box.begin([message]))
            else:
                cancelled.append(by_hand(box, Deed.CANCEL, message.id).messages)

    together(2, race)
    assert len(began) + sum(cancelled) == 60
    expected = {"sending": len(began), "cancelled": sum(cancelled)}
    assert box.states() == {state: n for state, n in expected.items() if n}


# -- replay


def test_what_is_unknown_is_sent_again_at_once(box: Box) -> None:
    its_id = doubtful(box)
    assert by_hand(box, Deed.REPLAY, its_id).messages == 1
    assert by_hand(box, Deed.REPLAY, its_id).messages == 0
    assert (box.state(its_id), box.row(its_id).resends) == ("queued", 1)
    assert box.drain() == 1
    assert box.state(its_id) == "accepted"


def test_what_was_replayed_has_time_to_leave(box: Box) -> None:
    its_id = doubtful(box)
    box.later(hours=30)
    by_hand(box, Deed.REPLAY, its_id)
    box.sweep()
    assert box.state(its_id) == "queued"


def test_a_report_about_the_first_copy_ends_the_replay_before_it_leaves(box: Box) -> None:
    its_id = box.put()
    begun = box.begun()
    box.later(seconds=31)
    box.sweep()
    by_hand(box, Deed.REPLAY, its_id)
    box.settle({begun: Accepted("late")})
    assert box.state(its_id) == "accepted"
    assert box.drain() == 0


# -- send again


def test_a_doubled_click_sends_again_once(box: Box) -> None:
    old = rejected(box)
    together(4, lambda: by_hand(box, Deed.RESEND, old))
    assert by_hand(box, Deed.RESEND, old).left_out == {"again": 1}
    assert box.states() == {"rejected": 1, "queued": 1}
    new = box.row(box.row(old).sent_again_as)
    assert (new.body, new.msisdn, new.idem_key) == (
        box.row(old).body,
        box.row(old).msisdn,
        f"resend:{old}:1",
    )
    assert round((new.valid_until - new.created_at).total_seconds()) == DAY
    assert box.drain() == 1


def test_what_was_sent_again_and_failed_can_be_sent_again_in_its_turn(box: Box) -> None:
    old = rejected(box)
    by_hand(box, Deed.RESEND, old)
    second = box.row(old).sent_again_as
    box.settle({box.begun(): BadNumber()})
    box.world.do("UPDATE messages_out SET code = 'refused' WHERE state = 'rejected'")
    by_hand(box, Deed.RESEND, second)
    third = box.row(box.row(second).sent_again_as)
    assert third.idem_key == f"resend:{old}:2"


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("UPDATE messages_out SET body = '' WHERE id = :id", "forgotten"),
        ("UPDATE messages_out SET code = 'bad_number' WHERE id = :id", "bad_number"),
        (
            """INSERT INTO suppressions (digest, kind)
               SELECT recipient_digest, 'news' FROM messages_out WHERE id = :id""",
            "refused",
        ),
        ("UPDATE messages_out SET class = 'promo' WHERE id = :id", "advertising"),
        (
            """INSERT INTO phones (msisdn, doubted_at)
               SELECT msisdn, clock_timestamp() FROM messages_out WHERE id = :id
               ON CONFLICT (msisdn) DO UPDATE SET doubted_at = clock_timestamp()""",
            "bad_number",
        ),
    ],
)
def test_whom_it_may_not_reach_again_is_left_out_and_counted(box: Box, harm: str, why: str) -> None:
    box.at("12:00")
    left_out, fine = (box.put(MessageClass.NOTICE, to=number(n + 500)) for n in range(2))
    for lost in (left_out, fine):
        box.settle({box.begun("bulk"): BadNumber()})
        box.world.do("UPDATE messages_out SET code = 'refused' WHERE id = :id", id=lost)
    box.world.do(harm, id=left_out)
    done = by_hand(box, Deed.RESEND, left_out, fine)
    box.world.do("DELETE FROM phones WHERE doubted_at IS NOT NULL AND holder_id IS NULL")
    assert (done.messages, dict(done.left_out)) == (1, {why: 1})
    assert box.row(left_out).sent_again_as is None
    assert box.row(fine).sent_again_as is not None


def test_a_number_once_found_bad_is_not_written_to_again(box: Box) -> None:
    bad = rejected(box, "bad_number", to=number(9))
    other = rejected(box, to=number(9))
    assert by_hand(box, Deed.RESEND, bad, other).left_out == {"bad_number": 2}


def test_what_an_operator_cancelled_can_be_sent_after_all(box: Box) -> None:
    its_id = box.put()
    by_hand(box, Deed.CANCEL, its_id)
    assert by_hand(box, Deed.RESEND, its_id).messages == 1
    assert box.drain() == 1


def test_what_is_under_way_or_has_arrived_is_not_sent_again(box: Box) -> None:
    arrived = box.put()
    box.drain()
    waiting = box.put()
    assert by_hand(box, Deed.RESEND, arrived, waiting).messages == 0
    assert box.states() == {"accepted": 1, "queued": 1}


# -- piles


def test_piles_part_messages_by_state_code_and_class(box: Box) -> None:
    box.at("12:00")
    box.put(to=number(1))
    box.put(to=number(1))
    box.put(MessageClass.NOTICE)
    box.put(due_at=box.now() + timedelta(hours=2))
    found = piles(box)
    assert set(found) == {("queued", None, "reply"), ("queued", None, "notice")}
    replies = found["queued", None, "reply"]
    assert (replies.messages, replies.people) == (2, 1), "what is due later does not wait yet"


def test_a_pile_holds_what_ended_in_the_last_day_until_it_is_sent_again(box: Box) -> None:
    old = rejected(box)
    box.later(hours=25)
    new = rejected(box)
    pile = Pile(S.REJECTED, "refused", MessageClass.REPLY)
    assert ids(box, pile) == [new]
    assert piles(box)["rejected", "refused", "reply"].messages == 1
    by_hand(box, Deed.RESEND, new)
    assert ids(box, pile) == []
    assert ("rejected", "refused", "reply") not in piles(box)
    assert box.row(old).sent_again_as is None


def test_what_came_after_the_question_is_not_touched(box: Box) -> None:
    first, second = box.put(), box.put()
    pile = Pile(S.QUEUED, None, MessageClass.REPLY)
    with box.world.engine.connect() as connection:
        asked = count(connection, pile)
    assert asked is not None
    assert (asked.messages, asked.upto) == (2, second)
    box.put()
    assert ids(box, pile, upto=asked.upto) == [first, second]
    assert ids(box, pile, upto=asked.upto, most=1) == [first]


def test_a_busy_carrier_makes_a_pile_of_its_own(box: Box) -> None:
    box.put()
    box.settle({box.begun(): Busy()})
    assert set(piles(box)) == {("queued", "carrier_busy", "reply")}


def test_piles_are_found_by_indexes_of_what_waits_and_what_ended_ill(box: Box) -> None:
    box.world.do("""
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, segments, state, code,
                                  valid_until, changed_at)
        SELECT 'old:' || n, 'reply', 'reply', 0, '+8490' || lpad(n::text, 7, '0'), 1,
               CASE WHEN n > 100 THEN 'delivered' WHEN n % 2 = 0 THEN 'held' ELSE 'rejected' END,
               CASE WHEN n <= 100 THEN 'operator' END,
               clock_timestamp() + interval '1 day', clock_timestamp() - n * interval '1 minute'
        FROM generate_series(1, 40000) AS n
    """)
    box.world.do("ANALYZE messages_out")

    def plan(statement: TextClause, **values: object) -> str:
        with box.world.engine.connect() as connection:
            rows = connection.execute(text(f"EXPLAIN {statement.text}"), values).scalars()
            return "\n".join(rows)

    whole = plan(ALL, lately=LATELY)
    assert "Seq Scan on messages_out" not in whole
    for index in ("ended_ill", "held", "due", "waiting"):
        assert f"ix_messages_out_{index}" in whole, index
    for state, index in ((S.HELD, "held"), (S.REJECTED, "ended_ill")):
        pile = Pile(state, "operator", MessageClass.REPLY)
        for statement, more in ((COUNT, {}), (IDS, {"most": 10_000})):
            found = plan(statement, **pile.values, upto=LARGEST_ID, **more)
            assert f"ix_messages_out_{index}" in found, found
