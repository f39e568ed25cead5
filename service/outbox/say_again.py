"""Saying again what was not heard: to whom it may be said, how long it is true, and the saying.

A message knows whom it was written for by its number, by who had that number then, and by its key:
a place in a class, somebody's place in a team. All of these may be another's by now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

REPLAY = text("""
    WITH mine AS (
        SELECT u.id, least(greatest(u.valid_until, clock_timestamp() + r.valid_for),
                           g.good_until) AS valid_until
        FROM messages_out u
        JOIN unnest(CAST(:ids AS bigint[]), CAST(:good_until AS timestamptz[]))
             AS g (id, good_until) ON g.id = u.id
        JOIN unnest(CAST(:classes AS text[]), CAST(:valid_for AS interval[]))
             AS r (class, valid_for) ON r.class = u.class
        WHERE u.id = ANY(:ids) AND u.state = 'unknown'
        ORDER BY u.id FOR UPDATE OF u)
    UPDATE messages_out AS m
    SET state = 'queued', code = 'replayed', resends = m.resends + 1,
        due_at = clock_timestamp(), changed_at = clock_timestamp(), valid_until = mine.valid_until
    FROM mine WHERE m.id = mine.id AND m.state = 'unknown'
""")

# The key holds the first message's id and how often its words were sent again, so that the same
# click twice, or two at once, make one message.
RESEND = text("""
    WITH mine AS (
        SELECT m.*, r.valid_for, g.good_until,
               CASE WHEN starts_with(m.idem_key, 'resend:')
                    THEN concat_ws(':', 'resend', split_part(m.idem_key, ':', 2),
                                   CAST(split_part(m.idem_key, ':', 3) AS int) + 1)
                    ELSE concat_ws(':', 'resend', m.id, 1) END AS next_key
        FROM messages_out m
        JOIN unnest(CAST(:ids AS bigint[]), CAST(:good_until AS timestamptz[]))
             AS g (id, good_until) ON g.id = m.id
        JOIN unnest(CAST(:classes AS text[]), CAST(:valid_for AS interval[]))
             AS r (class, valid_for) ON r.class = m.class
        WHERE m.id = ANY(:ids) AND m.state = ANY(:expected) AND m.sent_again_as IS NULL
        ORDER BY m.id FOR UPDATE OF m)
    , again AS (
        INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest,
                                  phone_id, person_id, request_id, body, segments, state,
                                  valid_until)
        SELECT next_key, class, lane, priority, msisdn, recipient_digest, phone_id, person_id,
               request_id, body, segments, 'queued',
               least(clock_timestamp() + valid_for, good_until)
        FROM mine ORDER BY id
        ON CONFLICT (idem_key) DO NOTHING
        RETURNING id, idem_key)
    UPDATE messages_out AS m
    SET sent_again_as = again.id
    FROM mine JOIN again ON again.idem_key = mine.next_key
    WHERE m.id = mine.id AND m.state = ANY(:expected)
""")

# Whom a message cannot, or must not, reach once more, the first reason that holds; and until when
# it is true. What is said of a class before it begins is not said after. What says when it is, or
# that one may come, grows untrue sooner: when it was changed or called off, or when the seat is
# somebody else's (service.village.class_messages takes those back that have not left). The answer
# to who registered holds no more of the class than its number, in its words.
WHY_NOT = text(r"""
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
        WHEN m.person_id IS NOT NULL
             AND NOT EXISTS (SELECT FROM people h JOIN phones p ON p.id = h.phone_id
                             WHERE h.id = m.person_id AND p.msisdn = m.msisdn)
             OR m.phone_id IS NOT NULL
             AND NOT EXISTS (SELECT FROM phones p
                             WHERE p.id = m.phone_id AND p.msisdn = m.msisdn)
             OR e.phone_id <> m.phone_id THEN 'moved'
        WHEN (about.is_work
              OR m.class IN ('alert', 'emergency') AND m.phone_id <> h.phone_id)
             AND NOT EXISTS (SELECT FROM phones p
                             JOIN people w ON w.phone_id = p.id
                             JOIN memberships b ON b.person_id = w.id AND b.until IS NULL
                             WHERE p.msisdn = m.msisdn
                               AND b.id = coalesce(about.membership_id, b.id)
                               AND b.team_id = coalesce(about.team_id, b.team_id))
             AND NOT (about.is_roll
                      AND EXISTS (SELECT FROM trainings c
                                  WHERE c.teacher_phone_id = m.phone_id)) THEN 'left'
        WHEN m.class IN ('alert', 'emergency')
             AND h.state NOT IN ('open', 'accepted', 'done') THEN 'gone'
        WHEN (about.says_when OR about.is_before) AND coalesce(t.starts_at <= now.now, true)
             OR about.is_answer AND own.starts_at IS NULL
             OR about.says_when
             AND (t.state <> 'open'
                  OR EXISTS (SELECT FROM messages_out later
                             WHERE later.msisdn = m.msisdn AND later.id > m.id
                               AND later.idem_key ~ concat('^class[:]', about.class_id,
                                   '[:].*[:]sms[.]class_(offer_)?changed')))
             OR about.says_when AND NOT about.is_invitation
             AND NOT EXISTS (SELECT FROM enrolments x
                             WHERE x.training_id = about.class_id AND x.phone_id = m.phone_id
                               AND x.state IN ('seated', 'offered', 'waiting'))
             OR about.is_offer
             AND coalesce(e.state <> 'offered' OR e.offered_until <= now.now
                          OR e.offered_at > m.created_at, true) THEN 'gone'
        END AS why,
        least(CASE WHEN about.says_when OR about.is_before THEN t.starts_at END,
              CASE WHEN about.is_offer THEN e.offered_until END, own.starts_at) AS good_until
    FROM messages_out m
    CROSS JOIN (SELECT clock_timestamp() AS now) AS now
    CROSS JOIN LATERAL (
        SELECT CASE WHEN starts_with(m.idem_key, 'resend:')
                    THEN (SELECT f.idem_key FROM messages_out f
                          WHERE f.id = CAST(split_part(m.idem_key, ':', 2) AS bigint))
                    ELSE m.idem_key END AS key) AS first
    CROSS JOIN LATERAL (
        SELECT CAST(substring(key FROM '^class[:]([0-9]{1,18})[:]') AS bigint) AS class_id,
               CAST(substring(key FROM '^class[:][0-9]{1,18}[:]([0-9]{1,18})[:]') AS bigint)
               AS place_id,
               CAST(substring(key FROM '^member[:]([0-9]{1,18})$') AS bigint) AS membership_id,
               CAST(substring(key FROM '^week[:][^:]*[:]team[:]([0-9]{1,18})$') AS bigint)
               AS team_id,
               key ~ '^(pile|week|gap|member)[:]|[:]sms[.](task|rota|roll|week|act|pass)_' OR
               key ~ '[:]sms[.](inquiry_answer|class_(roll_due|more_wanted|confirmed|refused|prop))'
               AS is_work,
               key ~ '[:]sms[.](class_)?roll_' AS is_roll,
               key ~ '^class[:][0-9]{1,18}[:]invited[:]' AS is_invitation,
               key ~ '^class[:][0-9]{1,18}[:](invited[:]|.*[:]sms[.]class_(offer|changed|eve|soon))'
               AS says_when,
               key ~ '^class[:].*[:]sms[.]class_(cancelled|lapsed|moved|row|more|confirmed)'
               AS is_before,
               key ~ '^class[:].*[:]sms[.]class_offer' AS is_offer,
               key ~ '^(sms|ussd)[:].*[:]sms[.]class_(seated|queued|coming)[:]' AS is_answer
        FROM (SELECT coalesce(first.key, '') AS key) AS k) AS about
    LEFT JOIN help_requests h ON h.id = m.request_id
    LEFT JOIN trainings t ON t.id = about.class_id
    LEFT JOIN enrolments e ON e.id = about.place_id
    LEFT JOIN LATERAL (
        SELECT max(c.starts_at) AS starts_at
        FROM enrolments x JOIN trainings c ON c.id = x.training_id
        WHERE about.is_answer AND x.phone_id = m.phone_id
          AND x.state IN ('seated', 'offered', 'waiting')
          AND c.state = 'open' AND c.starts_at > now.now
          AND m.body ~ concat('\m', c.number, '\M')) AS own ON true
    WHERE m.id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class Judged:
    """Which messages may be said again, by id, with until when; how many may not, by reason."""

    fit: Mapping[int, datetime | None]
    """None where a message is true for as long as its class is."""
    left_out: Mapping[str, int]
    """By reason, as service.outbox.by_hand.Done names them."""


def judge(connection: Connection, ids: Sequence[int]) -> Judged:
    """Look at each message, whether it may be said again."""
    rows = connection.execute(WHY_NOT, {"ids": list(ids)}).all()
    fit = {row.id: row.good_until for row in rows if row.why is None}
    return Judged(fit, Counter(row.why for row in rows if row.why is not None))
