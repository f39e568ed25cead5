"""What a seed makes of a plan, and how journals and logs of a run are read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from chaos.blows import moments, planned
from chaos.events import SHARES, events
from chaos.journal import read_journal
from chaos.logs import read_logs
from chaos.plan import Plan, short
from chaos.wishes import wishes


def test_exactly_the_planned_messages_are_committed_in_all_classes() -> None:
    made = events(Plan(seed=3))
    committed = [event for event in made if event.committed]
    assert sum(len(event.numbers) for event in committed) == 10_000
    assert {event.message_class for event in committed} == set(SHARES)
    assert any(not event.committed for event in made)
    assert any(event.times == 2 for event in made)
    assert all(len(set(event.numbers)) == len(event.numbers) for event in made)


def test_nobody_wishes_the_same_twice_and_both_doors_are_used() -> None:
    made = wishes(Plan(seed=3))
    assert Counter(wish.by_call for wish in made) == {True: 1400, False: 600}
    assert len({(wish.msisdn, wish.topic) for wish in made}) == 2000


def test_the_same_seed_makes_the_same_run() -> None:
    assert moments(Plan(seed=5)) == moments(Plan(seed=5)) != moments(Plan(seed=6))
    assert events(short(5)) == events(short(5)) != events(short(6))


def test_a_full_run_has_fifty_kills_and_every_other_blow() -> None:
    plan = Plan()
    assert plan.kills == 50
    assert Counter(blow for _, blow in moments(plan)) == planned(plan)
    assert (plan.flushes, plan.valkey_kills, plan.postgres_stops, plan.pauses) == (3, 2, 2, 3)


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    plan = short(9)
    plan.to_file(tmp_path / "plan.json")
    assert Plan.from_file(tmp_path / "plan.json") == plan


def test_the_journal_tells_who_was_left_in_doubt() -> None:
    send = {"kind": "send", "msisdn": "+84900100001", "text": "a", "accepted": True}
    at = {"at": "2026-11-24T03:00:00.000Z"}
    found = read_journal(
        [
            {**send, **at, "request": "r1", "id": "x1"},
            {**send, **at, "request": "r1", "id": "x2"},
            {"kind": "answer", "place": "send", "request": "r1", "faults": ["close after"]},
            {
                "kind": "refused", "place": "send", "request": "r2", "why": "throttle",
                "numbers": ["+84900100001"],
            },
            {
                "kind": "refused", "place": "send", "request": "r3", "why": "error",
                "numbers": ["+84900100001"],
            },
            {"kind": "report-lost", "id": "x1", "status": "Sent"},
            {"kind": "report-lost", "id": "x2", "status": "Success"},
        ]
    )  # fmt: skip
    assert (found.calls, found.struck_calls, found.in_doubt) == (3, 3, 3)
    assert found.withheld == {"x2"}
    assert found.copies["+84900100001", "a"] == 2


def test_a_whole_number_or_a_villagers_words_in_a_log_are_found(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text(
        '{"event": "fine", "level": "info", "msisdn": "+84900***001"}\n'
        '{"event": "sent to +84900150001", "level": "info"}\n'
        "0900150001 called\n"
        "loicuadan 17\n"
        "ERROR:  deadlock detected\n"
        '{"event": "door_failed", "level": "error", "error": "KeyError"}\n'
    )
    found = read_logs([log])
    assert found.leaks == ["web.log:2", "web.log:3", "web.log:4"]
    assert found.deadlocks == 1
    assert found.failures == {"door_failed KeyError": 1}
