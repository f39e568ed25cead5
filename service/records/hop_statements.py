"""The statements of a USSD hop, as they are prepared on every connection that serves calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the name it has on connections on which it is prepared."""

    name: bytes
    sql: bytes


READ = Statement(
    b"hop_read",
    b"""
    SELECT s.hop, s.seen_length, s.seen_digest, s.state, s.reply, s.open, s.ended,
           p.id AS phone_id, h.id AS person_id,
           CASE WHEN p.doubted_at IS NOT NULL
                  OR p.last_heard_at < clock_timestamp() - interval '90 days' THEN '1' END,
           CASE WHEN EXISTS (SELECT FROM memberships m
                             WHERE m.person_id = h.id AND m.until IS NULL) THEN '1' END,
           h.language,
           CASE a.kind WHEN 'commune' THEN 'xa:' || a.code ELSE a.code END,
           a.title, a.name, c.title, c.name, u.id, u.topic
    FROM (VALUES ($1::text, $2::text, $3::text)) AS call (carrier, session_id, msisdn)
    LEFT JOIN ussd_sessions s ON s.carrier = call.carrier AND s.session_id = call.session_id
                              AND s.msisdn = call.msisdn
    LEFT JOIN phones p ON p.msisdn = call.msisdn
    LEFT JOIN people h ON h.id = p.holder_id
    LEFT JOIN areas a ON a.id = h.area_id AND a.active
    LEFT JOIN areas c ON c.id = a.parent_id AND c.kind = 'commune'
    LEFT JOIN help_requests u ON u.phone_id = p.id AND u.state = 'unfinished'
                              AND u.created_at > clock_timestamp() - interval '24 hours'
""",
)

# What was asked for since by SMS, or dropped, is not gone on with in a call.
ARRIVE = Statement(
    b"hop_arrive",
    b"""
    SELECT (SELECT CASE WHEN NOT EXISTS (
                SELECT FROM help_requests r
                WHERE r.phone_id = p.id AND r.topic = o.state->'v'->>'topic'
                  AND (r.opened_at > o.updated_at
                       OR r.state = 'cancelled' AND r.closed_at > o.updated_at)
                ) THEN o.state END
            FROM ussd_sessions o
            WHERE o.msisdn = $1 AND o.updated_at > clock_timestamp() - interval '24 hours'
            ORDER BY o.updated_at DESC LIMIT 1),
           q.request_id, q.topic, q.number, q.name, n.id, n.title,
           (SELECT string_agg(w.subject, ' ') FROM shown w
            WHERE w.phone_id = p.id
              AND w.day = (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    FROM (VALUES ($1::text)) AS call (msisdn)
    LEFT JOIN phones p ON p.msisdn = call.msisdn
    LEFT JOIN LATERAL (
        SELECT q.request_id, r.topic, r.number, k.name
        FROM questions q JOIN help_requests r ON r.id = q.request_id
        LEFT JOIN people k ON k.id = r.accepted_by
        WHERE q.phone_id = p.id AND q.closed_at IS NULL AND q.expires_at > clock_timestamp()
        ORDER BY q.id LIMIT 1) AS q ON true
    LEFT JOIN LATERAL (
        SELECT n.id, n.title
        FROM people h JOIN areas a ON a.id = h.area_id LEFT JOIN areas c ON c.id = a.parent_id
        JOIN notices n ON n.area_id IN (a.id, c.id, c.parent_id)
        WHERE h.id = p.holder_id
          AND n.published_at <= clock_timestamp() AND n.expires_at > clock_timestamp()
          AND NOT EXISTS (SELECT FROM notice_readings d
                          WHERE d.notice_id = n.id AND d.phone_id = p.id)
        ORDER BY n.published_at DESC LIMIT 1) AS n ON true
""",
)

SHOW = Statement(
    b"hop_show",
    b"""
    INSERT INTO shown (phone_id, subject, day)
    VALUES ($1, $2, (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    ON CONFLICT DO NOTHING
""",
)

# The newer call wins: whatever else this number had open is over.
INSERT = Statement(
    b"hop_insert",
    b"""
    WITH older AS (
        UPDATE ussd_sessions SET open = false, ended = 'newer'
        WHERE msisdn = $3 AND open AND NOT (carrier = $1 AND session_id = $2))
    INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest, state,
                               reply, open)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
""",
)

UPDATE = Statement(
    b"hop_update",
    b"""
    UPDATE ussd_sessions
    SET hop = hop + 1, seen_length = $1, seen_digest = $2, state = $3, reply = $4, open = $5,
        updated_at = clock_timestamp()
    WHERE carrier = $6 AND session_id = $7 AND msisdn = $8 AND hop = $9 AND open
""",
)
