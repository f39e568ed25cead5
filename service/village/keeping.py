"""How long what is kept, and the job that forgets; each line names where its time comes from.

RPD-7 is of the facts on domain (Law 91/2025/QH15 asks for a time, not for which); the carriers'
practice is GOV.UK Notify's, which keeps texts for seven days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Engine,
    Select,
    TextClause,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)

from service.records.tables import metadata

STRANGERS_CALLS = timedelta(hours=24)
"""RPD-1: without consent a number is kept for a short-lived call or question only."""
CALLS = timedelta(days=7)
"""Notify: seven days are enough to look into a complaint."""
REQUEST_WORDS = timedelta(days=90)
"""RPD-7: what a villager wrote, and whom it was for, after a request has ended."""
BODIES = timedelta(days=30)
"""RPD-7: the words of messages, both ways."""
DELIVERIES = timedelta(days=365)
"""RPD-7 and Decree 53/2022 (12 months of logs): that a message went to a number, and how."""
SHOWN = timedelta(days=2)
"""What was put before the menu is asked after on the same day only."""
ROTA = timedelta(days=90)
"""When somebody was away says much of a person and, once it is over, little of the work."""
LEARNERS_NAMES = timedelta(days=90)
"""Whom of a household somebody registered, after a class: as long as whom a request was for."""
CLASS_NUMBERS = timedelta(days=60)
"""People still call a class by its number so long after it; then another one has it."""
COUNTERS = timedelta(days=90)
INVITED_AGAIN = timedelta(days=90)
"""Whoever said no to a leader is left alone for so long; the digest that says so goes then."""
ACTS = timedelta(days=1)
"""What waited for a code that never came; it was good for fifteen minutes."""
BEATS = timedelta(days=1)
AUDIT = timedelta(days=731)
"""Two years, one of them a leap year; the database lets nobody delete a line sooner."""
ALARMS = AUDIT
"""Who said that they know of an alarm stands in it, as in the audit."""

MOST_AT_ONCE = 10_000
"""Rows of one transaction, so that nobody waits for a lock while years are forgotten."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows of a table are over age, and what is done to them."""

    table: str
    over_age: TextClause
    """A condition on the row `t`; `:age` is the time it may be kept."""
    age: timedelta
    sets: Mapping[str, object] = field(default_factory=dict)
    """What of the row is emptied; the whole row goes when nothing is named."""


RULES: Mapping[str, Rule] = {
    "strangers_calls": Rule(
        "ussd_sessions",
        text("""t.updated_at < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM phones p
                             WHERE p.msisdn = t.msisdn AND p.holder_id IS NOT NULL)"""),
        STRANGERS_CALLS,
    ),
    "calls": Rule("ussd_sessions", text("t.updated_at < clock_timestamp() - :age"), CALLS),
    "strangers_questions": Rule(
        "text_dialogues",
        text("""t.asked_at < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM phones p
                             WHERE p.msisdn = t.msisdn AND p.holder_id IS NOT NULL)"""),
        STRANGERS_CALLS,
    ),
    "questions": Rule("text_dialogues", text("t.asked_at < clock_timestamp() - :age"), CALLS),
    "request_words": Rule(
        "help_requests",
        text("""coalesce(t.closed_at, t.created_at) < clock_timestamp() - :age
           AND t.state NOT IN ('open', 'accepted', 'done')
           AND (t.words IS NOT NULL OR t.beneficiary IS NOT NULL)"""),
        REQUEST_WORDS,
        {"words": None, "beneficiary": None},
    ),
    "request_notes": Rule(
        "request_events",
        text("""t.note IS NOT NULL AND EXISTS (
               SELECT FROM help_requests r WHERE r.id = t.request_id
               AND r.state NOT IN ('open', 'accepted', 'done')
               AND coalesce(r.closed_at, r.created_at) < clock_timestamp() - :age)"""),
        REQUEST_WORDS,
        {"note": None},
    ),
    "inquiries": Rule(
        "inquiries",
        text("""EXISTS (
               SELECT FROM help_requests r WHERE r.id = t.request_id
               AND r.state NOT IN ('open', 'accepted', 'done')
               AND coalesce(r.closed_at, r.created_at) < clock_timestamp() - :age)"""),
        REQUEST_WORDS,
    ),
    "bodies_out": Rule(
        "messages_out",
        text("""t.created_at < clock_timestamp() - :age AND t.body <> ''
           AND t.state NOT IN ('held', 'queued', 'leased', 'sending')"""),
        BODIES,
        {"body": ""},
    ),
    "bodies_in": Rule(
        "messages_in",
        text("t.received_at < clock_timestamp() - :age AND t.body <> ''"),
        BODIES,
        {"body": ""},
    ),
    "receipts": Rule("receipts", text("t.received_at < clock_timestamp() - :age"), DELIVERIES),
    "attempts": Rule(
        "attempts",
        text("""t.started_at < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM receipts r WHERE r.attempt_id = t.id)"""),
        DELIVERIES,
    ),
    "messages_out": Rule(
        "messages_out",
        text("""t.created_at < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM attempts a WHERE a.message_id = t.id)"""),
        DELIVERIES,
    ),
    "messages_in": Rule(
        "messages_in", text("t.received_at < clock_timestamp() - :age"), DELIVERIES
    ),
    "shown": Rule(
        "shown",
        text("t.day < (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh' - :age)::date"),
        SHOWN,
    ),
    "strangers_numbers": Rule(
        "phones",
        text("""t.created_at < clock_timestamp() - :age AND t.msisdn NOT LIKE '+999%'
           AND t.holder_id IS NULL AND NOT EXISTS (SELECT FROM people h WHERE h.phone_id = t.id)
           AND coalesce(t.last_heard_at, t.created_at) < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM help_requests r WHERE r.phone_id = t.id
                           AND r.state IN ('open', 'accepted', 'done'))"""),
        DELIVERIES,
        {"msisdn": text("'+999' || lpad(id::text, 10, '0')")},
    ),
    "absences": Rule(
        "absences",
        text("coalesce(t.ended_at, t.until_at) < clock_timestamp() - :age"),
        ROTA,
    ),
    "duties": Rule(
        "duties",
        text("t.day < (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh' - :age)::date"),
        ROTA,
    ),
    "duty_swaps": Rule("duty_swaps", text("t.ended_at < clock_timestamp() - :age"), ROTA),
    "gap_warnings": Rule("gap_warnings", text("t.ends_at < clock_timestamp() - :age"), DELIVERIES),
    "pending_acts": Rule("pending_acts", text("t.expires_at < clock_timestamp() - :age"), ACTS),
    "invitations": Rule(
        "invitations", text("t.ended_at < clock_timestamp() - :age AND t.name = ''"), INVITED_AGAIN
    ),
    "refusals": Rule(
        "suppressions",
        text("t.kind = 'invited' AND t.since < clock_timestamp() - :age"),
        INVITED_AGAIN,
    ),
    # A name that is gone is nobody's any more: what it was compared by becomes the row's own.
    "learners_names": Rule(
        "enrolments",
        text("""t.name IS NOT NULL AND EXISTS (
               SELECT FROM trainings c WHERE c.id = t.training_id
               AND c.ends_at < clock_timestamp() - :age)"""),
        LEARNERS_NAMES,
        {"name": None, "who": text("'-' || id")},
    ),
    "class_numbers": Rule(
        "trainings",
        text("t.retired_at IS NULL AND t.ends_at < clock_timestamp() - :age"),
        CLASS_NUMBERS,
        {"retired_at": text("clock_timestamp()")},
    ),
    "counters": Rule("counters", text("t.minute < clock_timestamp() - :age"), COUNTERS),
    "audit": Rule("audit", text("t.at < clock_timestamp() - :age"), AUDIT),
    "tellings": Rule(
        "tellings",
        text("""EXISTS (SELECT FROM alarms a WHERE a.id = t.alarm_id
               AND a.closed_at < clock_timestamp() - :age)"""),
        ALARMS,
    ),
    "alarms": Rule(
        "alarms",
        text("""t.closed_at < clock_timestamp() - :age
           AND NOT EXISTS (SELECT FROM tellings w WHERE w.alarm_id = t.id)"""),
        ALARMS,
    ),
    "beats": Rule("beats", text("t.beat_at < clock_timestamp() - :age"), BEATS),
}
"""In the order of their work: a report goes before the attempt it is about, a telling before its
alarm."""


def forget(engine: Engine) -> Mapping[str, int]:
    """Forget all that is over age, MOST_AT_ONCE rows a transaction; return how many of each."""
    forgotten = {name: _apply(engine, rule) for name, rule in RULES.items()}
    return {name: rows for name, rows in forgotten.items() if rows}


def over_age(engine: Engine) -> Mapping[str, int]:
    """Count what is kept longer than it may be; all of it is 0 after forget()."""
    counted = {}
    with engine.connect() as connection:
        for name, rule in RULES.items():
            kept = metadata.tables[rule.table].alias("t")
            found = select(func.count()).select_from(kept).where(rule.over_age)
            counted[name] = int(connection.execute(found, {"age": rule.age}).scalar_one())
    return counted


def _apply(engine: Engine, rule: Rule) -> int:
    table = metadata.tables[rule.table]
    kept = table.alias("t")
    some: Select[Any] = (
        select(literal_column("t.ctid"))
        .select_from(kept)
        .where(rule.over_age)
        .limit(MOST_AT_ONCE)
        .with_for_update(of=kept, skip_locked=True)
    )
    doing = update(table).values(rule.sets) if rule.sets else delete(table)
    statement = doing.where(literal_column("ctid").in_(some))
    total = 0
    while True:
        with engine.begin() as connection:
            rows = connection.execute(statement, {"age": rule.age}).rowcount
        total += rows
        if rows < MOST_AT_ONCE:
            return total
