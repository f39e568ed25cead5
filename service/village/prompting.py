"""A call that dropped left a request unfinished: the villager is asked once, by SMS, to send it."""

from __future__ import annotations

from sqlalchemy import text

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.hops import note_shown
from service.records.unit import Unit
from service.text.phones import Msisdn

from . import asking
from .desk import Desk, Words

ASKED = "prompt:"
"""What is noted of each such request, with its id: asked, or as good as, and never again."""

# The carrier's word that a call has ended may never come; a session ends by itself after 180 s.
# Whoever called again meanwhile has been asked on the screen, and a number silent for long is not
# told what its former owner wanted.
DROPPED = text("""
    SELECT r.id, r.topic, p.id AS phone_id, p.msisdn, h.language
    FROM help_requests r JOIN phones p ON p.id = r.phone_id
    JOIN people h ON h.id = p.holder_id
    JOIN LATERAL (SELECT s.open, s.ended, s.updated_at FROM ussd_sessions s
                  WHERE s.msisdn = p.msisdn ORDER BY s.updated_at DESC LIMIT 1) AS s ON true
    WHERE r.state = 'unfinished' AND p.doubted_at IS NULL
      AND r.created_at > clock_timestamp() - interval '24 hours'
      AND (p.last_heard_at IS NULL OR p.last_heard_at > clock_timestamp() - interval '90 days')
      AND s.updated_at < clock_timestamp() - make_interval(secs => CASE WHEN s.open THEN 200
                                                                        ELSE 30 END)
      AND NOT EXISTS (SELECT FROM shown w
                      WHERE w.phone_id = p.id AND w.subject = concat(CAST(:asked AS text), r.id))
    ORDER BY r.id LIMIT 100
    FOR UPDATE OF r SKIP LOCKED
""")


def prompt_dropped(unit: Unit, words: Words) -> int:
    """Ask the callers whose call dropped whether to send what they had said; return how many."""
    found = unit.session.execute(DROPPED, {"asked": ASKED}).all()
    for row in found:
        note_shown(unit.driver_connection, row.phone_id, f"{ASKED}{row.id}")
        desk = Desk(
            unit=unit,
            words=words,
            msisdn=Msisdn(row.msisdn),
            channel="sms",
            cause=f"unfinished:{row.id}",
            language=row.language or DEFAULT_LANGUAGE,
        )
        if desk.reply("sms.unfinished", {"topic": row.topic}):
            answers = {"1": ("send_unfinished", ""), "2": ("drop_unfinished", "")}
            asking.await_answer(desk, answers)
    return len(found)
