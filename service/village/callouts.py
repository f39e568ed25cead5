"""Calling a team out to an emergency: in which words, and how often one phone is told.

What is told travels in a lane of its own, past quiet hours and caps on spending; so each phone has
a limit by the hour. It holds on every step of the ladder: a night in which two hundred call is not
two hundred messages to the province.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.outbox.alarms import raise_alarm
from service.records.messages import MessageClass
from service.records.people import Person, Phone
from service.records.requests import HelpRequest
from service.text.local_time import in_vietnam

from .desk import Desk
from .ledger import give_task_number, note_reading, number_of, task_numbers, values_of
from .teams import Responder

MOST_TO_A_PHONE = {"sms": 10, "ussd": 30}
"""Messages of emergencies one phone gets in an hour, by how they were raised; beyond these one an
hour says that there are many. Who can forge a sender could else bury a leader under invented ones.
"""
FIRST, HIGHER, STILL = (
    "sms.task_emergency",
    "sms.task_emergency_up",
    "sms.task_emergency_still",
)
OF_MANY = "sms.task_emergency_many"
MISTAKE = "sms.task_emergency_off"
YOURS = "sms.task_emergency_yours"
CALLED_OUT = [f"%:{key}:%" for key in (FIRST, HIGHER, STILL, OF_MANY)]
"""Keys of what calls somebody out, to one emergency or to many."""
SHOW_THE_NUMBER = frozenset({FIRST, HIGHER, STILL, MISTAKE, YOURS})
COUNTED = [f"%:{key}:%" for key in (FIRST, HIGHER, STILL, MISTAKE)]
"""Keys of what strangers can cause; what the team's own doing causes they can make no more of."""

OWN_WORDS: Mapping[str, str] = {
    "sms.task_yours": YOURS,
    "sms.task_taken": "sms.task_emergency_taken",
    "sms.task_cancelled": "sms.task_emergency_cancelled",
    "sms.accepted": "sms.emergency_taken",
    "sms.at_the_desk": "sms.emergency_at_the_desk",
    "sms.done": "sms.emergency_done",
    "sms.reopened": "sms.emergency_reopened",
    "sms.status_open": "sms.status_emergency",
    "sms.status_accepted": "sms.emergency_taken",
    "sms.status_done": "sms.emergency_done",
}
"""What is said of an emergency instead of what is said of any other request."""
TO_THE_CALLER_AT_ONCE = frozenset({"sms.emergency_taken", "sms.emergency_at_the_desk"})

HEARD = text("""
    SELECT count(*) FILTER (WHERE idem_key LIKE ANY(:counted)
                            AND starts_with(idem_key, :channel || ':')) AS single,
           count(*) FILTER (WHERE position(:of_many IN idem_key) > 0) AS of_many
    FROM messages_out
    WHERE msisdn = :msisdn AND class = 'emergency'
      AND created_at > clock_timestamp() - interval '1 hour'
""")
TOLD_BEFORE = text("""
    SELECT DISTINCT phone_id FROM messages_out
    WHERE request_id = :request_id AND class = 'emergency' AND idem_key LIKE ANY(:counted)
""")

# Held by a worker or not: without its token whoever holds one cannot begin it any more.
CALL_BACK = text("""
    WITH unsent AS (
        SELECT id FROM messages_out
        WHERE request_id = :request_id AND class IN ('alert', 'emergency')
          AND state = ANY(ARRAY['held', 'queued', 'leased']) AND phone_id <> :asker
          AND phone_id = coalesce(CAST(:phone_id AS bigint), phone_id)
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'gone', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    FROM unsent
    WHERE m.id = unsent.id AND m.state = ANY(ARRAY['held', 'queued', 'leased'])
""")


def worded(request: HelpRequest, key: str) -> str:
    """Return the text that says of this request what a text says of any."""
    return OWN_WORDS.get(key, key) if request.topic == EMERGENCY else key


def to_the_caller(request: HelpRequest, key: str) -> tuple[str, MessageClass]:
    """Return the text for whoever asked, and its class.

    Who has an emergency in hand, and that nobody has, is not held back for any number of others.
    """
    own = worded(request, key)
    at_once = own in TO_THE_CALLER_AT_ONCE
    return own, MessageClass.EMERGENCY if at_once else MessageClass.REPLY


def call_out(
    desk: Desk, request: HelpRequest, responders: Sequence[Responder], *, is_first: bool
) -> None:
    """Tell members of an emergency; the caller holds the locks on their phones.

    Each gets a number for it, those too who are told only that there are many: it stands in their
    list. Whoever was told of this one before leaves room for what they have not heard of.
    """
    session, by = desk.unit.session, _raised_by(desk, request)
    has, before = task_numbers(session, request), reached(session, request)
    # The limits of texts and of calls are told apart by how the key of a message begins.
    telling = desk if desk.cause.startswith(f"{by}:") else replace(desk, cause=f"{by}:{desk.cause}")
    for responder in responders:
        phone = responder.phone
        number = has.get(phone.id) or give_task_number(session, phone.id, request.id)
        heard, is_again = _heard(session, phone, by), phone.id in before
        if heard.single < MOST_TO_A_PHONE[by] // (2 if is_again else 1):
            call_back(session, request, phone.id)  # of several that could not leave the last does
            key = STILL if is_again else FIRST if is_first else HIGHER
            tell(telling, phone, key, request, number)
            continue
        raise_alarm(session.connection(), "emergency_flood", f"team {responder.team_id}")
        if not heard.of_many:
            telling.tell(phone, OF_MANY, {}, message_class=MessageClass.EMERGENCY)


def call_back(session: Session, request: HelpRequest, phone_id: int | None = None) -> None:
    """Cancel what members, or one phone, were to be told of a request and what has not left yet."""
    about = {"request_id": request.id, "asker": request.phone_id, "phone_id": phone_id}
    session.execute(CALL_BACK, about)


def reached(session: Session, request: HelpRequest) -> set[int]:
    """Return the ids of the phones that were told of this very emergency."""
    about = {"request_id": request.id, "counted": COUNTED}
    return set(session.scalars(TOLD_BEFORE, about))


def tell(desk: Desk, phone: Phone, key: str, request: HelpRequest, number: int) -> None:
    """Tell a member of one emergency; that the number to call is shown is on record."""
    session, said = desk.unit.session, worded(request, key)
    assert request.opened_at is not None
    values = {
        **values_of(session, request),
        "task": str(number),
        "phone": number_of(session, request),
        "time": in_vietnam(request.opened_at).strftime("%H:%M %d/%m"),
    }
    desk.tell(
        phone,
        said,
        values,
        message_class=MessageClass.EMERGENCY,
        request_id=request.id,
    )
    if said not in SHOW_THE_NUMBER:
        return
    reader = session.get(Person, phone.holder_id) if phone.holder_id else None
    if reader is not None:
        note_reading(session, request, reader)


def _raised_by(desk: Desk, request: HelpRequest) -> str:
    """Return whose limit counts: of texts, when the one in need is texting, else how it began."""
    asker = desk.unit.session.get_one(Phone, request.phone_id)
    speaks = desk.msisdn == asker.msisdn and desk.channel in MOST_TO_A_PHONE
    return desk.channel if speaks else request.channel


def _heard(session: Session, phone: Phone, by: str) -> Any:
    """Count what a phone was told of in the last hour: of single emergencies, and of many."""
    values = {"msisdn": phone.msisdn, "channel": by, "of_many": OF_MANY, "counted": COUNTED}
    return session.execute(HEARD, values).one()
