"""What an operator does with many messages at once: hold, let go, cancel, replay, send again.

Each is done to the ids given, a batch in the caller's transaction, and to those only that still
stand where the deed expects them: what a worker has begun meanwhile is left to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text

from service.records.messages import MessageState as S

from .classes import RULES

BY_OPERATOR = "operator"
"""The code of what an operator holds or has cancelled."""
BATCH = 1_000
"""Messages of one transaction: short enough that no worker waits for it."""
MOST, MOST_AGAIN = 20_000, 5_000
"""Messages of one click, and of one that sends them again, since each is looked at first; what is
beyond stays where it is, and the click can be repeated."""


class Deed(StrEnum):
    """What an operator can do with messages."""

    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    REPLAY = "replay"
    """Send what nobody knows whether it left: some may get it twice."""
    RESEND = "resend"
    """Say the same again to whom an ended message did not reach, as a new message."""


SAY_AGAIN = frozenset({Deed.REPLAY, Deed.RESEND})
"""Deeds by which somebody is written to once more: not everybody may be."""
EXPECTED: Mapping[Deed, frozenset[S]] = {
    Deed.HOLD: frozenset({S.QUEUED}),
    Deed.RELEASE: frozenset({S.HELD}),
    Deed.CANCEL: frozenset({S.HELD, S.QUEUED, S.LEASED}),
    Deed.REPLAY: frozenset({S.UNKNOWN}),
    Deed.RESEND: frozenset(
        {S.REJECTED, S.FAILED, S.EXPIRED, S.UNDELIVERED, S.UNKNOWN_CLOSED, S.CANCELLED}
    ),
}
"""States in which each deed finds its messages."""

HOLD = text("""
    WITH mine AS (
        SELECT id FROM messages_out WHERE id = ANY(:ids) AND state = 'queued'
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'held', code = 'operator', changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = 'queued'
""")

# Advertising waits for its day again: how much of it a number may have is counted when it goes.
RELEASE = text("""
    WITH mine AS (
        SELECT id FROM messages_out
        WHERE id = ANY(:ids) AND state = 'held' AND code = 'operator'
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = CASE WHEN m.class = 'promo' THEN 'held' ELSE 'queued' END,
        code = CASE WHEN m.class = 'promo' THEN 'promo_cap' END, changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = 'held'
""")

CANCEL = text("""
    WITH mine AS (
        SELECT id FROM messages_out
        WHERE id = ANY(:ids) AND state IN ('held', 'queued', 'leased')
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'operator', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = ANY(ARRAY['held', 'queued', 'leased'])
""")

REPLAY = text("""
    WITH mine AS (
        SELECT u.id, r.valid_for FROM messages_out u
        JOIN unnest(CAST(:classes AS text[]), CAST(:valid_for AS interval[]))
             AS r (class, valid_for) ON r.class = u.class
        WHERE u.id = ANY(:ids) AND u.state = 'unknown'
        ORDER BY u.id FOR UPDATE OF u)
    UPDATE messages_out AS m
    SET state = 'queued', code = 'replayed', resends = m.resends + 1,
        due_at = clock_timestamp(), changed_at = clock_timestamp(),
        valid_until = greatest(m.valid_until, clock_timestamp() + mine.valid_for)
    FROM mine WHERE m.id = mine.id AND m.state = 'unknown'
""")

# The key holds the first message's id and how often its words were sent again, so that the same
# click twice, or two at once, make one message.
RESEND = text("""
    WITH mine AS (
        SELECT m.*, r.valid_for,
               CASE WHEN starts_with(m.idem_key, 'resend:')
                    THEN concat_ws(':', 'resend', split_part(m.idem_key, ':', 2),
                                   CAST(split_part(m.idem_key, ':', 3) AS int) + 1)
                    ELSE concat_ws(':', 'resend', m.id, 1) END AS next_key
        FROM messages_out m
        JOIN unnest(CAST(:classes AS text[]), CAST(:valid_for AS interval[]))
             AS r (class, valid_for) ON r.class = m.class
        WHERE m.id = ANY(:ids) AND m.state = ANY(:expected) AND m.sent_again_as IS NULL
        ORDER BY m.id FOR UPDATE OF m)
    , again AS (
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest,
                                  phone_id, request_id, body, segments, state, valid_until)
        SELECT next_key, class, lane, priority, msisdn, recipient_digest, phone_id, request_id,
               body, segments, 'queued', clock_timestamp() + valid_for
        FROM mine ORDER BY id
        ON CONFLICT (idem_key) DO NOTHING
        RETURNING id, idem_key)
    UPDATE messages_out AS m
    SET sent_again_as = again.id
    FROM mine JOIN again ON again.idem_key = mine.next_key
    WHERE m.id = mine.id AND m.state = ANY(:expected)
""")

# Whom a message cannot, or must not, reach once more; the first reason that holds. Of a class only
# what says when it is grows untrue: when it was changed, called off or has begun, or when the offer
# of a seat is over (service.village.class_messages takes those back that have not left).
WHY_NOT = text("""
    SELECT m.id, CASE
        WHEN m.sent_again_as IS NOT NULL THEN 'again'
        WHEN coalesce(m.body, '') = '' THEN 'forgotten'
        WHEN m.class = 'promo' THEN 'advertising'
        WHEN EXISTS (SELECT FROM suppressions s
                     WHERE s.digest = m.recipient_digest AND s.kind = 'news') THEN 'refused'
        WHEN m.code IN ('bad_number', 'opted_out')
             OR EXISTS (SELECT FROM phones p
                        WHERE p.msisdn = m.msisdn AND p.doubted_at IS NOT NULL)
             OR EXISTS (SELECT FROM messages_out b
                        WHERE b.msisdn = m.msisdn AND b.state = 'rejected'
                          AND b.code IN ('bad_number', 'opted_out')
                          AND b.created_at > (SELECT clock_timestamp()) - interval '30 days')
             THEN 'bad_number'
        WHEN m.class IN ('alert', 'emergency')
             AND EXISTS (SELECT FROM help_requests h
                         WHERE h.id = m.request_id
                           AND h.state NOT IN ('open', 'accepted', 'done')) THEN 'gone'
        WHEN first.key ~ concat('^class[:][0-9]{1,18}[:]',
                                '(invited[:]|.*[:]sms[.]class_(offer|changed|eve|soon))')
             AND (NOT EXISTS (SELECT FROM trainings t
                              WHERE t.id = CAST(split_part(first.key, ':', 2) AS bigint)
                                AND t.state = 'open' AND t.starts_at > clock_timestamp())
                  OR first.key ~ '[:]sms[.]class_offer' AND m.valid_until <= clock_timestamp()
                  OR EXISTS (SELECT FROM messages_out later
                             WHERE later.msisdn = m.msisdn AND later.id > m.id
                               AND later.idem_key ~ concat(
                                   '^class[:]', split_part(first.key, ':', 2),
                                   '[:].*[:]sms[.]class_(offer_)?changed')))
             THEN 'gone'
        END AS why
    FROM messages_out m
    CROSS JOIN LATERAL (
        SELECT CASE WHEN starts_with(m.idem_key, 'resend:')
                    THEN (SELECT f.idem_key FROM messages_out f
                          WHERE f.id = CAST(split_part(m.idem_key, ':', 2) AS bigint))
                    ELSE m.idem_key END AS key) AS first
    WHERE m.id = ANY(:ids)
""")
ALONE = {Deed.HOLD: HOLD, Deed.RELEASE: RELEASE, Deed.CANCEL: CANCEL}


@dataclass(frozen=True, slots=True)
class Done:
    """How many messages a deed was done to, and how many were left out, by reason.

    Reasons: `again` (sent again already), `forgotten` (its words are gone), `advertising`,
    `refused` (news, by TC), `bad_number`, `gone` (the request is over, the class another or begun).
    """

    messages: int
    left_out: Mapping[str, int]


def do(connection: Connection, deed: Deed, ids: Sequence[int]) -> Done:
    """Do a deed to at most BATCH messages, in the caller's transaction.

    Done again it does nothing more: the messages no longer stand where it expects them.
    """
    if deed in ALONE:
        return Done(connection.execute(ALONE[deed], {"ids": list(ids)}).rowcount, {})
    fit, left_out = judge(connection, ids)
    about = {
        "ids": fit,
        "classes": [str(name) for name in RULES],
        "valid_for": [rules.valid_for for rules in RULES.values()],
    }
    if deed is Deed.REPLAY:
        return Done(connection.execute(REPLAY, about).rowcount, left_out)
    about["expected"] = [str(state) for state in EXPECTED[Deed.RESEND]]
    return Done(connection.execute(RESEND, about).rowcount, left_out)


def most_of(deed: Deed) -> int:
    """Return how many messages one click may touch."""
    return MOST_AGAIN if deed in SAY_AGAIN else MOST


def judge(connection: Connection, ids: Sequence[int]) -> tuple[list[int], Mapping[str, int]]:
    """Return which messages may be said again, and how many may not, by reason."""
    rows = connection.execute(WHY_NOT, {"ids": list(ids)}).all()
    fit = sorted(row.id for row in rows if row.why is None)
    return fit, Counter(row.why for row in rows if row.why is not None)
