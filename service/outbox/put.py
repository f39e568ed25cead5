"""Puts a message into the outbox, in the transaction of the event that caused it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service.records.messages import MessageClass
from service.records.unit import Unit
from service.text.gsm7 import count
from service.text.phones import Msisdn

from .classes import RULES

PUT = text("""
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, phone_id, request_id, body,
                              segments, state, due_at, valid_until)
    VALUES (:idem_key, :class, :lane, :priority, :msisdn, :phone_id, :request_id, :body,
            :segments, 'queued', coalesce(:due_at, clock_timestamp()),
            coalesce(:valid_until, coalesce(:due_at, clock_timestamp()) + :valid_for))
    ON CONFLICT (idem_key) DO NOTHING
    RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent: one number, the words as they leave, and what caused it."""

    idem_key: str
    """Names the event, like "request:17:accepted:villager"; the same key again adds nothing."""
    message_class: MessageClass
    to: Msisdn
    body: str
    phone_id: int | None = None
    request_id: int | None = None
    due_at: datetime | None = None
    valid_until: datetime | None = None


def put(unit: Unit, message: Message) -> int | None:
    """Add a message to the outbox; return its id, or None when this event already has one.

    It leaves with the commit of `unit` or not at all; the lane is woken after the commit.
    """
    rules = RULES[message.message_class]
    row = unit.session.execute(
        PUT,
        {
            "idem_key": message.idem_key,
            "class": message.message_class,
            "lane": rules.lane,
            "priority": rules.priority,
            "msisdn": message.to,
            "phone_id": message.phone_id,
            "request_id": message.request_id,
            "body": message.body,
            "segments": count(message.body).segments,
            "due_at": message.due_at,
            "valid_until": message.valid_until,
            "valid_for": rules.valid_for,
        },
    ).one_or_none()
    if row is None:
        return None
    if message.due_at is None:
        unit.lanes.add(rules.lane)
    return int(row.id)
