"""Faults to sow into a copy of the outbox, and the tests that must notice each of them.

Every one is a mistake somebody made or could make: most are in the notes on what went wrong in
other services and in the first drafts of this one.
"""

from __future__ import annotations

from dataclasses import dataclass

MACHINE = "outbox/test_machine.py"


@dataclass(frozen=True)
class Change:
    """A text that occurs once in a file of the source, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A fault with a name, how it is sown, and the tests that must fail."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def mutant(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    """Make a mutant of one change."""
    return Mutant(name, (Change(f"service/{file}", old, new),), tests)


MUTANTS = (
    mutant(
        "the sweeper sends again what must not go twice",
        "outbox/sweep.py",
        "CASE WHEN m.class = ANY(:at_once) AND m.resends = 0 THEN 'queued'\n"
        "                     ELSE 'unknown' END,",
        "'queued',",
        MACHINE,
    ),
    mutant(
        "a lost answer is taken for a refusal and tried again",
        "outbox/settle.py",
        "unknown = isinstance(error, OutcomeUnknown)",
        "unknown = False",
        MACHINE,
    ),
    mutant(
        "the last report wins",
        "outbox/reports.py",
        "AND state = ANY(:sent) AND report_rank < :rank",
        "AND state = ANY(:sent)",
        "outbox/test_reports.py",
        MACHINE,
    ),
    mutant(
        "a stray report is taken up though several attempts are in doubt",
        "outbox/adopt.py",
        "if row.of_one_message or _only_the_first(row):",
        "if row.of_one_message or len(row.ids) <= len(row.attempts):",
        "outbox/test_adopt.py",
    ),
    Mutant(
        "an attempt begins without the lease's token",
        (
            Change(
                "service/outbox/claim.py",
                "AND state = 'leased' AND token = :token\n        ORDER BY",
                "AND state = 'leased' AND :token IS NOT NULL\n        ORDER BY",
            ),
            Change(
                "service/outbox/claim.py",
                "AND m.state = 'leased' AND m.token = :token",
                "AND m.state = 'leased'",
            ),
        ),
        ("outbox/test_claim.py",),
    ),
    mutant(
        "a late yes overwrites whatever came after it",
        "outbox/settle.py",
        "WHERE id = :id AND state = ANY(:before)",
        "WHERE id = :id AND :before IS NOT NULL",
        MACHINE,
    ),
    mutant(
        "answers and reports do not wait for each other",
        "outbox/settle.py",
        "    lock_report_ids(connection, carrier, ids)\n",
        "",
        "outbox/test_reports.py::test_400_reports_that_race_their_answers_are_all_seen",
    ),
    mutant(
        "a full cap is not heeded",
        "outbox/brakes.py",
        "    if refused:\n",
        "    if False:\n",
        "outbox/test_brakes.py",
    ),
    mutant(
        "a fault of our account is a strike against the message",
        "outbox/settle.py",
        '"strike": 0 if error.fault is Fault.ACCOUNT else 1,',
        '"strike": 1,',
        "outbox/test_settle.py",
    ),
    mutant(
        "an account that is refused goes on sending",
        "outbox/breaker.py",
        "                return error\n",
        "                return None\n",
        "outbox/test_brakes.py",
    ),
    Mutant(
        "leases are compared with the worker's clock",
        (
            Change(
                "service/outbox/sweep.py",
                "state = 'leased' AND lease_until < (SELECT clock_timestamp())",
                "state = 'leased' AND lease_until < :now",
            ),
            Change(
                "service/outbox/sweep.py",
                '{"batch": BATCH, **values}',
                '{"batch": BATCH, **values,'
                ' "now": __import__("datetime").datetime.now().astimezone()}',
            ),
        ),
        ("outbox/test_claim.py",),
    ),
    mutant(
        "a report is filed away while its message is still being sent",
        "outbox/reports.py",
        "            if known is not None:\n",
        "            connection.execute(text('UPDATE receipts SET attempt_id = (SELECT min(id)'\n"
        "                ' FROM attempts WHERE msisdn = :m) WHERE id = :i'),\n"
        "                {'m': report.msisdn, 'i': stored})\n"
        "            if known is not None:\n",
        "outbox/test_adopt.py",
    ),
    mutant(
        "the same event makes another message",
        "outbox/put.py",
        '"idem_key": message.idem_key,',
        '"idem_key": message.idem_key + str(__import__("uuid").uuid4()),',
        "outbox/test_put.py",
        MACHINE,
    ),
    mutant(
        "answers for many are dealt out in the order they come",
        "outbox/deliver.py",
        "{b: answers.get(b.message.msisdn, unmentioned) for b in begun}",
        "dict(zip(begun, [*answers.values(), *[unmentioned] * len(begun)]))",
        "outbox/test_deliver.py::test_one_call_for_many_keeps_every_answer_with_its_number",
    ),
    mutant(
        "the switch is looked at when claiming only",
        "outbox/claim.py",
        "name IN ('sending', 'lane:' || m.lane,",
        "name IN ('lane:' || m.lane,",
        "outbox/test_claim.py",
    ),
    mutant(
        "a connection is held while the carrier is talked to",
        "outbox/deliver.py",
        "        answers = self._answers(begun, since)\n",
        "        with self._engine.begin():\n            answers = self._answers(begun, since)\n",
        "outbox/test_deliver.py::test_no_connection_is_held_while_the_carrier_hangs",
    ),
    mutant(
        "an answer is thrown away when the database stumbles",
        "outbox/deliver.py",
        "                if time.monotonic() > until:\n",
        "                if until:\n",
        "outbox/test_deliver.py::test_an_answer_waits_for_a_database_that_fails_for_a_moment",
    ),
    mutant(
        "attempts drop out of sight before their reports do",
        "outbox/adopt.py",
        "interval '144 hours'",
        "interval '72 hours'",
        "outbox/test_adopt.py",
    ),
    mutant(
        "an empty list of recipients is taken for a refusal",
        "carriers/africastalking.py",
        "said.lower()), OutcomeUnknown)(said)",
        "said.lower()), BadRequest)(said)",
        "outbox/test_deliver.py",
        "carriers/test_africastalking.py",
    ),
    mutant(
        "every failure of a call is taken for no connection",
        "carriers/http.py",
        "OutcomeUnknown if leash.stood else Unreachable",
        "Unreachable",
        "carriers/test_http.py",
    ),
    mutant(
        "a redirect is followed, key and all",
        "carriers/http.py",
        "allow_redirects=False",
        "allow_redirects=True",
        "carriers/test_http.py::test_the_key_does_not_follow_a_redirect",
    ),
    mutant(
        "what was claimed by day leaves by night",
        "outbox/claim.py",
        "          AND (NOT m.class = ANY(:by_day_only)\n"
        "               OR (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::time\n"
        "                  BETWEEN '07:00' AND '21:59:59.999999')\n",
        "",
        "outbox/test_claim.py",
    ),
    mutant(
        "a worker that stood still speaks all the same",
        "outbox/deliver.py",
        "if time.monotonic() - since > FRESH_SECONDS:",
        "if since < 0:",
        "outbox/test_deliver.py::test_a_worker_that_stood_still_after_beginning_says_nothing",
    ),
    mutant(
        "silence resends without end",
        "outbox/sweep.py",
        "u.class = ANY(:when_quiet) AND u.resends = 0",
        "u.class = ANY(:when_quiet)",
        "outbox/test_sweep.py",
    ),
    mutant(
        "a message in doubt expires as if it had never left",
        "outbox/sweep.py",
        "                     THEN 'unknown' ELSE 'expired' END,",
        "                     THEN 'expired' ELSE 'expired' END,",
        MACHINE,
    ),
    mutant(
        "any job in Redis is run",
        "outbox/wake.py",
        "if self.func_name != WAKE_UP or self.instance is not None:",
        "if self.func_name != WAKE_UP: return super().func\n        if False:",
        "outbox/test_wake.py",
    ),
)
