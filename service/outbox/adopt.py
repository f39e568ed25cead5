"""Settles attempts of unknown outcome by reports about ids we never saw.

A stray report says that the carrier took something for a number. If that can only be one certain
attempt of ours, it was that one. Exactly right or not at all: an attempt wrongly taken for sent
leaves somebody without their message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from .identity import ADOPTED
from .ladder import BEFORE_ACCEPTED, ReportRank
from .reports import lock_report_ids, match_attempt

# Attempts are looked back upon for twice as long as reports: while a stray report of one of them
# may still be taken up, an attempt it could belong to must not drop out of sight. Attempts are
# counted, not messages: one already queued for a resend is overlooked otherwise.
CANDIDATES = text("""
    WITH undecided AS (
        SELECT carrier, msisdn, array_agg(id ORDER BY started_at, id) AS attempts,
               array_agg(started_at ORDER BY started_at, id) AS started,
               count(DISTINCT message_id) = 1 AS of_one_message,
               bool_or(outcome = 'open') AS still_sending
        FROM attempts
        WHERE outcome IN ('open', 'unknown') AND msisdn = coalesce(:msisdn, msisdn)
          AND started_at > clock_timestamp() - interval '144 hours'
        GROUP BY carrier, msisdn)
    SELECT u.carrier, u.msisdn, u.attempts, u.started, u.of_one_message,
           array_agg(s.id ORDER BY s.came, s.id) AS ids,
           array_agg(s.came ORDER BY s.came, s.id) AS came, min(s.rank) AS least_rank
    FROM undecided u CROSS JOIN LATERAL (
        SELECT r.carrier_message_id AS id, min(r.received_at) AS came, max(r.rank) AS rank
        FROM receipts r
        WHERE r.attempt_id IS NULL AND r.msisdn = u.msisdn AND r.carrier = u.carrier
          AND NOT EXISTS (SELECT FROM attempts a
                          WHERE a.carrier = r.carrier
                            AND a.carrier_message_id = r.carrier_message_id)
        GROUP BY r.carrier_message_id
        HAVING min(r.received_at) > clock_timestamp() - interval '72 hours') AS s
    WHERE NOT u.still_sending AND s.came > u.started[1]
    GROUP BY u.carrier, u.msisdn, u.attempts, u.started, u.of_one_message
    HAVING (count(*) = cardinality(u.attempts)
            OR count(*) < cardinality(u.attempts)
               AND (u.of_one_message OR min(s.came) < u.started[2]))
       AND max(s.came) < clock_timestamp() - interval '5 seconds'
    LIMIT 500
""")

LOCK_MESSAGES = text("""
    SELECT id FROM messages_out
    WHERE id IN (SELECT message_id FROM attempts WHERE id = ANY(:attempts))
    ORDER BY id FOR UPDATE
""")

ADOPT = text("""
    UPDATE attempts
    SET outcome = 'accepted', carrier_message_id = :id, code = :adopted,
        finished_at = clock_timestamp()
    WHERE id = :attempt_id AND outcome = 'unknown' AND carrier_message_id IS NULL
    RETURNING message_id
""")

WAS_TAKEN = text("""
    UPDATE messages_out
    SET state = 'accepted', token = NULL, lease_until = NULL, code = NULL,
        changed_at = clock_timestamp()
    WHERE id = :id AND state = ANY(:before)
""")


def adopt_strays(engine: Engine) -> int:
    """Settle what stray reports prove, one number a transaction; return how many attempts."""
    with engine.begin() as connection:
        found = [row for row in _candidates(connection, None) if _is_certain(row)]
    adopted = 0
    for row in found:
        with engine.begin() as connection:
            adopted += _adopt(connection, row)
    return adopted


def _candidates(connection: Connection, msisdn: str | None) -> Sequence[Row[Any]]:
    return connection.execute(CANDIDATES, {"msisdn": msisdn}).all()


def _is_certain(row: Row[Any]) -> bool:
    """Say whether no other reading of the reports is possible.

    A report cannot come before its message left: one that came before the second attempt began is
    about the first. With several attempts and as many strays all of them were sent, but which is
    which is open: that matters until every one is delivered, after which no report can set them
    apart any more. It never matters among attempts at one message (all came after the first of
    them left): each stray says that this message was sent.
    """
    if row.of_one_message or _only_the_first(row):
        return True
    in_time = all(came > started for came, started in zip(row.came, row.started, strict=True))
    alike = len(row.ids) == 1 or row.least_rank == ReportRank.DELIVERED
    return in_time and alike


def _adopt(connection: Connection, row: Row[Any]) -> int:
    """Take up one number's strays, unless something changed before all its locks were ours."""
    lock_report_ids(connection, row.carrier, row.ids)
    connection.execute(LOCK_MESSAGES, {"attempts": row.attempts})
    if row not in _candidates(connection, row.msisdn):
        return 0
    ids = row.ids[:1] if _only_the_first(row) else row.ids
    for its_id, attempt_id in zip(ids, row.attempts, strict=False):  # fewer ids than attempts
        message_id = connection.execute(
            ADOPT, {"id": its_id, "attempt_id": attempt_id, "adopted": ADOPTED}
        ).scalar_one()
        before = [str(state) for state in BEFORE_ACCEPTED]
        connection.execute(WAS_TAKEN, {"id": message_id, "before": before})
        match_attempt(connection, row.carrier, its_id, attempt_id=attempt_id, message_id=message_id)
    return len(ids)


def _only_the_first(row: Row[Any]) -> bool:
    """Say whether a stray came while only the first of several attempts had begun."""
    return len(row.attempts) > 1 and row.came[0] < row.started[1]
