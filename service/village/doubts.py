"""Numbers that may be somebody else's by now: unreachable again and again, or reported so.

Such a number is treated as one silent for 90 days: nothing of its owner is shown there, and a
member has no rights, until its owner has said that it is still theirs, or an operator has.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.carriers.base import NOBODY_THERE, BadNumber
from service.outbox.alarms import close_alarm, raise_alarm
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone
from service.records.unit import Units

from .managing import memberships_of

IN_A_ROW = 3
"""Messages to a number that ended with nobody there, since it was last heard from."""
DOUBTED = "member_number_doubted"

# By their ids, which are in order, so that a year of reports is not read every few minutes.
CANDIDATES = text("""
    SELECT p.id, p.msisdn FROM phones p
    WHERE p.doubted_at IS NULL AND EXISTS (SELECT FROM people h WHERE h.phone_id = p.id)
      AND p.msisdn IN (
          SELECT a.msisdn FROM receipts r JOIN attempts a ON a.id = r.attempt_id
          WHERE r.id > (SELECT max(id) - 20000 FROM receipts)
            AND (lower(r.status) = ANY(:absent) OR lower(r.reason) = ANY(:absent))
          UNION
          SELECT a.msisdn FROM attempts a
          WHERE a.id > (SELECT max(id) - 20000 FROM attempts) AND a.code = :bad_number)
    ORDER BY p.id
""")
LAST_ENDED = text("""
    SELECT m.code = :bad_number
           OR EXISTS (SELECT FROM attempts a JOIN receipts r ON r.attempt_id = a.id
                      WHERE a.message_id = m.id
                        AND (lower(r.status) = ANY(:absent) OR lower(r.reason) = ANY(:absent)))
           AS nobody_there
    FROM messages_out m JOIN phones p ON p.id = :phone_id
    WHERE m.msisdn = :msisdn
      AND m.state IN ('delivered', 'undelivered', 'rejected', 'failed', 'no_report')
      AND m.created_at > coalesce(p.last_heard_at, '-infinity')
    ORDER BY m.id DESC LIMIT :in_a_row
""")


def doubt_unreachable(units: Units) -> int:
    """Doubt every number at which nobody was there three times in a row; return how many."""
    words = {"absent": sorted(NOBODY_THERE), "bad_number": BadNumber.code}
    doubted = 0
    with units.open() as unit:
        session = unit.session
        for row in session.execute(CANDIDATES, words).all():
            about = {**words, "phone_id": row.id, "msisdn": row.msisdn, "in_a_row": IN_A_ROW}
            ended = session.scalars(LAST_ENDED, about).all()
            if len(ended) == IN_A_ROW and all(ended):
                doubt(session, session.get_one(Phone, row.id), by="service")
                doubted += 1
    return doubted


def doubt(session: Session, phone: Phone, *, by: str) -> None:
    """Doubt that a number is still its owner's; an operator hears it of a member's."""
    phone.doubted_at = now_by(session)
    who = f"phone {phone.id}"
    session.add(Audit(actor=by, action="number_doubted", about=who, detail={}))
    if _members_at(session, phone):
        raise_alarm(session.connection(), DOUBTED, who)
    session.flush()


def confirm(session: Session, phone: Phone, *, by: str) -> None:
    """Believe that a number is its owner's: somebody has made sure."""
    phone.doubted_at, phone.last_heard_at = None, now_by(session)
    who = f"phone {phone.id}"
    session.add(Audit(actor=by, action="number_confirmed", about=who, detail={}))
    close_alarm(session.connection(), DOUBTED, who)
    session.flush()


def _members_at(session: Session, phone: Phone) -> Sequence[Person]:
    people = session.scalars(select(Person).where(Person.phone_id == phone.id))
    return [person for person in people if memberships_of(session, person)]
