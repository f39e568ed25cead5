"""Telling a team that somebody needs help, without burying a phone under messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import raise_alarm
from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest
from service.text.gsm7 import count
from service.text.phones import Msisdn
from service.text.waking import ALWAYS, awake_at

from .desk import Desk
from .ledger import (
    give_task_number,
    listed,
    note,
    note_reading,
    number_of,
    task_numbers,
    values_of,
)
from .teams import Responder

MOST_IN_A_DAY = 18
"""Messages about single requests one phone gets unasked in 24 hours; beyond that one an hour names
what is waiting. With two of those, a flood of requests is 20 messages to a phone."""
PILE_EVERY = timedelta(hours=1)
ASKED_FOR = "sms.task_yours"
"""The answer to taking a request: news too, but not unasked."""
AGAIN = "sms.task_again"
"""What a member took is not solved; the villager is told that they know, so it has room apart."""
MOST_AGAIN_IN_A_DAY = 12
TAKEN = "sms.task_taken"
OWN_DOING = [f"%:{key}:%" for key in (ASKED_FOR, AGAIN, TAKEN)]
"""Keys of what the team's own doing causes, which strangers cannot make more of."""

TOLD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND NOT idem_key LIKE ANY(:own_doing)
      AND created_at > clock_timestamp() - interval '24 hours'
""")
AGAIN_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND position(:again IN idem_key) > 0
      AND created_at > clock_timestamp() - interval '24 hours'
""")
TOLD_OF = text("""
    SELECT DISTINCT phone_id FROM messages_out WHERE request_id = :request_id AND class = 'alert'
""")
ENOUGH_TODAY = text("""
    SELECT msisdn FROM messages_out
    WHERE msisdn = ANY(:numbers) AND class = 'alert' AND NOT idem_key LIKE ANY(:own_doing)
      AND created_at > clock_timestamp() - interval '24 hours'
    GROUP BY msisdn HAVING count(*) >= :most
""")
HEARD_LATELY = text("""
    SELECT EXISTS (SELECT FROM messages_out
                   WHERE request_id = :request_id AND phone_id = :phone_id AND class = 'alert'
                     AND position(:taken IN idem_key) > 0
                     AND created_at > clock_timestamp() - interval '2 minutes')
""")
WAITING = text("""
    SELECT t.number
    FROM task_numbers t JOIN help_requests r ON r.id = t.request_id
    WHERE t.phone_id = :phone_id AND t.freed_at IS NULL
      AND r.state = 'open'
    ORDER BY t.id DESC LIMIT 8
""")
LAST_PILE = text("""
    SELECT id, due_at + :every AS next_at, clock_timestamp() AS now
    FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND starts_with(idem_key, 'pile:')
      AND created_at > clock_timestamp() - interval '24 hours'
    ORDER BY due_at DESC LIMIT 1
""")
REWORD = text("""
    UPDATE messages_out SET body = :body, segments = :segments
    WHERE id = :id AND state = 'queued' AND due_at > clock_timestamp()
    RETURNING id
""")


def summon(
    desk: Desk, request: HelpRequest, responders: Sequence[Responder], *, is_first: bool
) -> None:
    """Tell members of a request nobody has; the caller holds the locks on their phones.

    Whoever has hours of their own and is asleep hears when they wake.
    """
    session = desk.unit.session
    has, now = task_numbers(session, request), now_by(session)
    ladder = desk.words.ladders.of(request.topic)
    for responder in responders:
        phone = responder.phone
        number = has.get(phone.id) or give_task_number(session, phone.id, request.id)
        wakes = awake_at(now, responder.hours(ALWAYS)) if ladder.sleeps else now
        told = tell_member(
            desk,
            phone,
            _summons(request, is_first=is_first, is_again=phone.id in has),
            request,
            number,
            due_at=wakes if wakes > now else None,
        )
        if not told:
            _tell_of_the_pile(desk, phone)
    note(session, request, Event.TOLD, words=f"{len(responders)} people")


def _summons(request: HelpRequest, *, is_first: bool, is_again: bool) -> str:
    if is_again:
        return "sms.task_still"
    if not is_first:
        return "sms.task_up_words" if request.words else "sms.task_up"
    return "sms.task_new_words" if request.words else "sms.task_new"


def summon_again(
    desk: Desk, request: HelpRequest, helper: Person, phone: Phone, number: int | None
) -> None:
    """Tell the one who had a request that it is not solved, with the number to call.

    The caller holds the lock on their phone.
    """
    if number is None:
        number = give_task_number(desk.unit.session, phone.id, request.id)
    session = desk.unit.session
    to_call = number_of(session, request)
    if tell_member(desk, phone, AGAIN, request, number, to_call=to_call):
        note_reading(session, request, helper)


def tell_those_told(desk: Desk, request: HelpRequest, key: str, *, but: int | None = None) -> None:
    """Tell whoever was told of a request by itself, and still has a number for it, its news.

    The caller holds the locks on their phones. A team may be large and everybody else waits for
    these locks, so what all of them have in common is looked up once.
    """
    session = desk.unit.session
    numbers = task_numbers(session, request)
    told = set(session.scalars(TOLD_OF, {"request_id": request.id})) & set(numbers) - {but}
    phones = session.scalars(select(Phone).where(Phone.id.in_(told)).order_by(Phone.id)).all()
    ids = [phone.holder_id for phone in phones]
    holders = session.scalars(select(Person).where(Person.id.in_(ids))).all()
    enough = _those_who_heard_enough(session, phones)
    values = values_of(session, request)
    for phone in phones:
        if phone.msisdn in enough:
            raise_alarm(session.connection(), "buried_in_requests", f"phone {phone.id}")
            continue
        about = {**values, "task": str(numbers[phone.id]), "phone": ""}
        alert = MessageClass.ALERT
        desk.tell(phone, key, about, message_class=alert, request_id=request.id)
    del holders  # the session holds them weakly; until here each is found without asking again


def _those_who_heard_enough(session: Session, phones: Sequence[Phone]) -> set[str]:
    numbers = [phone.msisdn for phone in phones]
    asked = {"numbers": numbers, "own_doing": OWN_DOING, "most": MOST_IN_A_DAY}
    return set(session.scalars(ENOUGH_TODAY, asked))


def has_just_heard(desk: Desk, request: HelpRequest) -> bool:
    """Say whether the speaker was told a moment ago that a request is taken: our texts crossed."""
    asked = {"request_id": request.id, "phone_id": desk.phone().id, "taken": f":{TAKEN}:"}
    return bool(desk.unit.session.execute(HEARD_LATELY, asked).scalar_one())


def tell_member(
    desk: Desk,
    phone: Phone,
    key: str,
    request: HelpRequest,
    number: int,
    *,
    to_call: str = "",
    due_at: datetime | None = None,
) -> bool:
    """Tell a member of one request; False when this phone has had too many such messages today."""
    session = desk.unit.session
    if _has_heard_enough(session, phone, key):
        raise_alarm(session.connection(), "buried_in_requests", f"phone {phone.id}")
        return False
    desk.tell(
        phone,
        key,
        {**values_of(session, request), "task": str(number), "phone": to_call},
        message_class=MessageClass.ALERT,
        request_id=request.id,
        due_at=due_at,
    )
    return True


def _has_heard_enough(session: Session, phone: Phone, key: str) -> bool:
    if key == AGAIN:
        again = session.execute(AGAIN_TODAY, {"msisdn": phone.msisdn, "again": f":{AGAIN}:"})
        return bool(again.scalar_one() >= MOST_AGAIN_IN_A_DAY)
    told = session.execute(TOLD_TODAY, {"msisdn": phone.msisdn, "own_doing": OWN_DOING})
    return bool(told.scalar_one() >= MOST_IN_A_DAY)


def _tell_of_the_pile(desk: Desk, phone: Phone) -> None:
    """See to it that a message names what is waiting: now, or an hour after the last one."""
    session = desk.unit.session
    numbers = session.scalars(WAITING, {"phone_id": phone.id}).all()
    if not numbers:
        return
    # The newest first: of the others this phone has heard.
    body = desk.words.say("sms.task_pile", desk.language_of(phone), {"tasks": listed(numbers)})
    last = session.execute(LAST_PILE, {"msisdn": phone.msisdn, "every": PILE_EVERY}).one_or_none()
    if last is not None:
        now_says = {"id": last.id, "body": body, "segments": count(body).segments}
        if session.execute(REWORD, now_says).one_or_none() is not None:
            return
    put(
        desk.unit,
        Message(
            idem_key=f"pile:{phone.id}:{desk.cause}",
            message_class=MessageClass.ALERT,
            to=Msisdn(phone.msisdn),
            body=body,
            phone_id=phone.id,
            due_at=last.next_at if last is not None and last.next_at > last.now else None,
        ),
    )
