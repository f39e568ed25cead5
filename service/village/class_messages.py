"""Messages about a class that have not left yet and are not true any more: they are taken back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

OFFER, OFFER_CHANGED = "sms.class_offer", "sms.class_offer_changed"
CHANGED, CANCELLED = "sms.class_changed", "sms.class_cancelled"
EVE, EVE_OF_SEVERAL = "sms.class_eve", "sms.class_eve_all"
EVE_UNKNOWN = "sms.class_eve_unknown"
SOON, SOON_OF_SEVERAL = "sms.class_soon", "sms.class_soon_all"
SOON_CONFIRMED = "sms.class_soon_known"
REMINDERS = (EVE, EVE_OF_SEVERAL, EVE_UNKNOWN, SOON, SOON_OF_SEVERAL, SOON_CONFIRMED)
SAYS_WHEN = (OFFER, OFFER_CHANGED, CHANGED, *REMINDERS)
"""What says when a class is, and that one may come."""

# Held by a worker or not: without its token whoever holds one cannot begin it any more.
WITHDRAW = text("""
    WITH unsent AS (
        SELECT m.id FROM messages_out m
        WHERE m.msisdn IN (SELECT f.msisdn FROM enrolments e JOIN phones f ON f.id = e.phone_id
                           WHERE e.id = ANY(:enrolments))
          AND m.state = ANY(ARRAY['held', 'queued', 'leased']) AND m.idem_key LIKE ANY(:named)
        ORDER BY m.id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'gone', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    FROM unsent
    WHERE m.id = unsent.id AND m.state = ANY(ARRAY['held', 'queued', 'leased'])
""")


def of_place(training_id: int, enrolment_id: int) -> str:
    """Return what the cause of every message about somebody's place in a class begins with."""
    return f"class:{training_id}:{enrolment_id}"


def of_phone(training_id: int, phone_id: int) -> str:
    """Return what the cause of every message about all places of a phone begins with."""
    return f"class:{training_id}:phone{phone_id}"


def withdraw_of_places(session: Session, training_id: int, enrolments: Iterable[int]) -> None:
    """Take back what was still to be said of places that are others' now."""
    gone = sorted(enrolments)
    if gone:
        named = [f"{of_place(training_id, one)}:%" for one in gone]
        session.execute(WITHDRAW, {"enrolments": gone, "named": named})


def withdraw_of_class(session: Session, training_id: int, enrolments: Iterable[int]) -> None:
    """Take back every offer, reminder and change these have not heard: the class is another now."""
    told = sorted(enrolments)
    if told:
        named = [f"class:{training_id}:%:{key}:%" for key in SAYS_WHEN]
        session.execute(WITHDRAW, {"enrolments": told, "named": named})
