"""Telling a team that somebody needs help, without burying a phone under messages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.records.people import Phone
from service.records.requests import Event, HelpRequest
from service.text.phones import Msisdn, national_compact

from .desk import Desk
from .ledger import give_task_number, note, values_of
from .teams import Responder

MOST_IN_A_DAY = 20
"""Messages about new requests one phone gets in 24 hours; beyond that, one an hour names them."""

TOLD_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'alert'
      AND created_at > clock_timestamp() - interval '24 hours'
""")
WAITING = text("""
    SELECT t.number, date_trunc('hour', clock_timestamp()) AS hour
    FROM task_numbers t JOIN help_requests r ON r.id = t.request_id
    WHERE t.phone_id = :phone_id AND t.freed_at IS NULL AND r.state = 'open'
    ORDER BY t.id DESC LIMIT 8
""")


def summon(desk: Desk, request: HelpRequest, responders: Sequence[Responder]) -> None:
    """Tell everybody of a team of a new request; the caller holds the locks on their phones."""
    session = desk.unit.session
    values = values_of(session, request)
    for responder in responders:
        number = give_task_number(session, responder.phone.id, request.id)
        msisdn = responder.phone.msisdn
        if session.execute(TOLD_TODAY, {"msisdn": msisdn}).scalar_one() >= MOST_IN_A_DAY:
            _tell_of_the_pile(desk, responder.phone)
            continue
        desk.tell(
            responder.phone,
            "sms.task_new_words" if request.words else "sms.task_new",
            {**values, "task": str(number)},
            message_class=MessageClass.ALERT,
            request_id=request.id,
        )
    note(session, request, Event.TOLD, words=f"{len(responders)} people")


def summon_again(desk: Desk, request: HelpRequest, phone: Phone, number: int | None) -> None:
    """Tell the one who had a request that it is not solved, with the number to call."""
    if number is None:
        number = give_task_number(desk.unit.session, phone.id, request.id)
    asker = desk.unit.session.get(Phone, request.phone_id)
    assert asker is not None
    values = {
        **values_of(desk.unit.session, request),
        "task": str(number),
        "phone": national_compact(Msisdn(asker.msisdn)),
    }
    desk.tell(
        phone,
        "sms.task_again",
        values,
        message_class=MessageClass.ALERT,
        request_id=request.id,
    )


def _tell_of_the_pile(desk: Desk, phone: Phone) -> None:
    """Send at most one message an hour that names what is waiting."""
    rows = desk.unit.session.execute(WAITING, {"phone_id": phone.id}).all()
    body = desk.words.say(
        "sms.task_pile",
        desk.language_of(phone),
        {"tasks": ", ".join(str(row.number) for row in sorted(rows))},
    )
    put(
        desk.unit,
        Message(
            idem_key=f"pile:{phone.id}:{rows[0].hour.isoformat()}",
            message_class=MessageClass.ALERT,
            to=Msisdn(phone.msisdn),
            body=body,
            phone_id=phone.id,
        ),
    )
