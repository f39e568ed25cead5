"""A villager calls an emergency: hears whom to call, and it climbs until somebody has it.

We are no rescue line and say so: the numbers come first, whatever else fails. A text's sender can
be forged, so texts and calls are counted apart: no text uses up what whoever really calls may do,
and none calls off what a call has raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.ladder import EMERGENCY
from service.dialogue.model import Done, Facts
from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Person, Phone
from service.records.requests import HelpRequest, RequestState

from . import requests
from .acting import Action, writes
from .areas import find_area
from .callouts import MISTAKE, reached
from .climbing import begin, first_step
from .desk import Desk, lock_phones
from .details import Details
from .ledger import called
from .parties import Step
from .summons import summon

MOST_IN_A_DAY = 3
"""Calls of one number that are passed on in 24 hours, by text and by call each. A child with a
phone must not wear the leader out until the real one is not read any more; the operator is told."""
AGAIN_MINUTES = 10
"""Within these a second call is the same one, unless the first was taken back or is over."""
UNTOLD = "emergency_untold"

# An emergency that somebody has is told anew when its caller calls again later: they may not have
# come, and whoever said that they have it may have been invented.
RAISED = text("""
    SELECT r.id AS request_id,
           e.at > clock_timestamp() - make_interval(mins => :again)
               AND r.state IN ('open', 'accepted') AS is_the_same
    FROM audit e LEFT JOIN help_requests r ON r.id = CAST(e.detail->>'request' AS bigint)
    WHERE e.actor = :actor AND e.action = 'emergency' AND e.detail->>'channel' = :channel
      AND e.at > clock_timestamp() - interval '24 hours'
    ORDER BY e.at DESC
""")


class Off(Enum):
    """How taking an emergency back went."""

    OFF = "off"
    NOTHING = "nothing"
    """There is none to take back."""
    BY_CALL = "by_call"
    """A call raised it, so a text, whose sender may be forged, does not take it back."""


def call(desk: Desk, area: Area | None) -> str | None:
    """Tell those who lead where this happens; return who was told, None when nobody was."""
    phone, session = desk.phone(), desk.unit.session
    if area is None:
        raise_alarm(session.connection(), UNTOLD, "calls from nowhere we know")
        return None
    step = first_step(desk, EMERGENCY, area.id, phone)
    # One at a time for a phone: forty at once would all find that little has been sent to it.
    lock_phones(desk.unit, {phone.id} | (step.phones if step else set()))
    about = {"actor": f"phone {phone.id}", "channel": desk.channel, "again": AGAIN_MINUTES}
    before = session.execute(RAISED, about).all()
    for raised in before:
        if raised.is_the_same:
            return _who_knows(session, session.get_one(HelpRequest, raised.request_id), step)
    if len(before) >= MOST_IN_A_DAY:
        raise_alarm(session.connection(), "emergency_often", f"phone {phone.id}")
        return None
    return _pass_on(desk, area, step)


def _pass_on(desk: Desk, area: Area, step: Step | None) -> str | None:
    """Tell whoever comes first, and let it climb; return the first who was told.

    Of one that nobody has taken so far they are told again, and it climbs on from where it is.
    """
    session, request = desk.unit.session, _going_on(desk, RequestState.OPEN)
    at = now_by(session)
    if request is None:
        request = requests.open_request(desk, EMERGENCY, area, Details())
        begin(desk, request, step)
        at = request.opened_at or at  # the moment that is named to whoever is told
    elif step is not None:
        summon(desk, request, step.responders, is_first=False)
    if desk.channel == "ussd":
        request.channel = desk.channel  # vouched for by the network from here on
    if step is None:
        raise_alarm(session.connection(), UNTOLD, f"area {area.id}")
    told = sorted(reached(session, request))
    detail = {"channel": desk.channel, "told": told, "request": request.id}
    _note(desk, "emergency", f"area {area.id}", at, detail)
    return _who_knows(session, request, step)


def _who_knows(session: Session, request: HelpRequest, step: Step | None) -> str | None:
    """Return how whoever has an emergency is called, else the first who was told; None for none."""
    if request.accepted_by is not None:
        return called(session.get(Person, request.accepted_by))
    told = reached(session, request)
    for responder in step.responders if step else ():
        if responder.phone.id in told:
            return called(responder.person)
    holders = [session.get_one(Phone, phone_id).holder_id for phone_id in sorted(told)]
    return called(session.get(Person, holders[0]) if holders[0] else None) if holders else None


def call_off(desk: Desk) -> Off:
    """Tell those who were told that it was a mistake, and let it climb no further."""
    request = _going_on(desk, RequestState.OPEN, RequestState.ACCEPTED)
    if request is None:
        return Off.NOTHING
    if needs_a_call(desk, request):
        return Off.BY_CALL
    if not requests.cancel(desk, request, saying=MISTAKE):
        return Off.NOTHING
    now = now_by(desk.unit.session)
    _note(desk, "emergency_off", f"request {request.id}", now, {"channel": desk.channel})
    return Off.OFF


def needs_a_call(desk: Desk, request: HelpRequest) -> bool:
    """Say whether only a call may take this request back: a text's sender may be forged."""
    raised_by_call = request.topic == EMERGENCY and request.channel == "ussd"
    return raised_by_call and desk.channel != "ussd"


def _going_on(desk: Desk, *states: RequestState) -> HelpRequest | None:
    """Return the newest emergency of the speaker's phone that is in one of these states."""
    phone = desk.known_phone()
    if phone is None:
        return None
    found = select(HelpRequest).where(
        HelpRequest.phone_id == phone.id,
        HelpRequest.topic == EMERGENCY,
        HelpRequest.state.in_(states),
    )
    newest = found.order_by(HelpRequest.id.desc()).limit(1)
    newest = newest.execution_options(populate_existing=True)
    return desk.unit.session.scalars(newest).one_or_none()


def _note(desk: Desk, action: str, about: str, at: datetime, detail: Mapping[str, Any]) -> None:
    who = f"phone {desk.phone().id}"
    desk.unit.session.add(Audit(at=at, actor=who, action=action, about=about, detail=detail))


def _call(desk: Desk, known: Facts) -> Done:
    told = call(desk, find_area(desk.unit.session, known.get("area", "")))
    return Done("told", {"leader": told}) if told else Done("nobody")


def _call_off(desk: Desk, _known: Facts) -> Done:
    call_off(desk)
    return Done()


EMERGENCY_ACTIONS: Mapping[str, Action] = {
    "call_emergency": writes(_call, "told", "nobody"),
    "call_off_emergency": writes(_call_off),
}
