"""Puts right what time has overtaken: dead workers, stale messages, answers that never came.

Every rule may run in any number of workers at once and any number of times. Each has its own
transaction, waits for nobody's row, and does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from .adopt import adopt_strays
from .classes import RULES, Resend
from .ladder import ReportRank
from .promos import release_held
from .reports import match_overlooked, merge

BATCH = 500

UNTOUCHED = text("""
    WITH dead AS (
        SELECT id, token FROM messages_out
        WHERE state = 'leased' AND lease_until < (SELECT clock_timestamp())
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'queued', token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    FROM dead WHERE m.id = dead.id AND m.state = 'leased' AND m.token = dead.token
""")

CAUGHT_SENDING = text("""
    WITH dead AS (
        SELECT id, token FROM messages_out
        WHERE state = 'sending' AND lease_until < (SELECT clock_timestamp())
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    , closed AS (
        UPDATE attempts AS a
        SET outcome = 'unknown', code = 'worker_lost', finished_at = clock_timestamp()
        FROM dead
        WHERE a.message_id = dead.id AND a.token = dead.token AND a.outcome = 'open')
    UPDATE messages_out AS m
    SET state = CASE WHEN m.class = ANY(:at_once) AND m.resends = 0 THEN 'queued'
                     ELSE 'unknown' END,
        resends = m.resends + CASE WHEN m.class = ANY(:at_once) AND m.resends = 0 THEN 1 ELSE 0 END,
        code = 'worker_lost', token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    FROM dead WHERE m.id = dead.id AND m.state = 'sending' AND m.token = dead.token
""")

# An attempt whose worker died after another attempt's late answer had ended the message: no rule
# for messages sees it, and while it is open no report for its number can be taken up.
LEFT_OPEN = text("""
    WITH dead AS (
        SELECT a.id FROM attempts a
        WHERE a.outcome = 'open'
          AND a.started_at < (SELECT clock_timestamp()) - interval '1 minute'
          AND NOT EXISTS (SELECT FROM messages_out m
                          WHERE m.id = a.message_id AND m.state = 'sending' AND m.token = a.token)
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE attempts AS a
    SET outcome = 'unknown', code = 'worker_lost', finished_at = clock_timestamp()
    FROM dead WHERE a.id = dead.id AND a.outcome = 'open'
""")

# Not where a stray report for the number came in: it may well be of this message, only not
# certainly enough to be taken up.
RESEND_WHEN_QUIET = text("""
    WITH quiet AS (
        SELECT u.id FROM messages_out u
        WHERE u.state = 'unknown' AND u.class = ANY(:when_quiet) AND u.resends = 0
          AND u.changed_at < (SELECT clock_timestamp()) - interval '30 minutes'
          AND u.valid_until > (SELECT clock_timestamp())
          AND NOT EXISTS (SELECT FROM receipts r
                          WHERE r.msisdn = u.msisdn AND r.attempt_id IS NULL
                            AND r.received_at > u.created_at)
          AND (SELECT count(*) >= 5 AND avg((lately.report_rank > 0)::int) >= 0.8
               FROM (SELECT report_rank FROM messages_out
                     WHERE state IN ('accepted', 'delivered', 'undelivered')
                       AND id > (SELECT max(id) - 2000 FROM messages_out)
                       AND changed_at > clock_timestamp() - interval '90 minutes'
                       AND created_at < clock_timestamp() - interval '5 minutes') AS lately)
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'queued', resends = m.resends + 1, code = 'resent', due_at = clock_timestamp(),
        changed_at = clock_timestamp()
    FROM quiet WHERE m.id = quiet.id AND m.state = 'unknown'
""")

# What an operator holds gets too late like all others: back in the queue the next rule ends it.
# Not so advertising that waits for its day: it is as good on that day.
HELD_TOO_LONG = text("""
    WITH late AS (
        SELECT id FROM messages_out
        WHERE state = 'held' AND code = 'operator' AND valid_until <= (SELECT clock_timestamp())
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'queued', changed_at = clock_timestamp()
    FROM late WHERE m.id = late.id AND m.state = 'held'
""")

EXPIRE = text("""
    WITH late AS (
        SELECT id FROM messages_out
        WHERE state = 'queued' AND valid_until <= (SELECT clock_timestamp())
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = CASE WHEN EXISTS (SELECT FROM attempts a WHERE a.message_id = m.id
                                  AND a.outcome IN ('open', 'unknown'))
                     THEN 'unknown' ELSE 'expired' END,
        code = 'too_late', changed_at = clock_timestamp()
    FROM late WHERE m.id = late.id AND m.state = 'queued'
""")

# Put by a transaction that the refusal did not see; never claimed, and not left lying about.
REFUSED = text("""
    WITH refused AS (
        SELECT m.id FROM messages_out m
        JOIN suppressions s ON s.digest = m.recipient_digest AND s.kind = 'news'
        WHERE m.state = 'queued'
        LIMIT :batch FOR UPDATE OF m SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'opted_out', changed_at = clock_timestamp()
    FROM refused WHERE m.id = refused.id AND m.state = 'queued'
""")

GIVE_UP_UNKNOWN = text("""
    WITH old AS (
        SELECT id FROM messages_out
        WHERE state = 'unknown'
          AND changed_at < (SELECT clock_timestamp()) - interval '72 hours'
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'unknown_closed', changed_at = clock_timestamp()
    FROM old WHERE m.id = old.id AND m.state = 'unknown'
""")

UNREPORTED = text("""
    SELECT id FROM messages_out
    WHERE state = 'accepted' AND changed_at < (SELECT clock_timestamp()) - interval '72 hours'
    LIMIT :batch FOR UPDATE SKIP LOCKED
""")

log = structlog.get_logger("outbox.sweep")


def sweep(engine: Engine) -> Mapping[str, int]:
    """Do one round; return how many rows each rule touched, for the log. Idempotent.

    A rule that fails does not keep the others from their work; the first failure is raised at
    the end.
    """
    touched: dict[str, int] = {}
    failed: SQLAlchemyError | None = None
    for name, rule in _rules().items():
        try:
            touched[name] = rule(engine)
        except SQLAlchemyError as fault:
            log.exception("rule_failed", rule=name)
            failed = failed or fault
    if failed is not None:
        raise failed
    return {name: rows for name, rows in touched.items() if rows}


def _rules() -> Mapping[str, Callable[[Engine], int]]:
    """Return the rules in the order of their work: what is certain before what is concluded."""
    return {
        "lease_lost": _statement(UNTOUCHED),
        "caught_sending": _statement(CAUGHT_SENDING, at_once=_named(Resend.AT_ONCE)),
        "left_open": _statement(LEFT_OPEN),
        "overlooked": lambda engine: _in_transaction(engine, match_overlooked),
        "adopted": adopt_strays,
        "resent": _statement(RESEND_WHEN_QUIET, when_quiet=_named(Resend.WHEN_QUIET)),
        "refused": _statement(REFUSED),
        "promo_released": lambda engine: _in_transaction(engine, release_held),
        "held_too_long": _statement(HELD_TOO_LONG),
        "expired": _statement(EXPIRE),
        "unknown_closed": _statement(GIVE_UP_UNKNOWN),
        "no_report": lambda engine: _in_transaction(engine, _note_silence),
    }


def _statement(statement: TextClause, **values: object) -> Callable[[Engine], int]:
    def run(connection: Connection) -> int:
        return connection.execute(statement, {"batch": BATCH, **values}).rowcount

    return lambda engine: _in_transaction(engine, run)


def _in_transaction(engine: Engine, rule: Callable[[Connection], int]) -> int:
    with engine.begin() as connection:
        return rule(connection)


def _note_silence(connection: Connection) -> int:
    silent = connection.execute(UNREPORTED, {"batch": BATCH}).scalars().all()
    for message_id in silent:
        merge(connection, message_id, ReportRank.NO_REPORT)
    return len(silent)


def _named(rule: Resend) -> list[str]:
    return [str(name) for name, rules in RULES.items() if rules.resend is rule]
