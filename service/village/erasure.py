"""Erasing a person: what names them goes, what others need to have happened stays without them.

What is decided here, since nobody can be asked (Law 91/2025; domain RPD-5, RPD-6):

- Their open, accepted and done requests are cancelled, and whoever was told of one hears so once.
- What was to be sent to them is cancelled. What is leaving this moment cannot be called back; it is
  not tried again. What was sent keeps its state and loses number and words.
- A member of a team is in it no more, their open work goes back to the team, an operator is told;
  so is the commune where that leaves a place with nobody. Of the rota nothing of theirs stays.
- Their seats in classes, and those of whom they registered, are free for the next in the row; who
  lives on with the same number and was registered by name keeps theirs.
- Where others live with the same number it stays, since it is theirs too, and the one known longest
  holds it from now on; the requests asked with it go, for nobody can say whose they were.
- Of the number a keyed digest stays, so that an old list does not bring it back; the evidence of
  consents stays with a phone that has no number any more.

The confirmation, and reports that come later, are cleaned by service.village.traces.
"""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import raise_alarm
from service.records.operations import Audit
from service.records.people import Person, Phone, SuppressionKind
from service.records.teams import Membership

from . import enrolling, requests
from .desk import Desk
from .gap_warnings import to_lock, warn_of
from .gaps import areas_of
from .leaving import (
    end_duties,
    end_memberships,
    hand_back,
    leave_household,
    lock_all,
    steps_for,
    work_of,
)
from .ledger import LEADER, live_requests
from .mentions import HIDDEN, forget_name, forget_number
from .suppressions import digest, suppress

ERASED_BY = "sms.erased"
"""The text that confirms it."""

ABOUT_THEIR_REQUESTS = (
    text("""UPDATE messages_out
            SET state = 'cancelled', code = 'erased', token = NULL, lease_until = NULL,
                changed_at = clock_timestamp()
            WHERE state = ANY(ARRAY['held', 'queued', 'leased'])
              AND request_id IN (SELECT id FROM help_requests WHERE phone_id = :phone_id)"""),
    text("""UPDATE messages_out SET body = '', valid_until = least(valid_until, clock_timestamp())
            WHERE NOT state = ANY(ARRAY['held', 'queued', 'leased']) AND body <> ''
              AND request_id IN (SELECT id FROM help_requests WHERE phone_id = :phone_id)"""),
    text("""UPDATE request_events SET note = NULL
           WHERE request_id IN (SELECT id FROM help_requests WHERE phone_id = :phone_id)"""),
    text("""UPDATE inquiries
           SET question = '', answer = NULL, ended_at = coalesce(ended_at, clock_timestamp())
           WHERE request_id IN (SELECT id FROM help_requests WHERE phone_id = :phone_id)"""),
    text("""UPDATE ussd_sessions
           SET state = jsonb_build_object('s', 'root', 'l', state->'l'), reply = '', open = false,
               ended = coalesce(ended, 'erased')
           WHERE msisdn <> :msisdn AND msisdn IN (
               SELECT p.msisdn FROM phones p JOIN task_numbers t ON t.phone_id = p.id
               JOIN help_requests r ON r.id = t.request_id WHERE r.phone_id = :phone_id)"""),
    text("""DELETE FROM text_dialogues
           WHERE msisdn <> :msisdn AND msisdn IN (
               SELECT p.msisdn FROM phones p JOIN task_numbers t ON t.phone_id = p.id
               JOIN help_requests r ON r.id = t.request_id WHERE r.phone_id = :phone_id)"""),
)
"""What the team has in hand of them: messages, histories, calls that show their words."""

THEIR_OWN = (
    text("DELETE FROM ussd_sessions WHERE msisdn = :msisdn AND NOT (open AND :calling)"),
    text("DELETE FROM text_dialogues WHERE msisdn = :msisdn"),
    text("DELETE FROM pending_acts WHERE phone_id = :phone_id"),
    text("DELETE FROM pins WHERE person_id = :person_id"),
    text("""UPDATE invitations
           SET name = '', ended_at = coalesce(ended_at, clock_timestamp())
           WHERE phone_id = :phone_id AND NOT :shared OR person_id = :person_id"""),
    text("UPDATE households SET contact_id = NULL WHERE contact_id = :person_id"),
    text("DELETE FROM shown WHERE phone_id = :phone_id"),
    text("DELETE FROM notice_readings WHERE phone_id = :phone_id"),
    text("""UPDATE help_requests
           SET words = NULL, beneficiary = NULL, spoken = NULL, language = 'vi',
               idem_key = 'erased:' || id
           WHERE phone_id = :phone_id"""),
    text("SELECT id FROM messages_out WHERE msisdn = :msisdn ORDER BY id FOR UPDATE"),
    text("""UPDATE messages_out
            SET state = 'cancelled', code = 'erased', token = NULL, lease_until = NULL,
                changed_at = clock_timestamp()
            WHERE state = ANY(ARRAY['held', 'queued', 'leased']) AND msisdn = :msisdn
              AND (NOT :shared OR class IN ('reply', 'alert'))"""),
    text("""UPDATE messages_out
            SET msisdn = :nobody, body = '', recipient_digest = NULL, idem_key = 'erased:' || id,
                valid_until = least(valid_until, clock_timestamp())
            WHERE NOT state = ANY(ARRAY['held', 'queued', 'leased']) AND msisdn = :msisdn
              AND (NOT :shared OR class IN ('reply', 'alert'))"""),
    text("UPDATE attempts SET msisdn = :nobody WHERE msisdn = :msisdn"),
    text("UPDATE receipts SET msisdn = :nobody WHERE msisdn = :msisdn"),
    text("UPDATE messages_in SET sender = :nobody, body = '' WHERE sender = :msisdn"),
    text("UPDATE request_events SET note = NULL WHERE person_id = :person_id"),
    text("""UPDATE inquiries
           SET question = '', ended_at = coalesce(ended_at, clock_timestamp())
           WHERE asked_by = :person_id"""),
    text("""UPDATE enrolments e SET name = NULL, who = '', person_id = NULL, certificate = NULL
           WHERE person_id = :person_id
              OR phone_id = :phone_id
                 AND NOT EXISTS (SELECT FROM people p WHERE p.id = e.person_id
                                 AND p.phone_id = :phone_id
                                 AND p.id IS DISTINCT FROM CAST(:person_id AS bigint))"""),
    text("""UPDATE trainings SET teacher_name = '', teacher_phone_id = NULL
           WHERE teacher_phone_id = :phone_id AND NOT :shared"""),
    text("UPDATE trainings SET proposed_by = NULL WHERE proposed_by = :person_id"),
    text("DELETE FROM absences WHERE person_id = :person_id"),
    text("DELETE FROM duties WHERE person_id = :person_id"),
    text("DELETE FROM duty_swaps WHERE giver_id = :person_id OR taker_id = :person_id"),
    text("""UPDATE people SET name = NULL, language = NULL, area_id = NULL, household_id = NULL,
                             phone_id = NULL, wants_marks = false, awake_from = NULL,
                             awake_until = NULL
           WHERE id = :person_id OR phone_id = :phone_id AND NOT :shared"""),
    text("UPDATE phones SET msisdn = :nobody, holder_id = :heir_id WHERE id = :phone_id"),
)


def erase_all(desk: Desk) -> None:
    """Erase what is kept of the speaker and confirm it; see the module for what becomes of what."""
    phone, session = desk.phone(), desk.unit.session
    person = session.get(Person, phone.holder_id) if phone.holder_id else None
    heir = _free_seats(desk, phone, person)
    name = (person.name if person else None) or ""
    held = work_of(session, person)
    served = areas_of(session, [person.id] if person else [])
    left = end_memberships(session, person)
    for team_id in left:
        raise_alarm(session.connection(), "member_erased", f"team {team_id}")
    steps = steps_for(desk, held, phone)
    live = live_requests(session, phone)
    lock_all(desk, phone, [*live, *held], steps, to_lock(session, served), renumbered=True)
    end_duties(session, person, left)
    nobody = desk.msisdn if heir else f"+999{phone.id:010d}"  # a country code nobody has
    ids = {
        "msisdn": desk.msisdn,
        "phone_id": phone.id,
        "person_id": person.id if person else None,
        "heir_id": heir.id if heir else None,
        "shared": heir is not None,
        "calling": desk.channel == "ussd",  # the call that asks for it must still be answered
        "nobody": nobody,
    }
    for step in ABOUT_THEIR_REQUESTS:
        session.execute(step, ids)
    for request in live:
        requests.cancel(desk, request, is_locked=True)
    requests.drop(desk)
    hand_back(desk, held, steps, person)
    warn_of(desk.unit, desk.words, served)
    leave_household(session, person)
    session.flush()
    for step in THEIR_OWN:
        session.execute(step, ids)
    _forget_mentions(desk, person, name, nobody)
    session.expire_all()
    _confirm(desk, phone, nobody, name if heir else "")


def _confirm(desk: Desk, phone: Phone, nobody: str, name: str) -> None:
    """Say so to a number that is nobody's now, and note what cleans up behind that."""
    session, shared = desk.unit.session, nobody == desk.msisdn
    suppress(session, digest(desk.words.key, desk.msisdn, name), SuppressionKind.ERASED)
    desk.forget_phone()
    message = desk.reply_id if desk.reply(ERASED_BY, {}) else None
    about = {} if shared else {"nobody": nobody, "message": message}
    who = f"phone {phone.id}"
    session.add(Audit(actor=who, action="erased", about=who, detail=about))


def _free_seats(desk: Desk, phone: Phone, person: Person | None) -> Person | None:
    """Give up seats but those of others who have this number; return the one known longest."""
    others = select(Person).where(Person.phone_id == phone.id)
    if person is not None:
        others = others.where(Person.id != person.id)
    staying = desk.unit.session.scalars(others.order_by(Person.id)).all()
    enrolling.free_all(desk, phone, [other.id for other in staying])
    return staying[0] if staying else None


def _forget_mentions(desk: Desk, person: Person | None, name: str, nobody: str) -> None:
    session = desk.unit.session
    if nobody != desk.msisdn:
        forget_number(session, desk.msisdn, nobody)
    if name and _was_a_member(session, person):
        forget_name(session, name, LEADER)
    elif " " in name:  # a given name alone is many people's, and a word besides
        forget_name(session, name, HIDDEN)


def _was_a_member(session: Session, person: Person | None) -> bool:
    """Say whether others were ever told somebody's name: we name nobody but members."""
    found = select(Membership.id).where(Membership.person_id == (person.id if person else None))
    return session.scalars(found.limit(1)).one_or_none() is not None
