"""The judge of a run must see each kind of harm: a run in which all is well, harmed one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chaos.database import Attempt, Holdings, Message, Request, UnderWay
from chaos.events import Event
from chaos.evidence import Evidence
from chaos.journal import Journal, Taken
from chaos.logs import Logs
from chaos.plan import Plan
from chaos.verdict import figures
from chaos.wishes import Wish
from chaos.words import read_words
from service.records.messages import MessageClass
from service.text.phones import Msisdn

ONE, TWO, CALLER, WRITER = (Msisdn(f"+8490010000{n}") for n in (1, 2, 3, 4))
PLAN = replace(
    Plan(), messages=2, calls=1, texts=1, web_kills=0, web_child_kills=0, worker_kills=1,
    clock_kills=0, flushes=0, valkey_kills=0, postgres_stops=0, pauses=0,
)  # fmt: skip
EVENTS = [
    Event(0, 0.0, MessageClass.NOTICE, (ONE,), committed=True, times=1),
    Event(1, 0.0, MessageClass.ALERT, (TWO,), committed=True, times=1),
    Event(2, 0.0, MessageClass.REPLY, (TWO,), committed=False, times=1),
]


def filed(number: int) -> str:
    return (
        read_words()
        .texts["sms.filed"]
        .format_map({"number": number, "topic": "VNeID", "leader": "A", "sms_code": "8499"})
    )


def message(id_: int, key: str, kind: str, to: str, body: str) -> Message:
    return Message(id_, key, kind, to, body, "delivered", 0)


def taken(id_: str, to: str, body: str) -> Taken:
    return Taken(id_, to, body, datetime(2026, 11, 24, tzinfo=UTC))


MESSAGES = [
    message(1, EVENTS[0].key(ONE), "notice", ONE, EVENTS[0].body),
    message(2, EVENTS[1].key(TWO), "alert", TWO, EVENTS[1].body),
    message(3, "ussd:1", "reply", CALLER, filed(1001)),
    message(4, "sms:1", "reply", WRITER, filed(1002)),
]


def well() -> Evidence:
    sms = {f"id{m.id}": taken(f"id{m.id}", m.msisdn, m.body) for m in MESSAGES}
    return Evidence(
        plan=PLAN,
        events=EVENTS,
        committed={0, 1},
        wishes=[Wish(0, 0.0, CALLER, True, "vneid", ""), Wish(1, 0.0, WRITER, False, "vneid", "")],
        told_by_call={0: 1001},
        sms_ids={1: "text1"},
        journal=Journal(
            taken=sms,
            delivered={(m.msisdn, m.body) for m in MESSAGES},
            told={(CALLER, 1001)},
            texted={"text1": WRITER},
            acknowledged={"text1"},
        ),
        holdings=Holdings(
            messages=list(MESSAGES),
            attempts=[Attempt(m.id, 1, m.msisdn, "accepted", None, f"id{m.id}") for m in MESSAGES],
            requests=[
                Request(1001, CALLER, "vneid", "open", 1),
                Request(1002, WRITER, "vneid", "open", 1),
            ],
            inbound=Counter({"text1": 1}),
            overdue_work=[],
        ),
        stuck=UnderWay(4, 0, 0, 0, 0, 0),
        logs=Logs(),
        landed=Counter({"kill -9 worker": 1}),
        worker_blows=Counter({"worker-reply": 1}),
        left=0,
        exit_code=0,
    )


def missed(evidence: Evidence) -> set[str]:
    return {figure.name.strip() for figure in figures(evidence) if not figure.good}


def test_a_run_in_which_all_is_well_meets_every_target() -> None:
    assert missed(well()) == set()


def state(e: Evidence, n: int, state: str) -> None:
    e.holdings.messages[n] = e.holdings.messages[n]._replace(state=state)


def never_taken(e: Evidence) -> None:
    del e.journal.taken["id3"]
    e.holdings.attempts[2] = e.holdings.attempts[2]._replace(carrier_id=None)


def taken_again(e: Evidence) -> None:
    e.journal.taken["again"] = taken("again", ONE, EVENTS[0].body)


def alert_thrice(e: Evidence) -> None:
    for copy in ("second", "third"):
        e.journal.taken[copy] = taken(copy, TWO, EVENTS[1].body)


def another_ones_id(e: Evidence) -> None:
    e.holdings.attempts[0] = e.holdings.attempts[0]._replace(carrier_id="id2")


def unknown_though_reported(e: Evidence) -> None:
    state(e, 0, "unknown")
    e.holdings.attempts[0] = Attempt(1, 1, ONE, "unknown", "worker_lost", None)


def too_many_in_doubt(e: Evidence) -> None:
    e.holdings.attempts.extend(
        Attempt(4, no, WRITER, "accepted", "worker_lost", None) for no in range(2, 9)
    )


HARMS: list[tuple[str, Callable[[Evidence], object]]] = [
    ("kill -9 worker", lambda e: e.landed.clear()),
    ("messages put and committed", lambda e: e.committed.remove(1)),
    ("of these lost", lambda e: e.holdings.messages.pop(0)),
    (
        "messages of transactions that were rolled back",
        lambda e: e.holdings.messages.append(
            message(5, EVENTS[2].key(TWO), "reply", TWO, EVENTS[2].body)
        ),
    ),
    ("messages in no final or visible state", lambda e: state(e, 1, "sending")),
    ("falsely called sent", never_taken),
    ("carrier's ids noted at another number", another_ones_id),
    ("falsely called delivered", lambda e: e.journal.delivered.clear()),
    ("sent twice where there may be one copy", taken_again),
    ("sent twice where there may be one copy", alert_thrice),
    ("of these not there exactly once", lambda e: e.journal.told.add((CALLER, 1009))),
    ("villagers who gave up calling", lambda e: e.told_by_call.clear()),
    ("SMS we acknowledged", lambda e: e.journal.acknowledged.clear()),
    ("of these not stored once", lambda e: e.holdings.inbound.clear()),
    ("their requests not there exactly once", lambda e: e.holdings.requests.pop()),
    ("requests made twice", lambda e: e.holdings.requests.append(e.holdings.requests[0])),
    (
        "requests left unfinished",
        lambda e: e.holdings.requests.append(Request(None, CALLER, "dvc", "unfinished", 0)),
    ),
    ("requests without one SMS to the villager", lambda e: e.holdings.messages.pop()),
    ("attempts ever unknown, at most (a) + (b)", too_many_in_doubt),
    ("sent and reported, and nobody took notice", unknown_though_reported),
    ("periodic work left undone", lambda e: e.holdings.overdue_work.append("sweep")),
    ("log lines with a whole number or words", lambda e: e.logs.leaks.append("web.log:1")),
]


@pytest.mark.parametrize(("figure", "harm"), HARMS)
def test_each_harm_misses_its_target(figure: str, harm: Callable[[Evidence], object]) -> None:
    evidence = well()
    harm(evidence)
    assert figure in missed(evidence)


@pytest.mark.parametrize(
    ("figure", "change"),
    [
        ("stuck: leased, sending, or queued and due", {"stuck": UnderWay(4, 0, 1, 0, 0, 0)}),
        ("processes left behind", {"left": 1}),
        ("exit code of `caunoi up`", {"exit_code": 1}),
        ("deadlocks", {"logs": Logs(deadlocks=1)}),
    ],
)
def test_a_bad_end_misses_its_target(figure: str, change: dict[str, object]) -> None:
    assert missed(replace(well(), **change)) == {figure}


def test_a_second_copy_of_an_alert_is_allowed() -> None:
    evidence = well()
    evidence.journal.taken["again"] = taken("again", TWO, EVENTS[1].body)
    assert missed(evidence) == set()


def test_an_unknown_whose_report_was_withheld_is_told_apart() -> None:
    evidence = well()
    unknown_though_reported(evidence)
    evidence.journal.withheld.add("id1")
    assert missed(evidence) == {"sent, a report withheld by the carrier"}
