"""What an erasure cannot reach at once: its confirmation, the call it was asked in, late reports.

The confirmation keeps the number until it has arrived or failed, 72 hours at most: it could not be
sent otherwise. The call is answered again for as long as a network repeats a hop.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.outbox.ladder import ENDED
from service.records.people import SuppressionKind

from .suppressions import digest, is_suppressed

ERASED_SCREEN = "me_erased"
"""The screen of menus/villager.yaml on which a call that erased everything ends."""

# Erasures are few and their phones have numbers nobody has, so all is found by keys from there.
CONFIRMATIONS = text("""
    SELECT m.id, m.msisdn, a.detail->>'nobody' AS nobody
    FROM audit a JOIN messages_out m ON m.id = CAST(a.detail->>'message' AS bigint)
    WHERE a.action = 'erased' AND m.msisdn <> a.detail->>'nobody'
      AND a.at > clock_timestamp() - interval '30 days'
      AND NOT m.state = ANY(ARRAY['held', 'queued', 'leased', 'sending'])
      AND (m.state = ANY(:ended) OR a.at < clock_timestamp() - interval '72 hours')
    LIMIT 500
""")
NAMELESS = (
    text("""UPDATE messages_out
           SET msisdn = :nobody, body = '', idem_key = 'erased:' || id,
               valid_until = least(valid_until, clock_timestamp()), changed_at = clock_timestamp()
           WHERE id = :id AND NOT state = ANY(ARRAY['held', 'queued', 'leased', 'sending'])"""),
    text("UPDATE attempts SET msisdn = :nobody WHERE message_id = :id"),
)
LATE_REPORTS = text("""
    UPDATE receipts r SET msisdn = m.msisdn
    FROM audit e, messages_out m, attempts a
    WHERE e.action = 'erased' AND e.at > clock_timestamp() - interval '30 days'
      AND m.msisdn = e.detail->>'nobody' AND a.message_id = m.id AND r.attempt_id = a.id
      AND r.msisdn <> m.msisdn
""")
STRAYS = text("""
    SELECT DISTINCT r.msisdn FROM receipts r
    WHERE r.attempt_id IS NULL AND r.msisdn IS NOT NULL
      AND NOT EXISTS (SELECT FROM messages_out m WHERE m.msisdn = r.msisdn)
      AND NOT EXISTS (SELECT FROM phones p WHERE p.msisdn = r.msisdn)
    LIMIT 500
""")
CALLS = text("""
    DELETE FROM ussd_sessions
    WHERE NOT open AND state->>'s' = :screen
      AND updated_at < clock_timestamp() - interval '5 minutes'
""")


def clean_traces(session: Session, key: str) -> int:
    """Take numbers of erased people off what came after; return how many rows lost one."""
    connection, touched = session.connection(), 0
    for row in session.execute(CONFIRMATIONS, {"ended": [str(state) for state in ENDED]}).all():
        for statement in NAMELESS:
            session.execute(statement, {"id": row.id, "nobody": row.nobody})
        touched += 1
    touched += connection.execute(LATE_REPORTS).rowcount
    for msisdn in session.scalars(STRAYS).all():
        if is_suppressed(session, digest(key, msisdn), SuppressionKind.ERASED):
            session.execute(
                text("UPDATE receipts SET msisdn = NULL WHERE msisdn = :msisdn"), {"msisdn": msisdn}
            )
            touched += 1
    touched += connection.execute(CALLS, {"screen": ERASED_SCREEN}).rowcount
    return touched
