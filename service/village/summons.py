"""Telling a team that somebody needs help, without burying a phone under messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest
from service.text.waking import ALWAYS, awake_at

from .callouts import call_out
from .callouts import tell as tell_of_emergency
from .desk import Desk
from .ledger import (
    called,
    give_task_number,
    list_again,
    note,
    note_reading,
    number_of,
    task_numbers,
    values_of,
)
from .piles import BURIED, MOST_IN_A_DAY, tell_of_the_pile
from .teams import Responder

BURST = timedelta(minutes=15)
MOST_IN_A_BURST = 4
"""Messages about new requests one phone gets within a BURST; the others are named together at its
end, and that is soon: whoever asked should not wait for an hour because others asked before."""
ASKED_FOR = "sms.task_yours"
"""The answer to taking a request: news too, but not unasked."""
AGAIN = "sms.task_again"
"""What a member took is not solved; the villager is told that they know, so it has room apart."""
MOST_AGAIN_IN_A_DAY = 12
TAKEN = "sms.task_taken"
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
        *(ASKED_FOR, AGAIN, TAKEN, "sms.inquiry_answer", "sms.inquiry_answer_more"),
        *("sms.task_waits", "sms.task_returned", "sms.rota%"),
    )
] + ["week:%", "class:%"]
"""How the keys look of what the team's own doing causes, which strangers cannot make more of."""

ENOUGH_TODAY = text("""
    SELECT msisdn FROM messages_out
    WHERE msisdn = ANY(:numbers) AND class = 'alert' AND NOT idem_key LIKE ANY(:own_doing)
      AND created_at > clock_timestamp() - interval '24 hours'
    GROUP BY msisdn HAVING count(*) >= :most
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


def summon(
    desk: Desk, request: HelpRequest, responders: Sequence[Responder], *, is_first: bool
) -> None:
    """Tell members of a request nobody has; the caller holds the locks on their phones.

    Whoever has hours of their own and is asleep hears when they wake, but of an emergency at once.
    """
    session = desk.unit.session
    if request.topic == EMERGENCY:
        call_out(desk, request, responders, is_first=is_first)
        note(session, request, Event.TOLD, words=f"{len(responders)} people")
        return
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
        tell_of_the_pile(desk, phone, at_latest=ends_at)
        return
    more = {"leader": called(passer)} if passer else {}
    if not tell_member(desk, phone, key, request, number, due_at=due_at, more=more):
        tell_of_the_pile(desk, phone)


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
    if request.topic == EMERGENCY:
        tell_of_emergency(desk, phone, key, request, number)
        return True
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
    return phone.msisdn in who_heard_enough(session, [phone])


def who_heard_enough(session: Session, phones: Sequence[Phone]) -> set[str]:
    """Return the numbers of those phones that were told of enough single requests today."""
    numbers = [phone.msisdn for phone in phones]
    asked = {"numbers": numbers, "own_doing": OWN_DOING, "most": MOST_IN_A_DAY}
    return set(session.scalars(ENOUGH_TODAY, asked))
