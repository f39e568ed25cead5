"""Telling those who heard of a request that it is not for them any more: it is taken, or over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.people import Person, Phone
from service.records.requests import HelpRequest

from .callouts import call_back
from .callouts import tell as tell_of_emergency
from .desk import Desk
from .ledger import task_numbers, values_of
from .piles import BURIED, shorten_piles
from .summons import TAKEN, who_heard_enough

# A message that never left was never heard; one that came back undelivered neither.
TOLD_OF = text("""
    SELECT DISTINCT m.phone_id FROM messages_out m
    WHERE m.request_id = :request_id AND m.class IN ('alert', 'emergency')
      AND (m.state IN ('sending', 'unknown', 'accepted', 'delivered', 'no_report', 'unknown_closed')
           OR EXISTS (SELECT FROM attempts a
                      WHERE a.message_id = m.id AND a.outcome IN ('open', 'unknown')
                        AND m.state IN ('queued', 'leased', 'cancelled', 'expired')))
""")
HEARD_LATELY = text("""
    SELECT EXISTS (SELECT FROM messages_out
                   WHERE request_id = :request_id AND phone_id = :phone_id AND class = 'alert'
                     AND position(:taken IN idem_key) > 0
                     AND created_at > clock_timestamp() - interval '2 minutes')
""")


def tell_gone(desk: Desk, request: HelpRequest, key: str, *, spare: int | None = None) -> None:
    """Tell whoever was told of a request that it is not for them any more; `spare` is not told.

    What has not left yet does not leave any more, and who has not heard of it hears nothing of its
    end. The caller holds the locks on the phones that have a number for it, and has noted its end.
    """
    session = desk.unit.session
    session.flush()
    call_back(session, request)
    numbers = task_numbers(session, request)
    told = told_of(desk, request, concerned(session, request))
    _tell_all(desk, request, key, [phone for phone in told if phone.id != spare], numbers)
    shorten_piles(desk, numbers)


def _tell_all(
    desk: Desk,
    request: HelpRequest,
    key: str,
    phones: Sequence[Phone],
    numbers: Mapping[int, int],
) -> None:
    """Tell several phones the same of a request, each by the number it knows it by.

    A team may be large and everybody else waits for these locks, so what all of them have in
    common is looked up once.
    """
    session = desk.unit.session
    if request.topic == EMERGENCY:
        for phone in phones:
            tell_of_emergency(desk, phone, key, request, numbers.get(phone.id, 0))
        return
    ids = [phone.holder_id for phone in phones]
    holders = session.scalars(select(Person).where(Person.id.in_(ids))).all()
    enough = who_heard_enough(session, phones)
    values = values_of(session, request)
    for phone in phones:
        if phone.msisdn in enough:
            raise_alarm(session.connection(), BURIED, f"phone {phone.id}")
            continue
        about = {**values, "task": str(numbers.get(phone.id, "")), "phone": ""}
        alert = MessageClass.ALERT
        desk.tell(phone, key, about, message_class=alert, request_id=request.id)
    del holders  # the session holds them weakly; until here each is found without asking again


def has_just_heard(desk: Desk, request: HelpRequest) -> bool:
    """Say whether the speaker was told a moment ago that a request is taken: our texts crossed."""
    asked = {"request_id": request.id, "phone_id": desk.phone().id, "taken": f":{TAKEN}:"}
    return bool(desk.unit.session.execute(HEARD_LATELY, asked).scalar_one())


def concerned(session: Session, request: HelpRequest) -> set[int]:
    """Return the ids of the phones that may have to hear of a request's end, to be locked before.

    Of an emergency that somebody has the others were told to be ready, so they hear what follows.
    """
    knowing = set(task_numbers(session, request))
    if request.topic == EMERGENCY:
        knowing |= set(session.scalars(TOLD_OF, {"request_id": request.id})) - {request.phone_id}
    return knowing


def told_of(desk: Desk, request: HelpRequest, among: Collection[int]) -> list[Phone]:
    """Return which of some phones have heard of a request by itself, not among others.

    Whoever has taken it knows of it in any case.
    """
    session = desk.unit.session
    told = set(session.scalars(TOLD_OF, {"request_id": request.id}))
    taker = session.get(Person, request.accepted_by) if request.accepted_by else None
    if taker is not None and taker.phone_id is not None:
        told.add(taker.phone_id)
    found = select(Phone).where(Phone.id.in_(told & set(among))).order_by(Phone.id)
    return list(session.scalars(found))
