"""What becomes of a message for everything a carrier can do to a send."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from service.carriers.base import Accepted, Answer, BadNumber, OutcomeUnknown
from service.outbox.classes import RULES, Resend
from service.outbox.deliver import Sender
from service.records.engine import driver_url
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from tests.outbox.kit import PLENTY, Box, Scripted, number, together

# What the carrier does, the state a message that must not go twice is in then, and why.
FAULTS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"kind": "close", "when": "before"}, "unknown", "outcome_unknown"),
    ({"kind": "close", "when": "after"}, "unknown", "outcome_unknown"),
    ({"kind": "error", "code": 500, "when": "before"}, "unknown", "outcome_unknown"),
    ({"kind": "error", "code": 502, "when": "after"}, "unknown", "outcome_unknown"),
    ({"kind": "error", "code": 503, "when": "after"}, "unknown", "outcome_unknown"),
    ({"kind": "html", "code": 200}, "unknown", "outcome_unknown"),
    ({"kind": "broken_json"}, "unknown", "outcome_unknown"),
    ({"kind": "huge", "size": 10_000_000}, "unknown", "outcome_unknown"),
    ({"kind": "redirect"}, "unknown", "outcome_unknown"),
    ({"kind": "partial", "when": "after"}, "unknown", "outcome_unknown"),
    ({"kind": "partial", "when": "before"}, "unknown", "outcome_unknown"),
    ({"kind": "wrong_number"}, "unknown", "outcome_unknown"),
    ({"kind": "charset"}, "accepted", None),
    ({"kind": "throttle"}, "queued", "throttled"),
    ({"kind": "error", "code": 401, "when": "before"}, "queued", "bad_key"),
    ({"kind": "error", "code": 400, "when": "before"}, "queued", "bad_request"),
    ({"kind": "invalid_sender"}, "queued", "bad_sender"),
    ({"kind": "no_balance", "text": "empty"}, "queued", "no_balance"),
    ({"kind": "no_balance"}, "queued", "no_balance"),
    ({"kind": "status", "code": 100}, "accepted", None),
    ({"kind": "status", "code": 101}, "accepted", None),
    ({"kind": "status", "code": 401}, "queued", "on_hold"),
    ({"kind": "status", "code": 402}, "queued", "bad_sender"),
    ({"kind": "status", "code": 403}, "rejected", "bad_number"),
    ({"kind": "status", "code": 404}, "rejected", "bad_number"),
    ({"kind": "status", "code": 405}, "queued", "no_balance"),
    ({"kind": "status", "code": 406}, "rejected", "opted_out"),
    ({"kind": "status", "code": 407}, "queued", "no_route"),
    ({"kind": "status", "code": 409}, "rejected", "refused"),
    ({"kind": "status", "code": 500}, "queued", "carrier_busy"),
    ({"kind": "status", "code": 501}, "queued", "carrier_busy"),
    ({"kind": "status", "code": 502}, "queued", "carrier_busy"),
    ({"kind": "status", "code": 599}, "unknown", "outcome_unknown"),
]


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    FAULTS,
    ids=lambda v: "-".join(map(str, v.values())) if isinstance(v, dict) else None,
)
def test_a_message_ends_where_the_evidence_puts_it(
    box: Box, fault: dict[str, Any], state: str, code: str | None
) -> None:
    box.at("12:00")
    its_id = box.put(MessageClass.NOTICE)
    box.fault(**fault)
    box.drain("bulk")
    row = box.row(its_id)
    assert (row.state, row.code) == (state, code)
    assert row.token is None
    box.well_again()
    for _ in range(12):
        box.later(minutes=31)
        box.sweep()
        box.drain("bulk")
    assert len(box.taken()) <= 1, "it went out twice"
    assert (box.state(its_id) == "accepted") == (state in {"accepted", "queued"})


def test_a_carrier_that_is_not_there_leaves_the_message_whole(box: Box) -> None:
    gone = type(box.world)(
        box.world.runtime.settings.database_url, carrier_url="http://127.0.0.1:1"
    )
    its_id = box.put()
    sender = box.sender(gone.runtime.carrier)
    assert box.drain(sender=sender) == 1
    assert (box.row(its_id).state, box.row(its_id).code) == ("queued", "unreachable")
    box.later(seconds=37)
    box.drain()
    assert box.state(its_id) == "accepted"
    assert [attempt.outcome for attempt in box.attempts(its_id)] == ["not_taken", "accepted"]
    gone.close()


@pytest.mark.parametrize("message_class", list(MessageClass))
def test_only_classes_that_bear_a_second_copy_get_one(
    box: Box, message_class: MessageClass
) -> None:
    rules = RULES[message_class]
    box.at("12:00")
    its_id = box.put(message_class)
    box.fault("close", when="after", count=1)
    for _ in range(8):
        box.drain(rules.lane)
        box.later(seconds=40)
        box.sweep()
    copies = len(box.taken())
    assert copies == (2 if rules.resend is Resend.AT_ONCE else 1)
    assert box.state(its_id) == ("accepted" if copies == 2 else "unknown")


def test_the_attempt_is_on_record_before_the_carrier_is_called(box: Box) -> None:
    seen = []

    def look(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        rows = box.world.rows(
            "SELECT m.state, a.outcome FROM messages_out m JOIN attempts a ON a.message_id = m.id"
        )
        seen.extend((row.state, row.outcome) for row in rows)
        return dict.fromkeys(to, Accepted("x"))

    box.put()
    box.drain(sender=box.sender(Scripted(look)))
    assert seen == [("sending", "open")]


def test_no_connection_is_held_while_the_carrier_hangs(box: Box) -> None:
    url = box.world.runtime.settings.database_url
    engine = create_engine(driver_url(url), pool_size=1, max_overflow=0, pool_timeout=10)
    hanging = threading.Semaphore(0)
    answered = threading.Event()

    def hang(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        hanging.release()
        answered.wait(30)
        return {one: Accepted(f"id-{one}") for one in to}

    for _ in range(3):
        box.put()
    sender = Sender(engine, engine, Scripted(hang), PLENTY)
    threads = [
        threading.Thread(target=sender.drain, args=("reply", lambda: False)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    reached = [hanging.acquire(timeout=10) for _ in threads]
    with engine.connect() as connection:  # the only one there is
        sending = connection.execute(
            text("SELECT count(*) FROM messages_out WHERE state = 'sending'")
        )
        assert (reached, sending.scalar_one()) == ([True] * 3, 3)
    answered.set()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert box.states() == {"accepted": 3}


def test_one_call_for_many_keeps_every_answer_with_its_number(box: Box) -> None:
    def answer(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        calls.append(list(to))
        fates: list[Answer] = [Accepted(f"id-{to[0]}"), BadNumber("403"), OutcomeUnknown("?")]
        return {one: fates[n] for n, one in reversed(list(enumerate(to)))}

    calls: list[list[Msisdn]] = []
    box.at("12:00")
    ids = [box.put(MessageClass.NOTICE, to=number(n), body="Hop") for n in (5, 3, 4)]
    box.drain("bulk", box.sender(Scripted(answer)))
    assert calls == [[number(5), number(3), number(4)]]
    assert [box.state(its_id) for its_id in ids] == ["accepted", "rejected", "unknown"]


def test_one_number_is_once_in_a_call_and_words_do_not_mix(box: Box) -> None:
    calls = []

    def answer(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        calls.append((body, tuple(to)))
        return {one: Accepted(f"{len(calls)}-{one}") for one in to}

    box.at("12:00")
    for body, n in (("A", 1), ("A", 1), ("B", 1), ("A", 2)):
        box.put(MessageClass.NOTICE, to=number(n), body=body)
    box.drain("bulk", box.sender(Scripted(answer)))
    assert Counter(calls) == Counter(
        [("A", (number(1), number(2))), ("A", (number(1),)), ("B", (number(1),))]
    )
    assert box.states() == {"accepted": 4}


def test_an_answer_waits_for_a_database_that_fails_for_a_moment(box: Box) -> None:
    its_id = box.put()
    box.world.do("CREATE SEQUENCE watched.failures")
    box.world.do("""
        CREATE FUNCTION watched.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('watched.failures') <= 3 THEN
                RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
            END IF;
            RETURN NEW;
        END $$
    """)
    box.world.do(
        "CREATE TRIGGER fail BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION watched.fail()"
    )
    try:
        box.drain()
    finally:
        box.world.do("DROP FUNCTION watched.fail CASCADE")
        box.world.do("DROP SEQUENCE watched.failures")
    assert box.state(its_id) == "accepted"
    assert len(box.taken()) == 1


def test_a_carrier_module_that_breaks_leaves_the_outcome_open(box: Box) -> None:
    def break_down(body: str, to: Sequence[Msisdn]) -> Mapping[Msisdn, Answer]:
        raise ZeroDivisionError

    box.at("12:00")
    its_id = box.put(MessageClass.NOTICE)
    box.drain("bulk", box.sender(Scripted(break_down)))
    assert box.state(its_id) == "unknown"


def test_a_worker_that_stood_still_after_beginning_says_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_id = box.put()
    sender = box.sender()
    begin = sender._begin

    def begin_and_sleep(call: Any) -> Any:
        begun = begin(call)
        monkeypatch.setattr("service.outbox.deliver.time.monotonic", lambda: 10**9)
        return begun

    monkeypatch.setattr(sender, "_begin", begin_and_sleep)
    box.drain(sender=sender)
    monkeypatch.undo()
    assert box.taken() == []
    assert box.state(its_id) == "queued"
    box.later(seconds=37)
    box.drain()
    assert len(box.taken()) == 1


def test_eight_threads_send_400_messages_once_each(box: Box) -> None:
    box.put_many(400)
    assert box.drain(threads=8) == 400
    assert Counter(box.taken()) == Counter(number(n) for n in range(400))
    assert box.states() == {"accepted": 400}
    spent = box.world.one("SELECT messages, segments FROM spend WHERE period = 'day'")
    assert (spent.messages, spent.segments) == (400, 400)


def test_stopping_gives_back_what_was_not_begun(box: Box) -> None:
    box.at("12:00")
    for body in "ABC":
        box.put(MessageClass.NOTICE, body=body)
    stops = iter([False, False, True, True, True])
    assert box.sender().drain("bulk", lambda: next(stops)) == 1
    assert box.states() == {"accepted": 1, "queued": 2}


def test_messages_beyond_a_call_s_limit_go_in_more_calls(box: Box) -> None:
    box.at("12:00")
    for n in range(25):
        box.put(MessageClass.NOTICE, to=number(n))
    carrier = Scripted(lambda body, to: {one: Accepted(f"id-{one}") for one in to})
    carrier.max_recipients = 10
    together(1, lambda: box.drain("bulk", box.sender(carrier)))
    assert box.states() == {"accepted": 25}
