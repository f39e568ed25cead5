"""Delivery reports: whatever their order and number, and whenever the answer comes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, text

from service.carriers.africastalking import REPORT_RANKS
from service.carriers.base import Accepted, Report
from service.outbox.claim import Begun, begin, claim
from service.outbox.reports import take_report
from service.outbox.settle import settle
from service.records.engine import make_engine
from service.records.messages import MessageClass
from tests.outbox.kit import CARRIER, Box, number, together

STATUSES = [
    "Sent",
    "Submitted",
    "Buffered",
    "Rejected",
    "Failed",
    "Expired",
    "Success",
    "Wandering",
]
MESSAGES_A_CASE = 10
"""Lives of their own in each example: 210 examples are 2,100 of them."""

lives = st.lists(
    st.tuples(st.lists(st.sampled_from(STATUSES), max_size=6), st.integers(0, 6)),
    min_size=MESSAGES_A_CASE,
    max_size=MESSAGES_A_CASE,
)


def expected(reports: Sequence[str]) -> str:
    """What a person would say who reads all reports together."""
    if "Success" in reports:
        return "delivered"
    return "undelivered" if {"Rejected", "Failed", "Expired"} & set(reports) else "accepted"


def live(
    connection: Connection, begun: Begun, reports: Sequence[str], answer_after: int
) -> tuple[str, int]:
    """One message, its reports in this order, the carrier's answer after so many of them."""
    undo = connection.begin_nested()
    for n in range(len(reports) + 1):
        if n == min(answer_after, len(reports)):
            settle(connection, CARRIER, {begun: Accepted("ATXid_1")})
        if n < len(reports):
            rank = REPORT_RANKS.get(reports[n].lower(), 1)
            take_report(connection, CARRIER, Report("ATXid_1", number(1), reports[n], rank))
    row = connection.execute(text("SELECT state, report_rank FROM messages_out")).one()
    unmatched = text("SELECT count(*) FROM receipts WHERE attempt_id IS NULL")
    assert connection.execute(unmatched).scalar_one() == 0, "a report was left lying"
    undo.rollback()
    return row.state, row.report_rank


@pytest.mark.timeout(300)
@settings(max_examples=210, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives)
def test_any_order_and_repetition_of_reports_ends_the_same(
    box: Box, lives: list[tuple[list[str], int]]
) -> None:
    if not box.states():
        box.put()
    with box.world.engine.connect() as connection:
        (begun,) = begin(connection, claim(connection, "reply", CARRIER, 1), CARRIER)
        for reports, answer_after in lives:
            state, rank = live(connection, begun, reports, answer_after)
            assert state == expected(reports)
            assert rank == max([REPORT_RANKS.get(r.lower(), 1) for r in reports], default=0)


def test_400_reports_that_race_their_answers_are_all_seen(box: Box) -> None:
    for n in range(400):
        box.put(to=number(n))
    begun = box.begin(box.claim(most=400))
    meet = [threading.Barrier(2) for _ in range(4)]
    turn = iter(range(8))

    def race() -> None:
        me = next(turn)
        for b in begun[me // 2 :: 4]:
            its_id = f"id-{b.message.id}"
            meet[me // 2].wait(30)
            if me % 2:
                box.settle({b: Accepted(its_id)})
            else:
                box.report(its_id, b.message.msisdn, "Success", 4)

    together(8, race)
    assert box.states() == {"delivered": 400}


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"kind": "early"},
        {"kind": "out_of_order"},
        {"kind": "duplicate"},
        {"kind": "unknown_status"},
    ],
    ids=lambda fault: fault["kind"] if fault else "well",
)
def test_reports_over_http_bring_messages_to_their_end(
    box: Box, fault: dict[str, str] | None
) -> None:
    box.with_reports()
    if fault:
        box.fault(place="receipts", **fault)
    box.put_many(15)
    box.drain(threads=3)
    box.eventually(lambda: box.states() == {"delivered": 15})


def test_reports_of_failure_say_so(box: Box) -> None:
    box.with_reports()
    box.fault("undelivered", place="receipts", text="Rejected", reason="UserInBlackList")
    its_id = box.put()
    box.drain()
    box.eventually(lambda: box.state(its_id) == "undelivered")


def test_a_failure_taken_back_is_a_delivery_and_a_delivery_stays(box: Box) -> None:
    its_id = box.put()
    box.settle({box.begun(): Accepted("id-1")})
    box.report("id-1", None, "Failed", 3)
    assert box.state(its_id) == "undelivered"
    box.report("id-1", None, "Success", 4)
    box.report("id-1", None, "Failed", 3)
    assert box.state(its_id) == "delivered"


def test_what_became_of_a_second_copy_takes_nothing_back(box: Box) -> None:
    """Of an alert that was sent twice one copy arrived: it has arrived, whatever the other did."""
    its_id = box.put(MessageClass.ALERT)
    copies = []
    for _ in range(2):
        copies.append(box.begun())
        box.later(seconds=31)
        box.sweep()
    for n, copy in enumerate(copies, start=1):
        box.settle({copy: Accepted(f"id-{n}")})
    box.report("id-1", None, "Success", 4)
    box.report("id-2", None, "Failed", 3)
    assert (box.state(its_id), box.row(its_id).report_rank) == ("delivered", 4)


def test_a_report_about_nothing_of_ours_is_kept_and_harms_nobody(box: Box) -> None:
    its_id = box.put()
    for status in ("Sent", "Sent", "Success"):
        box.report("somebody else's", number(1), status, REPORT_RANKS[status.lower()])
    assert box.world.one("SELECT count(*) AS n FROM receipts").n == 2
    assert box.state(its_id) == "queued"


def test_a_report_is_kept_while_somebody_sits_on_the_message(box: Box) -> None:
    """It is not lost when the carrier never tells it again, and counts at the next sweep."""
    its_id = box.put()
    box.settle({box.begun(): Accepted("id-1")})
    url = box.world.runtime.settings.database_url
    impatient = make_engine(url, name="web", pool_size=1, statement_seconds=0.3)
    with box.world.engine.begin() as sitting:
        sitting.execute(text("SELECT FROM messages_out FOR UPDATE"))
        with impatient.begin() as connection:
            take_report(connection, CARRIER, Report("id-1", number(1), "Success", 4))
    impatient.dispose()
    assert box.state(its_id) == "accepted"
    assert box.sweep() == {"overlooked": 1}
    assert box.state(its_id) == "delivered"
