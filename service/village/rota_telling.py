"""Writing to members about the rota, when they are awake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.text.waking import awake_at

from .desk import Desk
from .teams import hours_of


def tell_awake(
    desk: Desk,
    phone: Phone,
    person: Person,
    key: str,
    said: Mapping[str, str],
    *,
    before: datetime | None = None,
) -> None:
    """Write to a member in their waking hours, at night too when it must be known `before`."""
    now = now_by(desk.unit.session)
    wakes = awake_at(now, hours_of(person, desk.words.ladders.waking))
    waits = wakes > now and (before is None or wakes < before)
    desk.tell(phone, key, said, message_class=MessageClass.ALERT, due_at=wakes if waits else None)
