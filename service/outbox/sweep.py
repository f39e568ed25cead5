"""Puts right what time has overtaken: dead workers, stale messages, answers that never came.

Every statement may run in any number of workers at once and any number of times.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from .classes import RULES, Resend
from .ladder import ReportRank
from .reports import adopt_strays, merge

BATCH = 500

UNTOUCHED = text("""
    WITH dead AS (
        SELECT id, token FROM messages_out
        WHERE state = 'leased' AND lease_until < clock_timestamp()
        LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'queued', token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    FROM dead WHERE m.id = dead.id AND m.state = 'leased' AND m.token = dead.token
""")

CAUGHT_SENDING = text("""
    WITH dead AS (
        SELECT id, token FROM messages_out
        WHERE state = 'sending' AND lease_until < clock_timestamp()
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

RESEND_WHEN_QUIET = text("""
    UPDATE messages_out AS m
    SET state = 'queued', resends = m.resends + 1, code = 'resent', due_at = clock_timestamp(),
        changed_at = clock_timestamp()
    WHERE m.state = 'unknown' AND m.class = ANY(:when_quiet) AND m.resends = 0
      AND m.changed_at < clock_timestamp() - interval '30 minutes'
      AND m.valid_until > clock_timestamp()
      AND (SELECT count(*) >= 5 AND avg((lately.report_rank > 0)::int) >= 0.8
           FROM (SELECT report_rank FROM messages_out
                 WHERE state IN ('accepted', 'delivered', 'undelivered')
                   AND id > (SELECT max(id) - 2000 FROM messages_out)
                   AND changed_at > clock_timestamp() - interval '90 minutes'
                   AND created_at < clock_timestamp() - interval '5 minutes') AS lately)
""")

EXPIRE = text("""
    UPDATE messages_out
    SET state = CASE WHEN EXISTS (
            SELECT FROM attempts a
            WHERE a.message_id = messages_out.id AND a.outcome IN ('open', 'unknown'))
            THEN 'unknown' ELSE 'expired' END,
        code = 'too_late', changed_at = clock_timestamp()
    WHERE id IN (SELECT id FROM messages_out
                 WHERE state = 'queued' AND valid_until <= clock_timestamp()
                 LIMIT :batch FOR UPDATE SKIP LOCKED)
      AND state = 'queued'
""")

UNREPORTED = text("""
    SELECT id FROM messages_out
    WHERE state = 'accepted' AND changed_at < clock_timestamp() - interval '72 hours'
    LIMIT :batch FOR UPDATE SKIP LOCKED
""")

GIVE_UP_UNKNOWN = text("""
    UPDATE messages_out
    SET state = 'unknown_closed', changed_at = clock_timestamp()
    WHERE state = 'unknown' AND changed_at < clock_timestamp() - interval '72 hours'
""")


def _named(rule: Resend) -> list[str]:
    return [str(name) for name, rules in RULES.items() if rules.resend is rule]


def sweep(connection: Connection) -> Mapping[str, int]:
    """Do one round; return how many rows each rule touched, for the log. Idempotent."""
    batch = {"batch": BATCH}
    touched = {
        "lease_lost": connection.execute(UNTOUCHED, batch).rowcount,
        "caught_sending": connection.execute(
            CAUGHT_SENDING, {**batch, "at_once": _named(Resend.AT_ONCE)}
        ).rowcount,
        "adopted": adopt_strays(connection),
        "resent": connection.execute(
            RESEND_WHEN_QUIET, {"when_quiet": _named(Resend.WHEN_QUIET)}
        ).rowcount,
        "expired": connection.execute(EXPIRE, batch).rowcount,
        "unknown_closed": connection.execute(GIVE_UP_UNKNOWN).rowcount,
    }
    unreported = connection.execute(UNREPORTED, batch).scalars().all()
    for message_id in unreported:
        merge(connection, message_id, ReportRank.NO_REPORT)
    touched["no_report"] = len(unreported)
    return {rule: rows for rule, rows in touched.items() if rows}
