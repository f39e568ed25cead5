"""Stray reports in ten thousand situations: none is ever taken for another's."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from service.outbox.adopt import adopt_strays
from service.outbox.reports import match_overlooked
from tests.outbox.kit import CARRIER, Box, number


@dataclass
class Try:
    """One attempt as it really was."""

    message: int
    starts: float
    sent: bool
    outcome: str
    reports: list[tuple[float, int]] = field(default_factory=list)

    @property
    def true_id(self) -> str:
        return f"id-{self.message}"


def invent(dice: random.Random, first: int) -> list[Try]:
    """What happened at one number within some days; times in seconds from the beginning."""
    tries = []
    at = dice.uniform(0, 3600)
    for message in range(dice.choice([1, 1, 1, 2, 2, 3, 4])):
        at += dice.choice([1, 20, 600, 7200, 90_000, 250_000]) * dice.uniform(0.5, 1)
        outcome = dice.choice(["unknown"] * 4 + ["accepted"] * 5 + ["not_taken", "open"])
        sent = outcome == "accepted" or (outcome != "not_taken" and dice.random() < 0.6)
        one = Try(first + message, at, sent, outcome)
        last = dice.choice([[1, 4], [1, 3], [4], [3], [1], [1, 3, 4], []])
        delay = dice.choice([1, 5, 60, 3600, 80_000])
        if sent:
            one.reports = [(at + delay * dice.uniform(0.2, 1 + n), r) for n, r in enumerate(last)]
        tries.append(one)
    return tries


COPIES = {
    "messages_out (id, idem_key, class, lane, priority, msisdn, body, segments, state, due_at,"
    " valid_until, lease_until, created_at, changed_at)": "messages",
    "attempts (id, message_id, no, token, carrier, msisdn, outcome, carrier_message_id,"
    " started_at)": "attempts",
    "receipts (carrier, carrier_message_id, fingerprint, msisdn, status, rank, received_at,"
    " attempt_id)": "receipts",
}


def write(box: Box, people: list[list[Try]], base: datetime, since: float, upto: float) -> None:
    """Bring to the database what happened between two moments."""
    rows: dict[str, list[tuple[object, ...]]] = {"messages": [], "attempts": [], "receipts": []}
    for n, tries in enumerate(people):
        for one in tries:
            at = base + timedelta(seconds=one.starts)
            known = one.outcome == "accepted"
            if since < one.starts <= upto:
                state = {"open": "sending", "not_taken": "failed"}.get(one.outcome, one.outcome)
                lease = at + timedelta(days=99) if state == "sending" else None
                text_of_it = (one.message, f"{one.message}", "notice", "bulk", 0, number(n), "x", 1)
                rows["messages"].append((*text_of_it, state, at, at, lease, at, at))
                its_id = one.true_id if known else None
                attempt = (one.message, one.message, 1, uuid4(), CARRIER, number(n), one.outcome)
                rows["attempts"].append((*attempt, its_id, at))
            for when, rank in one.reports:
                if since < when <= upto:
                    came = base + timedelta(seconds=when)
                    receipt = (CARRIER, one.true_id, f"{when}", number(n), f"{rank}", rank, came)
                    rows["receipts"].append((*receipt, one.message if known else None))
    with box.world.engine.begin() as connection:
        cursor = connection.connection.cursor()
        for columns, table in COPIES.items():
            with cursor.copy(f"COPY {columns} FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(row)
        cursor.execute("ANALYZE attempts, receipts, messages_out")


MOMENTS = [1800, 3700, 8000, 40_000, 110_000, 220_000, 400_000, 640_000, 880_000]


@pytest.mark.timeout(300)
def test_of_10000_situations_none_is_taken_up_wrongly(box: Box) -> None:
    dice = random.Random(20261124)
    people = [invent(dice, 10 * n + 1) for n in range(10_000)]
    base = box.now()
    since = -1.0
    for moment in MOMENTS:
        box.world.do("UPDATE watched.shift SET by = :by", by=timedelta(seconds=moment))
        write(box, people, base, since, moment)
        since = moment
        while adopt_strays(box.world.engine):
            pass
        with box.world.engine.begin() as connection:
            while match_overlooked(connection):  # reports about what has been taken up earlier
                pass
    found = {
        row.id: row
        for row in box.world.rows(
            "SELECT a.id, a.outcome, a.carrier_message_id AS its_id, m.state, m.report_rank AS rank"
            " FROM attempts a JOIN messages_out m ON m.id = a.message_id"
        )
    }
    verdicts = Counter(judge(one, tries, found[one.message]) for tries in people for one in tries)
    assert verdicts["wrong"] == 0, verdicts
    assert verdicts["missed"] == 0, verdicts
    assert verdicts["right"] > 1000, verdicts


def judge(one: Try, tries: list[Try], row) -> str:
    """Compare what was concluded about an attempt with what really happened."""
    if one.outcome != "unknown":
        return "known anyway"
    alone = [each.outcome in {"unknown", "open"} for each in tries].count(True) == 1
    if row.outcome == "unknown":
        quick = one.reports and one.reports[0][0] - one.starts < 250_000
        return "missed" if alone and quick else "left alone"
    true_rank = max((rank for _, rank in one.reports), default=0)
    exact = row.its_id == one.true_id or row.rank == 4  # two delivered ones may be exchanged
    return "right" if one.sent and exact and row.rank == true_rank else "wrong"
