"""Telling a team that somebody needs help, without burying a phone under messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
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
    called,
    give_task_number,
    list_again,
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
BURIED = "buried_in_requests"
"""The alarm that tells an operator of it."""
BURST = timedelta(minutes=15)
MOST_IN_A_BURST = 4
"""Messages about new requests one phone gets within a BURST; the others are named together at its
end, and that is soon: whoever asked should not wait for an hour because others asked before."""
ASKED_FOR = "sms.task_yours"
"""The answer to taking a request: news too, but not unasked."""
AGAIN = "sms.task_again"
"""What a member took is not solved; the villager is told that they know, so it has room apart."""
MOST_AGAIN_IN_A_DAY = 12
PASSED = "sms.task_passed"
"""A colleague passed it to this very phone."""
NEW = frozenset(
    {"sms.task_new", "sms.task_new_words", "sms.task_up", "sms.task_up_words", "sms.task_still"}
)
"""What tells of a request that nobody has."""
SINGLE = [f"%:{key}:%" for key in sorted({*NEW, PASSED})]
"""How the keys of messages look that tell of one request to be taken."""
OWN_DOING = [
    f"%:{key}:%"
    for key in (
        *(ASKED_FOR, AGAIN, "sms.task_taken", "sms.inquiry_answer", "sms.inquiry_answer_more"),
        *("sms.task_waits", "sms.task_returned"),
    )
]
"""Keys of what the team's own doing causes, which strangers cannot make more of."""

TOLD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND NOT idem_key LIKE ANY(:own_doing)
      AND created_at > clock_timestamp() - interval '24 hours'
""")
LATELY = text("""
    SELECT count(*) AS told, min(due_at) + :burst AS ends_at FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND idem_key LIKE ANY(:single)
      AND created_at > clock_timestamp() - interval '24 hours'
      AND due_at > coalesce(:at, clock_timestamp()) - :burst
      AND due_at <= coalesce(:at, clock_timestamp())
""")
AGAIN_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert' AND position(:again IN idem_key) > 0
      AND created_at > clock_timestamp() - interval '24 hours'
""")
TOLD_OF = text("""
    SELECT DISTINCT phone_id FROM messages_out WHERE request_id = :request_id AND class = 'alert'
""")
WAITING = text("""
    SELECT t.number, count(*) OVER () AS waiting
    FROM task_numbers t JOIN help_requests r ON r.id = t.request_id
    WHERE t.phone_id = :phone_id AND t.freed_at IS NULL AND t.passed_at IS NULL
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
    UPDATE messages_out
    SET body = :body, segments = :segments, due_at = least(due_at, coalesce(:due_at, due_at))
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
    has = task_numbers(session, request)
    for responder in responders:
        phone = responder.phone
        key = _summons(request, is_first=is_first, is_again=phone.id in has)
        number = has.get(phone.id) or give_task_number(session, phone.id, request.id)
        _tell_one(desk, request, responder, key, number=number)
    note(session, request, Event.TOLD, words=f"{len(responders)} people")


def summon_by_name(desk: Desk, request: HelpRequest, responder: Responder, passer: Person) -> None:
    """Tell one member that a colleague passes a request to them; their phone is locked."""
    session, phone = desk.unit.session, responder.phone
    has = task_numbers(session, request).get(phone.id)
    number = has or give_task_number(session, phone.id, request.id)
    _tell_one(desk, request, responder, PASSED, number=number, passer=passer)


def _tell_one(
    desk: Desk,
    request: HelpRequest,
    responder: Responder,
    key: str,
    *,
    number: int,
    passer: Person | None = None,
) -> None:
    """Tell a member now, or when they wake; what is too much for their phone goes to the pile."""
    phone, sleeps = responder.phone, desk.words.ladders.of(request.topic).sleeps
    list_again(desk.unit.session, phone.id, request.id)
    now = now_by(desk.unit.session)
    wakes = awake_at(now, responder.hours(ALWAYS)) if sleeps else now
    due_at = wakes if wakes > now else None
    if sleeps and key in NEW and (ends_at := _end_of_burst(desk.unit.session, phone, due_at)):
        _tell_of_the_pile(desk, phone, at_latest=ends_at)
        return
    more = {"leader": called(passer)} if passer else {}
    if not tell_member(desk, phone, key, request, number, due_at=due_at, more=more):
        _tell_of_the_pile(desk, phone)


def _end_of_burst(session: Session, phone: Phone, due_at: datetime | None) -> datetime | None:
    """Return when those may be named together who come too thick for messages of their own."""
    if _has_heard_enough(session, phone, PASSED):
        return None
    about = {"msisdn": phone.msisdn, "single": SINGLE, "burst": BURST, "at": due_at}
    told = session.execute(LATELY, about).one()
    return told.ends_at if told.told >= MOST_IN_A_BURST else None


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


def told_of(desk: Desk, request: HelpRequest, numbers: Mapping[int, int]) -> list[Phone]:
    """Return the phones that still have a number for a request and were told of it by itself."""
    told = set(desk.unit.session.scalars(TOLD_OF, {"request_id": request.id}))
    phones = (desk.unit.session.get(Phone, phone_id) for phone_id in sorted(told & set(numbers)))
    return [phone for phone in phones if phone is not None]


def tell_member(
    desk: Desk,
    phone: Phone,
    key: str,
    request: HelpRequest,
    number: int,
    *,
    to_call: str = "",
    due_at: datetime | None = None,
    more: Mapping[str, str] | None = None,
) -> bool:
    """Tell a member of one request; False when this phone has had too many such messages today."""
    session = desk.unit.session
    if _has_heard_enough(session, phone, key):
        raise_alarm(session.connection(), BURIED, f"phone {phone.id}")
        return False
    desk.tell(
        phone,
        key,
        {**values_of(session, request), "task": str(number), "phone": to_call, **(more or {})},
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


def _tell_of_the_pile(desk: Desk, phone: Phone, *, at_latest: datetime | None = None) -> None:
    """See to it that a message names what is waiting.

    At the end of a burst, `at_latest`; beyond what a phone may get in a day now, or an hour after
    the last such message.
    """
    session = desk.unit.session
    found = session.execute(WAITING, {"phone_id": phone.id}).all()
    if not found:
        return
    if found[0].waiting > MOST_IN_A_DAY:
        raise_alarm(session.connection(), BURIED, f"phone {phone.id}")
    # The newest first: of the others this phone has heard.
    tasks = listed([row.number for row in found])
    values = {"tasks": tasks, "waiting": str(found[0].waiting)}
    body = desk.words.say("sms.task_pile", desk.language_of(phone), values)
    last = session.execute(LAST_PILE, {"msisdn": phone.msisdn, "every": PILE_EVERY}).one_or_none()
    if last is not None:
        says = {"body": body, "segments": count(body).segments, "due_at": at_latest}
        if session.execute(REWORD, {"id": last.id, **says}).one_or_none() is not None:
            return
    hourly = last.next_at if last is not None and last.next_at > last.now else None
    put(
        desk.unit,
        Message(
            idem_key=f"pile:{phone.id}:{desk.cause}",
            message_class=MessageClass.ALERT,
            to=Msisdn(phone.msisdn),
            body=body,
            phone_id=phone.id,
            due_at=at_latest or hourly,
        ),
    )
