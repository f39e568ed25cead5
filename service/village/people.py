"""Who is calling: remembered only with consent, with as little as will do."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, text

from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Consent, ConsentKind, Person, Phone

from . import class_moves
from .desk import STALE_AFTER, Desk, lock_phones
from .gap_warnings import to_lock, warn_of
from .gaps import areas_of
from .teams import is_member

CONSENT_TEXT = "welcome.consent"
# Who registered for a class before they agreed to be remembered learns in their own name, too.
KNOWN_NOW = text("""
    UPDATE enrolments SET person_id = :person_id
    WHERE phone_id = :phone_id AND who = '' AND person_id IS NULL
      AND state IN ('seated', 'offered', 'waiting')
""")


def agree(desk: Desk, wording: str = CONSENT_TEXT) -> Person:
    """Remember this number, with the evidence of having been asked and having said yes.

    Silence is not consent, and what was agreed to must be provable (Law 91/2025/QH15): the
    wording, the time and the door are kept.
    """
    record_consent(desk, wording)
    return _holder(desk, desk.phone())


def record_consent(desk: Desk, wording: str) -> None:
    """Keep the evidence that the speaker agreed to be remembered: the words they were asked in."""
    words = desk.words.texts.say(wording, desk.language)
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    desk.unit.session.add(
        Consent(
            phone_id=desk.phone().id,
            kind=ConsentKind.STORAGE,
            given=True,
            wording=f"{wording}:{desk.language}:{digest}",
            channel=desk.channel,
        )
    )


def keep_area(desk: Desk, area: Area) -> None:
    """Remember where the speaker lives; for somebody not remembered, nothing is written."""
    speaker = desk.speaker()
    if speaker is not None:
        speaker.area_id = area.id


def set_language(desk: Desk, language: str) -> None:
    """Remember the language the speaker chose."""
    speaker = desk.speaker()
    if speaker is not None:
        speaker.language = language


def confirm_number(desk: Desk) -> None:
    """Note that the person who used this number before still does."""
    phone = desk.phone()
    phone.last_heard_at, phone.doubted_at = now_by(desk.unit.session), None


def is_members(desk: Desk) -> bool:
    """Say whether the number is, as far as we know, that of somebody in a team."""
    owners = select(Person).where(Person.phone_id == desk.phone().id)
    return any(is_member(desk.unit.session, owner) for owner in desk.unit.session.scalars(owners))


def let_go_of_number(desk: Desk) -> None:
    """Part a number from the people who used it before: it is somebody else's now.

    Their requests stay with the team, which knows them; nothing of them is shown here any more.
    Their seats in classes go to the next.
    A member of a team would hear of no request any more: an operator is told, and a text, whose
    sender can be forged, does not part them. Such a number stays in doubt until somebody calls.
    Where that leaves a place with nobody, the commune hears of it.
    """
    phone, session = desk.phone(), desk.unit.session
    who = f"phone {phone.id}"
    owners = session.scalars(select(Person).where(Person.phone_id == phone.id)).all()
    is_members = any(is_member(session, owner) for owner in owners)
    if is_members:
        raise_alarm(session.connection(), "member_number_doubted", who)
    parted = desk.channel == "ussd" or not is_members
    session.add(Audit(actor=who, action="not_me", about=who, detail={"parted": parted}))
    served = areas_of(session, [owner.id for owner in owners]) if parted else set()
    if parted:
        class_moves.part(desk, phone)  # classes are locked before phones
    lock_phones(desk.unit, {phone.id, *to_lock(session, served)})
    if parted:
        for owner in owners:
            owner.phone_id = None
        phone.holder_id = None
        confirm_number(desk)
    session.flush()
    warn_of(desk.unit, desk.words, served)


def heard_from(desk: Desk) -> None:
    """Note that the number is alive, once an hour.

    One silent for long must be asked whose it is before it counts again. A phone that somebody
    else's doing holds is left for the next time: waiting here, out of the order of lock_phones, is
    how two doings come to wait for each other.
    """
    desk.unit.session.execute(
        text("""
            UPDATE phones SET last_heard_at = clock_timestamp()
            WHERE id = (SELECT id FROM phones
                        WHERE msisdn = :msisdn
                          AND (last_heard_at IS NULL
                               OR last_heard_at BETWEEN clock_timestamp() - :stale_after
                                                    AND clock_timestamp() - interval '1 hour')
                        FOR NO KEY UPDATE SKIP LOCKED)
        """),
        {"msisdn": desk.msisdn, "stale_after": STALE_AFTER},
    )


def _holder(desk: Desk, phone: Phone) -> Person:
    """Return the person of this phone, made now if there is none."""
    holder = desk.speaker()
    if holder is None:
        holder = Person(phone_id=phone.id)
        desk.unit.session.add(holder)
        desk.unit.session.flush()
        phone.holder_id = holder.id
        desk.unit.session.flush()
        desk.unit.session.execute(KNOWN_NOW, {"phone_id": phone.id, "person_id": holder.id})
    return holder
