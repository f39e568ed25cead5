"""A leader adds somebody of their hamlet: who has the number is asked, and is nobody before a yes.

Law 91/2025: silence is no consent. What the leader said of them is kept for as long as asking
takes, three days; then name and number are forgotten (service.village.uninvited). Whoever said no
is not asked again for 90 days, by anybody, and the leader is not told which of several reasons it
is that a number cannot be asked.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.invitations import Invitation
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone, SuppressionKind
from service.text.fold import search_key
from service.text.mask import mask_msisdn
from service.text.phones import Msisdn

from .areas import area_by_id, shown_name
from .desk import Desk, phone_of
from .ledger import called
from .managing import Manager
from .people import record_consent
from .said import Said, about
from .suppressions import digest, is_erased, is_suppressed, suppress

ANSWER_WITHIN = timedelta(days=3)
MOST_IN_A_DAY = 20
"""People one member may have asked in 24 hours: a hamlet is done in a week."""
ASKS_TO_ADD, ASKS_TO_MOVE = "sms.invitation", "sms.invitation_move"

INVITED_TODAY = text("""
    SELECT count(*) FROM invitations
    WHERE invited_by = :person_id AND asked_at > clock_timestamp() - interval '24 hours'
""")

END_LAPSED = text("""
    UPDATE invitations SET ended_at = clock_timestamp()
    WHERE phone_id = :phone_id AND ended_at IS NULL AND expires_at <= clock_timestamp()
""")


def refusal(
    desk: Desk, manager: Manager, number: Msisdn, name: str, hamlet: Area | None
) -> Said | None:
    """Return why somebody cannot be added; None when their number can be asked."""
    session = desk.unit.session
    if hamlet is None or not manager.has(hamlet.id):
        return Said("not_yours", about(number=number))
    values = about(name=name, number=number, hamlet=hamlet)
    if any(_is(person, name) and person.area_id == hamlet.id for person in _at(session, number)):
        return Said("known", values)
    if open_at(session, number) is not None:
        return Said("asked", values)
    if not may_be_asked(desk, number, name):
        return Said("not_now", values)
    return Said("enough", values) if has_asked_enough(session, manager) else None


def has_asked_enough(session: Session, manager: Manager) -> bool:
    """Say whether a manager has had as many numbers asked today as one may; an operator hears."""
    asked = session.execute(INVITED_TODAY, {"person_id": manager.person.id}).scalar_one()
    if asked < MOST_IN_A_DAY:
        return False
    raise_alarm(session.connection(), "invites_too_many", f"person {manager.person.id}")
    return True


def may_be_asked(desk: Desk, number: Msisdn, name: str) -> bool:
    """Say whether a number may be sent a question it did not ask for.

    Not when its owner had themselves erased, unless they have come back by themselves; nor when
    they said no lately, or refuse the hamlet's news.
    """
    session, key = desk.unit.session, desk.words.key
    known = bool(_at(session, number))
    refused = (SuppressionKind.INVITED, SuppressionKind.NEWS)
    if any(is_suppressed(session, digest(key, number), kind) for kind in refused):
        return False
    return known or not is_erased(session, key, number, name)


def invite(
    desk: Desk,
    manager: Manager,
    number: Msisdn,
    name: str,
    hamlet: Area,
    *,
    moves: Person | None = None,
) -> Invitation:
    """Ask a number whether it agrees to what a leader says of it; `moves` is whose it would be."""
    session = desk.unit.session
    phone = phone_of(desk.unit, number)
    session.execute(END_LAPSED, {"phone_id": phone.id})
    invitation = Invitation(
        phone_id=phone.id,
        name=name,
        area_id=hamlet.id,
        invited_by=manager.person.id,
        person_id=moves.id if moves else None,
        asked_at=now_by(session),
        expires_at=now_by(session) + ANSWER_WITHIN,
    )
    session.add(invitation)
    session.flush()
    values = {**about(name=name, hamlet=hamlet), "leader": called(manager.person)}
    key = ASKS_TO_MOVE if moves else ASKS_TO_ADD
    desk.tell(phone, key, values, message_class=MessageClass.NOTICE)
    _audit(session, manager.person, "invited", invitation, {"number": mask_msisdn(number)})
    return invitation


def add(desk: Desk, manager: Manager, number: Msisdn, name: str, hamlet: Area | None) -> Said:
    """Ask somebody whether they want to be on the list of a hamlet."""
    said = refusal(desk, manager, number, name, hamlet)
    if said is not None or hamlet is None:
        return said or Said("not_now")
    invite(desk, manager, number, name, hamlet)
    return Said("asked", about(name=name, number=number, hamlet=hamlet))


def open_at(session: Session, number: Msisdn) -> Invitation | None:
    """Return what a number is being asked, if anything."""
    found = (
        select(Invitation)
        .join(Phone, Phone.id == Invitation.phone_id)
        .where(
            Phone.msisdn == number,
            Invitation.ended_at.is_(None),
            Invitation.expires_at > now_by(session),
        )
    )
    return session.scalars(found).one_or_none()


def close(session: Session, invitation: Invitation, *, agreed: bool | None) -> None:
    """End an invitation; the name stays until service.village.uninvited cleans up behind it."""
    invitation.ended_at, invitation.agreed = now_by(session), agreed
    invitation.name = "" if agreed else invitation.name
    session.flush()


def join(desk: Desk, invitation: Invitation) -> None:
    """Put somebody on the list of their hamlet, who has just said yes."""
    session, phone = desk.unit.session, desk.phone()
    record_consent(desk, ASKS_TO_ADD)
    person = _whom(session, phone, invitation.name)
    person.name, person.area_id = invitation.name, invitation.area_id
    session.flush()
    if phone.holder_id is None:
        phone.holder_id = person.id
    hamlet = area_by_id(session, invitation.area_id)
    _audit(session, person, "joined", invitation, {})
    tell_inviter(desk, invitation, "sms.joined")
    close(session, invitation, agreed=True)
    desk.reply("sms.you_joined", {"hamlet": shown_name(hamlet)})


def refuse(desk: Desk, invitation: Invitation) -> None:
    """Leave somebody alone for 90 days, who has just said no."""
    session = desk.unit.session
    desk.reply("sms.you_refused", {})
    _audit(session, None, "refused", invitation, {})
    tell_inviter(desk, invitation, "sms.not_joined")
    suppress(session, desk.digest, SuppressionKind.INVITED)
    close(session, invitation, agreed=False)


def tell_inviter(desk: Desk, invitation: Invitation, key: str) -> None:
    """Tell the leader who asked what became of it."""
    session = desk.unit.session
    leader = session.get(Person, invitation.invited_by)
    phone = session.get(Phone, leader.phone_id) if leader and leader.phone_id else None
    if phone is not None:
        hamlet = area_by_id(session, invitation.area_id)
        values = about(name=invitation.name, hamlet=hamlet)
        desk.tell(phone, key, values, message_class=MessageClass.ALERT)


def _whom(session: Session, phone: Phone, name: str) -> Person:
    """Return the one with this name at a phone, one who never said theirs, or somebody new."""
    there = session.scalars(select(Person).where(Person.phone_id == phone.id).order_by(Person.id))
    people = there.all()
    nameless = [person for person in people if not person.name]
    found = next((person for person in people if _is(person, name)), None)
    if found is None and nameless:
        found = nameless[0]
    if found is None:
        found = Person(phone_id=phone.id)
        session.add(found)
    return found


def _at(session: Session, number: Msisdn) -> list[Person]:
    found = select(Person).join(Phone, Phone.id == Person.phone_id).where(Phone.msisdn == number)
    return list(session.scalars(found))


def _is(person: Person, name: str) -> bool:
    return bool(person.name) and search_key(person.name or "") == search_key(name)


def _audit(
    session: Session,
    actor: Person | None,
    action: str,
    invitation: Invitation,
    detail: dict[str, str],
) -> None:
    who = f"person {actor.id}" if actor else f"phone {invitation.phone_id}"
    what = f"invitation {invitation.id}"
    session.add(Audit(actor=who, action=action, about=what, detail=detail))
