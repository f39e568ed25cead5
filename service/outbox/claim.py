"""Takes messages that are due, and commits to sending them before a byte leaves.

    queued -> leased     claim(): ours for LEASE; nothing has happened yet
    leased -> sending    begin(): an attempt is on record; from here on the outcome may be unknown
    leased -> queued     release(): given back untouched

All times are the database's: a worker whose clock is hours off changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from service.records.messages import MessageClass
from service.text.phones import Msisdn

from .classes import RULES

LEASE = timedelta(seconds=30)
"""How long a worker may hold a message before others take it for dead. Never renewed."""
NEEDED = timedelta(seconds=15)
"""What must be left of the lease at begin(): the longest call (10 s) and writing down its end."""
BY_DAY_ONLY = [str(name) for name, rules in RULES.items() if rules.by_day_only]

# A scalar subquery reads the clock once, so that an index can be searched with it. What one number
# is told comes in the order it was written: a message waits while an older one of its lane is due
# or on its way. So two to one number are hardly ever in doubt together, which no report could part.
# Whoever is not in turn carries the words of an alarm alone, while the one in turn takes nothing.
CLAIM = text("""
    WITH turn AS (
        SELECT coalesce((CAST(:carrier AS text) = CAST(:second AS text))
                        = EXISTS (SELECT FROM switches
                                  WHERE is_on AND name = 'reroute:' || CAST(:second AS text)),
                        true) AS in_turn,
               CAST(:second AS text) IS NOT NULL
               AND EXISTS (SELECT FROM carrier_pauses
                           WHERE carrier <> :carrier AND until > clock_timestamp()) AS stands_in)
    , due AS (
        SELECT id FROM messages_out AS m
        WHERE state = 'queued' AND lane = :lane
          AND due_at <= (SELECT clock_timestamp()) AND valid_until > (SELECT clock_timestamp())
          AND (NOT class = ANY(:by_day_only)
               OR (SELECT (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::time
                          BETWEEN '07:00' AND '21:59:59.999999'))
          AND NOT EXISTS (SELECT FROM switches
                          WHERE NOT is_on AND name IN ('sending', 'lane:' || CAST(:lane AS text),
                                                       'carrier:' || CAST(:carrier AS text)))
          AND (SELECT in_turn OR stands_in FROM turn)
          AND ((SELECT in_turn FROM turn) OR starts_with(idem_key, 'alarm:'))
          AND NOT EXISTS (SELECT FROM carrier_pauses
                          WHERE carrier = :carrier AND until > clock_timestamp())
          AND NOT EXISTS (SELECT FROM suppressions s
                          WHERE s.digest = recipient_digest AND s.kind = 'news')
          AND NOT EXISTS (SELECT FROM messages_out AS older
                          WHERE older.msisdn = m.msisdn AND older.lane = :lane AND older.id < m.id
                            AND older.state IN ('queued', 'leased', 'sending')
                            AND (older.state <> 'queued'
                                 OR older.due_at <= (SELECT clock_timestamp())
                                    AND older.valid_until > (SELECT clock_timestamp())))
        ORDER BY priority, due_at, id
        LIMIT :most
        FOR UPDATE SKIP LOCKED)
    UPDATE messages_out AS m
    SET state = 'leased', token = :token, lease_until = clock_timestamp() + :lease,
        changed_at = clock_timestamp()
    FROM due
    WHERE m.id = due.id AND m.state = 'queued'
    RETURNING m.id, m.class, m.msisdn, m.body, m.segments
""")

# Minutes may lie between the claim and the last call of a batch, so everything that can stop a
# message is asked again here. Rows are locked in one order, as settle() does.
BEGIN = text("""
    WITH turn AS (
        SELECT coalesce((CAST(:carrier AS text) = CAST(:second AS text))
                        = EXISTS (SELECT FROM switches
                                  WHERE is_on AND name = 'reroute:' || CAST(:second AS text)),
                        true) AS in_turn,
               CAST(:second AS text) IS NOT NULL
               AND EXISTS (SELECT FROM carrier_pauses
                           WHERE carrier <> :carrier AND until > clock_timestamp()) AS stands_in)
    , mine AS (
        SELECT id FROM messages_out
        WHERE id = ANY(:ids) AND state = 'leased' AND token = :token
        ORDER BY id FOR UPDATE)
    , begun AS (
        UPDATE messages_out AS m
        SET state = 'sending', attempts = m.attempts + 1, changed_at = clock_timestamp()
        FROM mine
        WHERE m.id = mine.id AND m.state = 'leased' AND m.token = :token
          AND m.lease_until > clock_timestamp() + :needed AND m.valid_until > clock_timestamp()
          AND (NOT m.class = ANY(:by_day_only)
               OR (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::time
                  BETWEEN '07:00' AND '21:59:59.999999')
          AND NOT EXISTS (SELECT FROM switches
                          WHERE NOT is_on AND name IN ('sending', 'lane:' || m.lane,
                                                       'carrier:' || CAST(:carrier AS text)))
          AND (SELECT in_turn OR stands_in AND starts_with(m.idem_key, 'alarm:') FROM turn)
          AND NOT EXISTS (SELECT FROM carrier_pauses
                          WHERE carrier = :carrier AND until > clock_timestamp())
          AND NOT EXISTS (SELECT FROM suppressions s
                          WHERE s.digest = m.recipient_digest AND s.kind = 'news')
        RETURNING m.id, m.attempts, m.token, m.msisdn)
    , noted AS (
        INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome)
        SELECT id, attempts, token, :carrier, msisdn, 'open' FROM begun)
    SELECT id, attempts FROM begun
""")

RELEASE = text("""
    UPDATE messages_out
    SET state = 'queued', token = NULL, lease_until = NULL, changed_at = clock_timestamp(),
        due_at = greatest(due_at, coalesce(:due_at, due_at)), code = coalesce(:code, code)
    WHERE id = ANY(:ids) AND state = 'leased' AND token = :token
""")


@dataclass(frozen=True, slots=True)
class Leased:
    """A message this worker holds."""

    id: int
    message_class: MessageClass
    msisdn: Msisdn
    body: str
    segments: int
    token: UUID


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that is about to leave, as attempt number `no`."""

    message: Leased
    no: int


def claim(
    connection: Connection, lane: str, carrier: str, most: int, *, second: str | None = None
) -> list[Leased]:
    """Lease up to `most` due messages of a lane, most urgent first; empty while brakes are on.

    Where there is a `second` carrier what waits goes by it while rerouting is on, and else by the
    other one: whichever is not in turn gets nothing, but for alarms while the other is paused.
    """
    token = uuid4()
    rows = connection.execute(
        CLAIM,
        {
            "lane": lane,
            "carrier": carrier,
            "second": second,
            "by_day_only": BY_DAY_ONLY,
            "most": most,
            "token": token,
            "lease": LEASE,
        },
    ).all()
    return [
        Leased(r.id, MessageClass(getattr(r, "class")), Msisdn(r.msisdn), r.body, r.segments, token)
        for r in sorted(rows, key=lambda row: row.id)
    ]


def begin(
    connection: Connection, messages: Sequence[Leased], carrier: str, *, second: str | None = None
) -> list[Begun]:
    """Record an attempt for each message that is still ours; the caller commits before sending.

    They keep their order. A message whose lease has run short, or that somebody stopped meanwhile,
    is left out.
    """
    rows = connection.execute(
        BEGIN,
        {
            "ids": [message.id for message in messages],
            "token": messages[0].token,
            "needed": NEEDED,
            "by_day_only": BY_DAY_ONLY,
            "carrier": carrier,
            "second": second,
        },
    ).all()
    numbers = {row.id: row.attempts for row in rows}
    return [Begun(message, numbers[message.id]) for message in messages if message.id in numbers]


def release(
    connection: Connection,
    messages: Sequence[Leased],
    *,
    due_at: datetime | None = None,
    code: str | None = None,
) -> None:
    """Give messages back untouched, to be due at `due_at` at the earliest."""
    if messages:
        connection.execute(
            RELEASE,
            {
                "ids": [message.id for message in messages],
                "token": messages[0].token,
                "due_at": due_at,
                "code": code,
            },
        )
