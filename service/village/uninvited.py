"""Forgets whoever a leader named and who did not say yes: they never were anybody here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.invitations import Invitation
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone
from service.records.unit import Unit, Units
from service.text.fold import fold
from service.text.phones import Msisdn

from .desk import Desk, Words
from .invitations import close, tell_inviter
from .mentions import forget_number

MOST_AT_ONCE = 50

log = structlog.get_logger("village.uninvited")

# A message to them or about them that still waits would be lost: an hour is enough for most.
OVER = text("""
    SELECT i.id FROM invitations i
    WHERE i.name <> '' AND i.agreed IS DISTINCT FROM true
      AND i.ended_at < clock_timestamp() - interval '1 hour'
    ORDER BY i.id LIMIT :most
""")
IS_SOMEBODYS = text("""
    SELECT EXISTS (SELECT FROM people WHERE phone_id = :phone_id)
        OR EXISTS (SELECT FROM phones WHERE id = :phone_id AND holder_id IS NOT NULL)
        OR EXISTS (SELECT FROM help_requests WHERE phone_id = :phone_id)
        OR EXISTS (SELECT FROM invitations WHERE phone_id = :phone_id AND ended_at IS NULL)
""")
THEIR_NAME = (
    text("""UPDATE messages_out SET body = ''
            WHERE msisdn = :leader AND created_at >= :since - interval '1 day'
              AND (NOT state = ANY(ARRAY['held', 'queued', 'leased', 'sending'])
                   OR valid_until < clock_timestamp())
              AND position(:folded IN body) > 0"""),
    text("""UPDATE messages_in SET body = ''
            WHERE sender = :leader AND received_at >= :since - interval '1 day'
              AND (position(:name IN body) > 0 OR position(:number IN body) > 0)"""),
    text("""DELETE FROM ussd_sessions
            WHERE msisdn = :leader AND NOT open AND position(:name IN CAST(state AS text)) > 0"""),
)
"""What the leader typed and was answered, as far as it names somebody."""
THEIR_NUMBER = (
    text("""UPDATE messages_out
            SET state = 'cancelled', code = 'erased', token = NULL, lease_until = NULL,
                changed_at = clock_timestamp()
            WHERE state = ANY(ARRAY['held', 'queued', 'leased']) AND msisdn = :msisdn"""),
    text("""UPDATE messages_out
            SET msisdn = :nobody, body = '', recipient_digest = NULL, idem_key = 'erased:' || id,
                valid_until = least(valid_until, clock_timestamp())
            WHERE NOT state = ANY(ARRAY['held', 'queued', 'leased']) AND msisdn = :msisdn"""),
    text("UPDATE attempts SET msisdn = :nobody WHERE msisdn = :msisdn"),
    text("UPDATE receipts SET msisdn = :nobody WHERE msisdn = :msisdn"),
    text("UPDATE messages_in SET sender = :nobody, body = '' WHERE sender = :msisdn"),
    text("DELETE FROM text_dialogues WHERE msisdn = :msisdn"),
    text("DELETE FROM ussd_sessions WHERE msisdn = :msisdn"),
    text("UPDATE phones SET msisdn = :nobody WHERE id = :phone_id"),
)
"""Everything a number that is nobody's stands in."""


def end_invitations(units: Units, words: Words) -> int:
    """End what nobody answered in time, and forget who did not say yes; return how many."""
    with units.open() as unit:
        lapsed = unit.session.scalars(
            select(Invitation.id)
            .where(Invitation.ended_at.is_(None), Invitation.expires_at < now_by(unit.session))
            .order_by(Invitation.id)
            .limit(MOST_AT_ONCE)
        ).all()
    ended = _each(units, lapsed, lambda unit, id_: _lapse(unit, words, id_))
    with units.open() as unit:
        over = unit.session.scalars(OVER, {"most": MOST_AT_ONCE}).all()
    return ended + _each(units, over, lambda unit, id_: _forget(unit.session, id_))


def _each(units: Units, ids: Sequence[int], do: Callable[[Unit, int], None]) -> int:
    """Do something about each invitation in a transaction of its own; return how often it went."""
    done = 0
    for invitation_id in ids:
        try:
            with units.open() as unit:
                do(unit, invitation_id)
            done += 1
        except Exception:  # one that fails must not keep the others from being forgotten
            log.exception("invitation_failed", invitation=invitation_id)
    return done


def _lapse(unit: Unit, words: Words, invitation_id: int) -> None:
    invitation = unit.session.get_one(Invitation, invitation_id, with_for_update=True)
    if invitation.ended_at is not None:
        return
    phone = unit.session.get_one(Phone, invitation.phone_id)
    desk = Desk(
        unit=unit,
        words=words,
        msisdn=Msisdn(phone.msisdn),
        channel="clock",
        cause=f"lapsed:{invitation.id}",
    )
    tell_inviter(desk, invitation, "sms.not_answered")
    close(unit.session, invitation, agreed=None)


def _forget(session: Session, invitation_id: int) -> None:
    """Take a name, and a number that is nobody's, out of everything."""
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
    assert invitation is not None
    phone = session.get_one(Phone, invitation.phone_id)
    leader = session.get(Person, invitation.invited_by)
    at = session.get(Phone, leader.phone_id) if leader and leader.phone_id else None
    if at is not None:
        about = {
            "leader": at.msisdn,
            "since": invitation.asked_at,
            "name": invitation.name,
            "folded": fold(invitation.name).text,
            "number": f"0{phone.msisdn[3:]}",
        }
        for statement in THEIR_NAME:
            session.execute(statement, about)
    invitation.name = ""
    session.flush()
    if session.execute(IS_SOMEBODYS, {"phone_id": phone.id}).scalar_one():
        return
    nobody = f"+999{phone.id:010d}"  # a country code nobody has
    msisdn = Msisdn(phone.msisdn)
    for statement in THEIR_NUMBER:
        session.execute(statement, {"nobody": nobody, "msisdn": msisdn, "phone_id": phone.id})
    forget_number(session, msisdn, nobody)
    who = f"phone {phone.id}"
    # Reports that come late are cleaned as those after an erasure (service.village.traces).
    detail = {"nobody": nobody, "message": None, "why": "not agreed"}
    session.add(Audit(actor="service", action="erased", about=who, detail=detail))
