"""Puts a message into the outbox, in the transaction of the event that caused it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service.records.messages import MessageClass, MessageState
from service.records.unit import Unit
from service.text.gsm7 import count
from service.text.phones import Msisdn

from . import promos
from .classes import RULES

PUT = text("""
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest, phone_id,
                              person_id, request_id, body, segments, state, code, due_at,
                              valid_until)
    SELECT :idem_key, :class, :lane, :priority, :msisdn, :recipient_digest, :phone_id,
           (SELECT holder_id FROM phones WHERE id = CAST(:phone_id AS bigint)),
           :request_id, :body, :segments, :state, :code, coalesce(:due_at, clock_timestamp()),
           coalesce(:valid_until, coalesce(:due_at, clock_timestamp()) + :valid_for)
    WHERE NOT EXISTS (SELECT FROM suppressions
                      WHERE digest = CAST(:recipient_digest AS text) AND kind = 'news')
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
    recipient_digest: str | None = None
    """service.village.suppressions.digest() of the number, where the class may be refused."""


def put(unit: Unit, message: Message) -> int | None:
    """Add a message to the outbox; return its id, or None when this event already has one.

    None as well when the number has refused such messages. It leaves with the commit of `unit` or
    not at all; the lane is woken after the commit. Raises ValueError for a class that may be
    refused without what the refusal is looked up by, and promos.NotAllowed for unlawful
    advertising.
    """
    is_held = message.message_class is MessageClass.PROMO and _must_wait(unit, message)
    row = unit.session.execute(PUT, _values(message, is_held=is_held)).one_or_none()
    if row is None:
        return None
    if message.due_at is None and not is_held:
        unit.lanes.add(RULES[message.message_class].lane)
    return int(row.id)


def put_all(unit: Unit, messages: Sequence[Message]) -> None:
    """Add many messages at once, as put() would add each.

    Raises ValueError as put() does, and for advertising, each of which has its own day.
    """
    if any(message.message_class is MessageClass.PROMO for message in messages):
        raise ValueError("advertising is put one by one")
    if messages:
        unit.session.execute(PUT, [_values(message, is_held=False) for message in messages])
    unit.lanes |= {RULES[m.message_class].lane for m in messages if m.due_at is None}


def _values(message: Message, *, is_held: bool) -> dict[str, object]:
    rules = RULES[message.message_class]
    if rules.refusable and not message.recipient_digest:
        raise ValueError(f"a {message.message_class} needs the digest of its number")
    return {
        "idem_key": message.idem_key,
        "class": message.message_class,
        "lane": rules.lane,
        "priority": rules.priority,
        "msisdn": message.to,
        "recipient_digest": message.recipient_digest if rules.refusable else None,
        "state": MessageState.HELD if is_held else MessageState.QUEUED,
        "code": "promo_cap" if is_held else None,
        "phone_id": message.phone_id,
        "request_id": message.request_id,
        "body": message.body,
        "segments": count(message.body).segments,
        "due_at": message.due_at,
        "valid_until": message.valid_until,
        "valid_for": rules.valid_for,
    }


def _must_wait(unit: Unit, message: Message) -> bool:
    """Check what the law asks of advertising, and say whether it has to wait for its day."""
    connection = unit.session.connection()
    promos.check(connection, message.body, message.phone_id, message.recipient_digest)
    return promos.is_too_many(connection, message.to)
