"""Somebody has a new number: by the leader's vouch, and by the word of whoever has that number.

Both numbers are told. A number that is nobody's shows nothing before it has answered 1; one that is
somebody's is shared, and stays theirs. What was under way goes along: requests, questions, tasks,
places in classes, and messages that have not left. Of what others at the old number have, nothing
is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.invitations import Invitation
from service.records.messages import MessageClass
from service.records.operations import Audit
from service.records.people import Person, Phone, SuppressionKind
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn, national_compact

from . import class_moves
from .areas import area_by_id
from .desk import Desk, lock_phones, phone_of
from .invitations import (
    close,
    has_asked_enough,
    invite,
    may_be_asked,
    open_at,
    tell_inviter,
)
from .ledger import called, give_task_number
from .managing import Manager, concerns, may_change
from .people import record_consent
from .said import Said, about
from .suppressions import digest, is_suppressed, suppress
from .teams import is_member, member_at

MOST_IN_A_DAY = 3
"""Times one person is moved in 24 hours, or a number is asked: each is two messages, one of them to
a number that may be a stranger's."""

FOLLOW = (
    text("""SELECT id FROM messages_out
            WHERE msisdn = :old_number AND state = ANY(ARRAY['held', 'queued'])
            ORDER BY id FOR UPDATE"""),
    text("""UPDATE messages_out
            SET msisdn = :new_number, phone_id = :new_id, person_id = :person_id,
                recipient_digest = CASE WHEN recipient_digest IS NULL THEN NULL ELSE :new_digest END
            WHERE msisdn = :old_number AND state = ANY(ARRAY['held', 'queued'])"""),
    text("""UPDATE help_requests SET state = 'cancelled', closed_at = clock_timestamp()
            WHERE phone_id = :old_id AND state = 'unfinished'
              AND EXISTS (SELECT FROM help_requests u
                          WHERE u.phone_id = :new_id AND u.state = 'unfinished')"""),
    text("UPDATE help_requests SET phone_id = :new_id WHERE phone_id = :old_id"),
    text("UPDATE questions SET phone_id = :new_id WHERE phone_id = :old_id"),
    text("UPDATE inquiries SET phone_id = :new_id WHERE phone_id = :old_id"),
    text("DELETE FROM shown WHERE phone_id = :old_id"),
    text("DELETE FROM pending_acts WHERE phone_id = :old_id"),
    text("DELETE FROM text_dialogues WHERE msisdn = :old_number"),
    text("""DELETE FROM ussd_sessions
            WHERE msisdn = :old_number AND NOT (open AND :old_number = :calling)"""),
    text("""UPDATE notice_readings r SET phone_id = :new_id
            WHERE r.phone_id = :old_id
              AND NOT EXISTS (SELECT FROM notice_readings n
                              WHERE n.phone_id = :new_id AND n.notice_id = r.notice_id)"""),
)
"""What goes along when nobody else has the old number."""
MOVED_TODAY = text("""
    SELECT greatest(
        (SELECT count(*) FROM invitations
         WHERE person_id = :person_id AND asked_at > clock_timestamp() - interval '24 hours'),
        (SELECT count(*) FROM audit
         WHERE action = 'moved_number' AND about = :about
           AND at > clock_timestamp() - interval '24 hours'))
""")
TASKS = text("""
    SELECT id, request_id, number FROM task_numbers
    WHERE phone_id = :old_id AND freed_at IS NULL ORDER BY id
""")
TASK_OF = text("""
    SELECT id FROM task_numbers
    WHERE phone_id = :new_id AND request_id = :request_id AND freed_at IS NULL
""")
MOVE_TASK = text("""
    UPDATE task_numbers t SET phone_id = :new_id
    WHERE t.id = :id AND NOT EXISTS (SELECT FROM task_numbers n
                                     WHERE n.phone_id = :new_id AND n.number = t.number)
    RETURNING t.id
""")
FREE_TASK = text("UPDATE task_numbers SET freed_at = clock_timestamp() WHERE id = :id")
TASK_MESSAGES = text("""
    UPDATE messages_out SET msisdn = :new_number, phone_id = :new_id, person_id = :person_id
    WHERE msisdn = :old_number AND class = 'alert' AND state = ANY(ARRAY['held', 'queued'])
""")


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody, and the number they had and the one they shall have."""

    person: Person
    old: Phone
    new: Phone


def refusal(desk: Desk, manager: Manager, person: Person | None, new: Msisdn) -> Said | None:
    """Return why somebody cannot be moved to a number; None when they can."""
    session = desk.unit.session
    if person is None or not concerns(session, manager, person):
        return Said("not_yours", about(number=new))
    phone = session.get(Phone, person.phone_id) if person.phone_id else None
    if not may_change(session, manager, person):
        return Said("by_commune", about(person=person))
    if phone is None or phone.msisdn == new:
        return Said("same_number", about(person=person, number=new))
    is_nobodys = not _people_at(session, new)
    waiting = open_at(session, new) if is_nobodys else None
    if waiting is not None and waiting.person_id == person.id:
        return Said("move_asked", about(person=person, number=new))
    if is_nobodys and (waiting is not None or not may_be_asked(desk, new, person.name or "")):
        return Said("not_now", about(number=new))
    return _enough(session, manager, person, new, is_asked=is_nobodys)


def _enough(
    session: Session, manager: Manager, person: Person, new: Msisdn, *, is_asked: bool
) -> Said | None:
    """Return that there was enough of it today: of this person, or of all a manager has asked."""
    today = {"person_id": person.id, "about": f"person {person.id}"}
    if session.execute(MOVED_TODAY, today).scalar_one() >= MOST_IN_A_DAY:
        return Said("not_now", about(number=new))
    if is_asked and has_asked_enough(session, manager):
        return Said("enough", about(number=new))
    return None


def move(desk: Desk, manager: Manager, person: Person | None, new: Msisdn) -> Said:
    """Move somebody at once to a number that is somebody's; ask one that is nobody's."""
    said = refusal(desk, manager, person, new)
    if said is not None or person is None:
        return said or Said("not_there")
    session = desk.unit.session
    old = session.get_one(Phone, person.phone_id)
    there = session.scalars(select(Phone.id).where(Phone.msisdn == new)).all()
    class_moves.lock_classes(session, {old.id, *there})
    lock_phones(desk.unit, {old.id, *there})
    _end_earlier(session, person)
    values = {**about(person=person, number=new), "leader": called(manager.person)}
    if not _people_at(session, new):
        hamlet = _hamlet_of(session, manager, person)
        invite(desk, manager, new, person.name or "", hamlet, moves=person)
        desk.tell(old, "sms.move_begun", values, message_class=MessageClass.ALERT)
        return Said("move_asked", values)
    carry_out(desk, Move(person, old, phone_of(desk.unit, new)), by=f"person {manager.person.id}")
    return Said("moved", values)


def agree_to_move(desk: Desk, invitation: Invitation) -> None:
    """Carry out what a new number has just said yes to."""
    session = desk.unit.session
    person = session.get(Person, invitation.person_id)
    old = session.get(Phone, person.phone_id) if person and person.phone_id else None
    record_consent(desk, "sms.invitation_move")
    if person is not None and old is not None:
        carry_out(desk, Move(person, old, desk.phone()), by=f"person {invitation.invited_by}")
        tell_inviter(desk, invitation, "sms.move_agreed")
    else:
        desk.reply("sms.move_gone", {})
    close(session, invitation, agreed=True)


def refuse_move(desk: Desk, invitation: Invitation) -> None:
    """Leave everything as it is: the new number said no."""
    session = desk.unit.session
    desk.reply("sms.you_refused", {})
    tell_inviter(desk, invitation, "sms.move_refused")
    suppress(session, desk.digest, SuppressionKind.INVITED)
    close(session, invitation, agreed=False)
    session.add(
        Audit(
            actor=f"phone {invitation.phone_id}",
            action="move_refused",
            about=f"person {invitation.person_id}",
            detail={},
        )
    )


def carry_out(desk: Desk, move: Move, *, by: str) -> None:
    """Give somebody their new number and let what is under way follow; both numbers hear of it."""
    session, person, old, new = desk.unit.session, move.person, move.old, move.new
    class_moves.lock_classes(session, {old.id, new.id})
    lock_phones(desk.unit, {old.id, new.id})
    staying = [other for other in _people_at(session, Msisdn(old.msisdn)) if other.id != person.id]
    person.phone_id = new.id
    if old.holder_id == person.id:
        old.holder_id = staying[0].id if staying else None
    if new.holder_id is None:
        new.holder_id = person.id
    session.flush()
    _follow(desk, move, shared=bool(staying))
    class_moves.follow(desk, person, old, new, shared=bool(staying))
    session.expire_all()
    who = f"person {person.id}"
    detail = {"from": mask_msisdn(old.msisdn), "to": mask_msisdn(new.msisdn), "by": desk.channel}
    session.add(Audit(actor=by, action="moved_number", about=who, detail=detail))
    values = about(person=person, number=Msisdn(new.msisdn))
    desk.tell(old, "sms.moved_from", values, message_class=MessageClass.ALERT)
    shown = {**values, "old_phone": national_compact(Msisdn(old.msisdn))}
    desk.tell(new, "sms.moved_to", shown, message_class=MessageClass.ALERT)


def _follow(desk: Desk, move: Move, *, shared: bool) -> None:
    session, old, new = desk.unit.session, move.old, move.new
    ids = {
        "old_id": old.id,
        "new_id": new.id,
        "person_id": move.person.id,
        "old_number": old.msisdn,
        "new_number": new.msisdn,
        "new_digest": digest(desk.words.key, new.msisdn),
        "calling": desk.msisdn if desk.channel == "ussd" else "",
    }
    if shared:
        takes_tasks = is_member(session, move.person) and member_at(session, old, None) is None
        if takes_tasks:
            session.execute(TASK_MESSAGES, ids)
    else:
        takes_tasks = True
        for statement in FOLLOW:
            session.execute(statement, ids)
        _keep_wishes(desk, old, new)
    if takes_tasks:
        _move_tasks(session, ids)


def _move_tasks(session: Session, ids: dict[str, object]) -> None:
    """Let the small numbers follow; one that is taken on the new phone becomes another."""
    for row in session.execute(TASKS, ids).all():
        about_it = {**ids, "id": row.id, "request_id": row.request_id}
        if session.execute(TASK_OF, about_it).first() is not None:
            session.execute(FREE_TASK, {"id": row.id})
        elif session.execute(MOVE_TASK, about_it).first() is None:
            session.execute(FREE_TASK, {"id": row.id})
            new_id = ids["new_id"]
            assert isinstance(new_id, int)
            give_task_number(session, new_id, row.request_id)


def _keep_wishes(desk: Desk, old: Phone, new: Phone) -> None:
    """Let a refusal of news go along, too."""
    session, key = desk.unit.session, desk.words.key
    if is_suppressed(session, digest(key, old.msisdn), SuppressionKind.NEWS):
        suppress(session, digest(key, new.msisdn), SuppressionKind.NEWS)


def _end_earlier(session: Session, person: Person) -> None:
    """Take back what another number was asked for the same person: they move once."""
    earlier = session.scalars(
        select(Invitation).where(Invitation.person_id == person.id, Invitation.ended_at.is_(None))
    )
    for invitation in earlier:
        close(session, invitation, agreed=None)


def _people_at(session: Session, number: Msisdn) -> list[Person]:
    found = (
        select(Person)
        .join(Phone, Phone.id == Person.phone_id)
        .where(Phone.msisdn == number)
        .order_by(Person.id)
    )
    return list(session.scalars(found))


def _hamlet_of(session: Session, manager: Manager, person: Person) -> Area:
    if person.area_id is not None:
        return area_by_id(session, person.area_id)
    return manager.hamlets[0]
