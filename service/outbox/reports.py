"""Delivery reports: stored first, matched by attempt, merged by rank. Order does not matter.

Whoever writes about a carrier's message id takes the advisory lock on that id, so a report and
the answer to the send call, racing, always see each other (without it 59 % of such pairs were
missed in an experiment).
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, text

from service.carriers.base import Report

from .ladder import BEFORE_ACCEPTED, SENT, STATE_OF_RANK, ReportRank

STORE = text("""
    INSERT INTO receipts (carrier, carrier_message_id, fingerprint, msisdn, status, rank, reason,
                          network)
    VALUES (:carrier, :id, :fingerprint, :msisdn, :status, :rank, :reason, :network)
    ON CONFLICT (carrier, carrier_message_id, fingerprint) DO NOTHING
    RETURNING id
""")

MATCH = text("""
    UPDATE receipts SET attempt_id = :attempt_id
    WHERE carrier = :carrier AND carrier_message_id = :id AND attempt_id IS NULL
""")

MERGE = text("""
    UPDATE messages_out
    SET report_rank = :rank, state = :state, changed_at = clock_timestamp()
    WHERE id = :id AND state = ANY(:sent) AND report_rank < :rank
""")

STRAYS = text("""
    WITH stray AS (
        SELECT msisdn, carrier, carrier_message_id, max(rank) AS rank, min(id) AS first
        FROM receipts
        WHERE attempt_id IS NULL AND msisdn IS NOT NULL
          AND received_at > clock_timestamp() - interval '72 hours'
        GROUP BY msisdn, carrier, carrier_message_id)
    , by_number AS (
        SELECT msisdn, carrier, array_agg(carrier_message_id ORDER BY first) AS ids,
               count(DISTINCT rank) AS ranks,
               max(first) AS newest
        FROM stray GROUP BY msisdn, carrier)
    , undecided AS (
        SELECT a.msisdn, a.carrier, array_agg(a.id ORDER BY a.id) AS attempts,
               bool_and(a.outcome = 'unknown') AS none_open
        FROM attempts a
        WHERE a.outcome IN ('open', 'unknown')
          AND a.started_at > clock_timestamp() - interval '72 hours'
        GROUP BY a.msisdn, a.carrier)
    SELECT n.carrier, n.ids, u.attempts
    FROM by_number n JOIN undecided u USING (msisdn, carrier)
    JOIN receipts r ON r.id = n.newest
    WHERE u.none_open AND r.received_at < clock_timestamp() - interval '5 seconds'
      AND cardinality(n.ids) = cardinality(u.attempts)
      AND (cardinality(n.ids) = 1 OR n.ranks = 1)
    LIMIT 500
""")

ADOPT = text("""
    UPDATE attempts
    SET outcome = 'accepted', carrier_message_id = :id, finished_at = clock_timestamp()
    WHERE id = :attempt_id AND outcome = 'unknown' AND carrier_message_id IS NULL
    RETURNING message_id
""")


def lock_report_id(connection: Connection, carrier: str, carrier_message_id: str) -> None:
    """Take the lock on a carrier's message id until the transaction ends."""
    digest = hashlib.blake2b(f"{carrier}:{carrier_message_id}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest, signed=True)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def take_report(connection: Connection, carrier: str, report: Report) -> None:
    """Store a report and let it count. The same report again, in any order, changes nothing.

    One about a message we do not know is kept: the answer of the send call may still be under
    way, or may have been lost (adopt_strays).
    """
    parts = (report.status, report.reason or "", report.network or "")
    stored = connection.execute(
        STORE,
        {
            "carrier": carrier,
            "id": report.id,
            "fingerprint": hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest(),
            "msisdn": report.msisdn,
            "status": report.status,
            "rank": report.rank,
            "reason": report.reason,
            "network": report.network,
        },
    ).scalar_one_or_none()
    if stored is None:
        return
    lock_report_id(connection, carrier, report.id)
    attempt = connection.execute(
        text("""
            SELECT id, message_id FROM attempts
            WHERE carrier = :carrier AND carrier_message_id = :id
        """),
        {"carrier": carrier, "id": report.id},
    ).one_or_none()
    if attempt is not None:
        match_attempt(
            connection, carrier, report.id, attempt_id=attempt.id, message_id=attempt.message_id
        )


def match_attempt(
    connection: Connection,
    carrier: str,
    carrier_message_id: str,
    *,
    attempt_id: int,
    message_id: int,
) -> None:
    """Tie all stored reports of an id to its attempt and let the highest count.

    The caller holds the lock on the id.
    """
    found = {"carrier": carrier, "id": carrier_message_id}
    connection.execute(MATCH, {**found, "attempt_id": attempt_id})
    highest = connection.execute(
        text("""
            SELECT max(rank) FROM receipts
            WHERE carrier = :carrier AND carrier_message_id = :id AND attempt_id = :attempt_id
        """),
        {**found, "attempt_id": attempt_id},
    ).scalar_one()
    if highest is not None:
        merge(connection, message_id, ReportRank(highest))


def merge(connection: Connection, message_id: int, rank: ReportRank) -> None:
    """Raise a sent message to a rank; a lower or equal one changes nothing."""
    connection.execute(
        MERGE,
        {
            "id": message_id,
            "rank": int(rank),
            "state": STATE_OF_RANK[rank],
            "sent": [str(state) for state in SENT],
        },
    )


def adopt_strays(connection: Connection) -> int:
    """Settle unknown attempts by reports about ids we never saw; return how many.

    A number with as many unknown attempts as stray ids (and none still being sent) had them all
    sent; with several, only when all reports say the same, so that no pairing can be wrong.
    Attempts are counted, not messages: one already queued for a resend is overlooked otherwise.
    """
    adopted = 0
    for row in connection.execute(STRAYS).all():
        for carrier_message_id, attempt_id in sorted(zip(row.ids, row.attempts, strict=True)):
            lock_report_id(connection, row.carrier, carrier_message_id)
            message_id = connection.execute(
                ADOPT, {"id": carrier_message_id, "attempt_id": attempt_id}
            ).scalar_one_or_none()
            if message_id is None:
                continue
            connection.execute(
                text("""
                    UPDATE messages_out
                    SET state = 'accepted', token = NULL, lease_until = NULL, code = NULL,
                        changed_at = clock_timestamp()
                    WHERE id = :id AND state = ANY(:before)
                """),
                {"id": message_id, "before": [str(state) for state in BEFORE_ACCEPTED]},
            )
            match_attempt(
                connection,
                row.carrier,
                carrier_message_id,
                attempt_id=attempt_id,
                message_id=message_id,
            )
            adopted += 1
    return adopted
