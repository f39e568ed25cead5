"""Delivery reports: stored first, matched by attempt, merged by rank. Order does not matter.

Whoever writes about a carrier's message id takes the advisory lock on that id, so a report and
the answer to the send call, racing, always see each other (without it 59 % of such pairs were
missed in an experiment).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from service.carriers.base import Report

from .ladder import SENT, STATE_OF_RANK, ReportRank

STORE = text("""
    INSERT INTO receipts (carrier, carrier_message_id, fingerprint, msisdn, status, rank, reason,
                          network)
    VALUES (:carrier, :id, :fingerprint, :msisdn, :status, :rank, :reason, :network)
    ON CONFLICT (carrier, carrier_message_id, fingerprint) DO NOTHING
    RETURNING id
""")

KNOWN = text("""
    SELECT id, message_id FROM attempts WHERE carrier = :carrier AND carrier_message_id = :id
""")

LOCK_IDS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")

MATCH = text("""
    UPDATE receipts SET attempt_id = :attempt_id
    WHERE carrier = :carrier AND carrier_message_id = :id AND attempt_id IS NULL
""")

HIGHEST = text("""
    SELECT max(rank) FROM receipts
    WHERE carrier = :carrier AND carrier_message_id = :id AND attempt_id = :attempt_id
""")

MERGE = text("""
    UPDATE messages_out
    SET report_rank = :rank, state = :state, changed_at = clock_timestamp()
    WHERE id = :id AND state = ANY(:sent) AND report_rank < :rank
""")

OVERLOOKED = text("""
    SELECT DISTINCT a.carrier, a.carrier_message_id AS its_id, a.id AS attempt_id, a.message_id
    FROM receipts r JOIN attempts a USING (carrier, carrier_message_id)
    WHERE r.attempt_id IS NULL AND r.id > (SELECT max(id) - 20000 FROM receipts)
    LIMIT 500
""")

log = structlog.get_logger("outbox.reports")


def lock_report_ids(connection: Connection, carrier: str, ids: Iterable[str]) -> None:
    """Take the locks on a carrier's message ids, in one order, until the transaction ends."""
    keys = sorted({_key(carrier, its_id) for its_id in ids})
    if keys:
        connection.execute(LOCK_IDS, {"keys": keys})


def _key(carrier: str, carrier_message_id: str) -> int:
    digest = hashlib.blake2b(f"{carrier}:{carrier_message_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def take_report(connection: Connection, carrier: str, report: Report) -> None:
    """Store a report and let it count. The same report again, in any order, changes nothing.

    One about a message we do not know is kept: the answer of the send call may still be under
    way, or may have been lost (adopt_strays). One that cannot be matched in time, since somebody
    holds the message for too long, is kept as well (match_overlooked).
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
    try:
        with connection.begin_nested():
            lock_report_ids(connection, carrier, [report.id])
            known = connection.execute(KNOWN, {"carrier": carrier, "id": report.id}).one_or_none()
            if known is not None:
                match_attempt(
                    connection, carrier, report.id, attempt_id=known.id, message_id=known.message_id
                )
    except OperationalError as fault:
        if connection.invalidated:
            raise
        log.warning("report_waits", receipt=stored, error=type(fault.orig).__name__)


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
    found = {"carrier": carrier, "id": carrier_message_id, "attempt_id": attempt_id}
    connection.execute(MATCH, found)
    highest = connection.execute(HIGHEST, found).scalar_one()
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


def match_overlooked(connection: Connection) -> int:
    """Match reports whose attempt is known but which could not be matched when they came."""
    rows = connection.execute(OVERLOOKED).all()
    for carrier in {row.carrier for row in rows}:
        lock_report_ids(connection, carrier, [r.its_id for r in rows if r.carrier == carrier])
    for row in sorted(rows, key=lambda row: row.message_id):
        match_attempt(
            connection,
            row.carrier,
            row.its_id,
            attempt_id=row.attempt_id,
            message_id=row.message_id,
        )
    return len(rows)
