"""Requests that are named together in one message, so that no phone is buried under single ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from service.outbox.alarms import raise_alarm
from service.outbox.put import Message, put
from service.records.messages import MessageClass
from service.records.people import Phone
from service.text.gsm7 import count
from service.text.phones import Msisdn

from .desk import Desk
from .ledger import listed

MOST_IN_A_DAY = 18
"""Messages about single requests one phone gets unasked in 24 hours; beyond that one an hour names
what is waiting. With two of those, a flood of requests is 20 messages to a phone."""
BURIED = "buried_in_requests"
"""The alarm that tells an operator of it."""
PILE_EVERY = timedelta(hours=1)

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
# What an operator holds may leave later, and is put right meanwhile like all others.
UNSENT_PILES = text("""
    SELECT id, phone_id FROM messages_out
    WHERE msisdn IN (SELECT msisdn FROM phones WHERE id = ANY(:phone_ids))
      AND lane = 'reply' AND (state = 'queued' OR state = 'held')
      AND starts_with(idem_key, 'pile:')
    ORDER BY id FOR UPDATE
""")
CANCEL_PILE = text("""
    UPDATE messages_out SET state = 'cancelled', code = 'gone', changed_at = clock_timestamp()
    WHERE id = :id AND state = ANY(ARRAY['held', 'queued'])
""")
SHORTEN_PILE = text("""
    UPDATE messages_out SET body = :body, segments = :segments
    WHERE id = :id AND state = ANY(ARRAY['held', 'queued'])
""")
REWORD = text("""
    UPDATE messages_out
    SET body = :body, segments = :segments, due_at = least(due_at, coalesce(:due_at, due_at))
    WHERE id = :id AND state = 'queued' AND due_at > clock_timestamp()
    RETURNING id
""")


def tell_of_the_pile(desk: Desk, phone: Phone, *, at_latest: datetime | None = None) -> None:
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
    body = _pile(desk, phone, found)
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


def shorten_piles(desk: Desk, phone_ids: Collection[int]) -> None:
    """Leave out what is not waiting any more where a message that names it has not left yet."""
    session = desk.unit.session
    for pile in session.execute(UNSENT_PILES, {"phone_ids": list(phone_ids)}).all():
        found = session.execute(WAITING, {"phone_id": pile.phone_id}).all()
        if not found:
            session.execute(CANCEL_PILE, {"id": pile.id})
            continue
        body = _pile(desk, session.get_one(Phone, pile.phone_id), found)
        says = {"id": pile.id, "body": body, "segments": count(body).segments}
        session.execute(SHORTEN_PILE, says)


def _pile(desk: Desk, phone: Phone, found: Sequence[Row[Any]]) -> str:
    """Return the words that name what is waiting, the newest first: of the others they heard."""
    tasks = listed([row.number for row in found])
    values = {"tasks": tasks, "waiting": str(found[0].waiting)}
    return desk.words.say("sms.task_pile", desk.language_of(phone), values)
