"""A request somebody has taken and says nothing of: they are reminded, then others are asked.

By day only, unless its ladder never sleeps. Whoever is in no team any more, away or not to be
reached is not reminded: others are asked at once when nothing was heard for as long.
"""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY, Ladder
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.requests import Event, HelpRequest
from service.records.unit import Units
from service.text.waking import awake_at

from .climbing import desk_of, first_step, put_back
from .desk import Desk, Words, lock_phones
from .ledger import called, give_task_number, note, task_numbers, values_of
from .parties import Step, next_step
from .tasks import tell_villager
from .teams import is_there

MOST_AT_ONCE = 200

# Every word is an event: taken, noted, asked, answered, not solved. Before there was a reminder
# nobody is taken a request from, however long the clock stood still.
SILENT = text("""
    SELECT id, coalesce(reminded_at >= heard_at, false) AS is_reminded
    FROM (SELECT r.id, r.reminded_at,
                 greatest(r.accepted_at, (SELECT max(e.at) FROM request_events e
                                          WHERE e.request_id = r.id)) AS heard_at
          FROM help_requests r LEFT JOIN climbs c ON c.request_id = r.id
          WHERE r.state = 'accepted' AND (CAST(:id AS bigint) IS NULL OR r.id = :id)
            AND coalesce(c.ladder, 'ordinary') = :ladder) AS held
    WHERE CASE WHEN reminded_at >= heard_at THEN reminded_at < clock_timestamp() - :back
               ELSE heard_at < clock_timestamp() - :remind END
    ORDER BY id LIMIT :most
""")

log = structlog.get_logger("village.held")


def look_after_held(units: Units, words: Words) -> int:
    """Remind of, or give back, every request not heard of for too long; return how many."""
    with units.open() as unit:
        now = now_by(unit.session)
        by_day = awake_at(now, words.ladders.waking) == now
        ladders = [
            ladder for ladder in words.ladders.by_name.values() if by_day or not ladder.sleeps
        ]
        found = {id_: ladder for ladder in ladders for id_ in _silent(unit.session, ladder)}
    for request_id, ladder in found.items():
        try:
            _look_after_one(units, words, request_id, ladder)
        except Exception:  # one request must not keep the others waiting
            log.exception("held_failed", request=request_id)
    return len(found)


def _silent(session: Session, ladder: Ladder, request_id: int | None = None) -> dict[int, bool]:
    """Return which requests of a ladder are due, and whether their holder has been reminded."""
    held, name = ladder.held, {"ladder": ladder.name, "id": request_id}
    about = {**name, "remind": held.remind, "back": held.back, "most": MOST_AT_ONCE}
    return {row.id: row.is_reminded for row in session.execute(SILENT, about).all()}


def _look_after_one(units: Units, words: Words, request_id: int, ladder: Ladder) -> None:
    with units.open() as unit:
        session = unit.session
        request = session.get_one(HelpRequest, request_id)
        helper = session.get(Person, request.accepted_by) if request.accepted_by else None
        phone = session.get(Phone, helper.phone_id) if helper and helper.phone_id else None
        desk = desk_of(unit, words, request)
        step = _step_without(desk, request, phone)
        lock_phones(
            unit,
            {request.phone_id, *task_numbers(session, request), *(step.phones if step else ())}
            | ({phone.id} if phone else set()),
        )
        session.refresh(request, with_for_update=True)
        still = _silent(session, ladder, request_id)
        if request_id not in still or request.accepted_by != (helper.id if helper else None):
            return
        there = helper is not None and phone is not None and is_there(session, helper)
        desk.cause = f"held:{request.id}:{now_by(session).timestamp():.0f}"
        if phone is not None and there and not still[request_id]:
            _remind(desk, request, phone)
        else:
            _give_back(desk, request, helper, phone if there else None, step)


def _step_without(desk: Desk, request: HelpRequest, phone: Phone | None) -> Step | None:
    """Return who is asked first, somebody else if there is anybody."""
    session, ladder = desk.unit.session, desk.words.ladders.of(request.topic)
    left_out = {request.phone_id, *({phone.id} if phone else ())}
    asker = session.get_one(Phone, request.phone_id)
    return next_step(session, ladder, request.area_id, -1, left_out) or first_step(
        desk, request.topic, request.area_id, asker
    )


def _remind(desk: Desk, request: HelpRequest, phone: Phone) -> None:
    session = desk.unit.session
    number = task_numbers(session, request).get(phone.id)
    number = number or give_task_number(session, phone.id, request.id)
    _tell(desk, request, phone, "sms.task_waits", number)
    request.reminded_at = now_by(session)


def _give_back(
    desk: Desk,
    request: HelpRequest,
    helper: Person | None,
    phone: Phone | None,
    step: Step | None,
) -> None:
    """Put a request on its ladder again; who had it and the villager hear so.

    Whoever had it can still take it again by the number they know it by, while nobody else has.
    """
    session, leader = desk.unit.session, called(helper)
    number = task_numbers(session, request).get(phone.id) if phone else None
    note(session, request, Event.RETURNED, person=helper)
    request.reminded_at = None
    put_back(desk, request, step)
    if phone is not None and number is not None:
        _tell(desk, request, phone, "sms.task_returned", number)
    tell_villager(desk, request, "sms.returned", {"leader": leader})


def _tell(desk: Desk, request: HelpRequest, phone: Phone, key: str, number: int) -> None:
    is_urgent = request.topic == EMERGENCY
    desk.tell(
        phone,
        key,
        {**values_of(desk.unit.session, request), "task": str(number)},
        message_class=MessageClass.EMERGENCY if is_urgent else MessageClass.ALERT,
        request_id=request.id,
    )
