"""A member's PIN: chosen in a call, checked in a call, and known to nobody but them.

What is kept is an argon2id hash made with a pepper that is not in the database: six digits are a
million possibilities, which a leaked table would give away in hours. A wrong one is counted under
a lock and with the answer in one transaction, so that neither a second call nor a broken one
guesses for nothing. No text message comes here: whoever forges a sender can lock nobody out.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone
from service.records.proofs import Pin
from service.text.pins import is_easy, is_pin

from .desk import Desk
from .kept_secrets import hash_of, is_hash_of

LOCKS = {3: timedelta(minutes=15), 6: timedelta(hours=24)}
"""Wrong PINs since the last right one -> how long none is looked at."""
SHUT_AT = 10
"""Wrong ones after which only an operator helps."""
TYPED_AGAIN_WITHIN = timedelta(minutes=10)
"""How long a new PIN that was typed once waits for the second time; a call takes three."""


class Tried(StrEnum):
    """How typing a PIN went, or what stands in its way."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSET = "unset"
    LOCKED = "locked"
    SHUT = "shut"


def standing(desk: Desk, person: Person) -> Tried:
    """Say whether a person may type their PIN now: RIGHT when nothing stands in the way."""
    pin = desk.unit.session.get(Pin, person.id)
    return _standing(desk, pin)


def try_pin(desk: Desk, person: Person, typed: str) -> Tried:
    """Compare what was typed with a person's PIN, counting a wrong one."""
    session = desk.unit.session
    pin = session.get(Pin, person.id, with_for_update=True, populate_existing=True)
    stands = _standing(desk, pin)
    if pin is None or pin.hash is None or stands is not Tried.RIGHT:
        return stands
    if is_pin(typed) and is_hash_of(pin.hash, _peppered(desk, person, typed)):
        pin.wrong, pin.locked_until = 0, None
        session.flush()
        return Tried.RIGHT
    pin.wrong += 1
    if pin.wrong in LOCKS:
        pin.locked_until = now_by(session) + LOCKS[pin.wrong]
    session.flush()
    if pin.wrong in LOCKS or pin.wrong == SHUT_AT:
        _note_lock(desk, person, pin)
    after = _standing(desk, pin)
    return Tried.WRONG if after is Tried.RIGHT else after


def locked_until(desk: Desk, person: Person) -> datetime | None:
    """Return until when a person's PIN is locked, if it is."""
    pin = desk.unit.session.get(Pin, person.id)
    return pin.locked_until if pin else None


def propose(desk: Desk, person: Person, typed: str) -> bool:
    """Keep a new PIN until it is typed again; False when it is one that others would try first."""
    session = desk.unit.session
    if is_easy(typed, desk.msisdn):
        return False
    session.execute(insert(Pin).values(person_id=person.id).on_conflict_do_nothing())
    pin = session.get_one(Pin, person.id, with_for_update=True, populate_existing=True)
    pin.pending, pin.pending_at = hash_of(_peppered(desk, person, typed)), now_by(session)
    session.flush()
    return True


def confirm(desk: Desk, person: Person, typed: str) -> bool:
    """Make a new PIN a person's own, typed the second time; they are told, in case it is not they.

    False when it is not the one typed before, or that is long ago; then it begins anew.
    """
    session = desk.unit.session
    pin = session.get(Pin, person.id, with_for_update=True, populate_existing=True)
    if pin is None or pin.pending is None or pin.pending_at is None:
        return False
    in_time = now_by(session) - pin.pending_at < TYPED_AGAIN_WITHIN
    same = in_time and is_pin(typed) and is_hash_of(pin.pending, _peppered(desk, person, typed))
    if same:
        was_set = pin.hash is not None
        pin.hash, pin.set_at = pin.pending, now_by(session)
        pin.wrong, pin.locked_until = 0, None
        _audit(desk, person, "pin_changed" if was_set else "pin_set")
        _tell(desk, person, "sms.pin_changed" if was_set else "sms.pin_set")
    pin.pending = pin.pending_at = None
    session.flush()
    return same


def reset(desk: Desk, person: Person) -> bool:
    """Take a PIN away, so that its owner chooses anew; they are told. False when there is none."""
    pin = desk.unit.session.get(Pin, person.id, with_for_update=True, populate_existing=True)
    if pin is None:
        return False
    pin.hash = pin.pending = pin.pending_at = pin.set_at = pin.locked_until = None
    pin.wrong = 0
    _audit(desk, person, "pin_reset")
    _tell(desk, person, "sms.pin_reset")
    return True


def forget(desk: Desk, person: Person) -> None:
    """Forget the PIN of somebody who is in no team any more."""
    desk.unit.session.execute(delete(Pin).where(Pin.person_id == person.id))


def _standing(desk: Desk, pin: Pin | None) -> Tried:
    if pin is not None and pin.wrong >= SHUT_AT:
        return Tried.SHUT
    if pin is None or pin.hash is None:
        return Tried.UNSET
    if pin.locked_until is not None and pin.locked_until > now_by(desk.unit.session):
        return Tried.LOCKED
    return Tried.RIGHT


def _note_lock(desk: Desk, person: Person, pin: Pin) -> None:
    """Tell whose PIN it is, and an operator when they are needed."""
    _audit(desk, person, "pin_locked", wrong=str(pin.wrong))
    _tell(desk, person, "sms.pin_locked")
    if pin.wrong == SHUT_AT:
        raise_alarm(desk.unit.session.connection(), "pin_shut", f"person {person.id}")


def _tell(desk: Desk, person: Person, key: str) -> None:
    phone = desk.unit.session.get(Phone, person.phone_id) if person.phone_id else None
    if phone is not None:
        desk.tell(phone, key, {}, message_class=MessageClass.ALERT)


def _audit(desk: Desk, person: Person, action: str, **detail: str) -> None:
    who = f"person {person.id}"
    actor = desk.operator or who
    desk.unit.session.add(Audit(actor=actor, action=action, about=who, detail=detail))


def _peppered(desk: Desk, person: Person, typed: str) -> bytes:
    """Mix in what the database does not know, and whose it is: equal PINs are not seen as equal."""
    pepper = hmac.new(desk.words.key.encode(), b"pin pepper", sha256).digest()
    return hmac.new(pepper, f"{person.id}:{typed}".encode(), sha256).digest()
