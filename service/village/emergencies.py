"""A villager calls an emergency: hears whom to call, and those who lead the hamlet's team are told.

We are no rescue line and say so: the numbers come first, whatever else fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from service.dialogue.model import Done, Facts
from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Phone
from service.text.local_time import in_vietnam
from service.text.phones import Msisdn, national_compact

from .acting import Action, chosen_area, writes
from .areas import find_area, shown_name
from .desk import Desk
from .ledger import called
from .teams import Responder, crew_for

MOST_TOLD = 3
"""People told of one call: the leader, the deputy and whoever comes next."""
MOST_IN_A_DAY = 3
"""Calls of one number that are passed on in 24 hours. A child with a phone must not wear the leader
out until the real one is not read any more; the operator is told."""
AGAIN_MINUTES = 10
"""Within these a second call is the same one, unless the first was taken back."""

CALLS = text("""
    SELECT count(*) FILTER (WHERE action = 'emergency') AS today,
           coalesce(max(at) FILTER (WHERE action = 'emergency')
                    > greatest(max(at) FILTER (WHERE action = 'emergency_off'),
                               clock_timestamp() - make_interval(mins => :again)), false) AS lately
    FROM audit
    WHERE actor = :actor AND action IN ('emergency', 'emergency_off')
      AND at > clock_timestamp() - interval '24 hours'
""")


def call(desk: Desk, area: Area | None) -> str | None:
    """Tell those who lead where this happens; return who was told, None when nobody was."""
    phone, session = desk.phone(), desk.unit.session
    crew = crew_for(session, area, phone) if area else None
    if crew is None or area is None:
        raise_alarm(session.connection(), "emergency_untold", "calls from nowhere we know")
        return None
    calls = session.execute(CALLS, {"actor": f"phone {phone.id}", "again": AGAIN_MINUTES}).one()
    told = called(crew.responders[0].person)
    if calls.lately:
        return told
    if calls.today >= MOST_IN_A_DAY:
        raise_alarm(session.connection(), "emergency_often", f"phone {phone.id}")
        return None
    _note(desk, "emergency", area)
    _tell(desk, "sms.task_emergency", area, crew.responders[:MOST_TOLD])
    return told


def call_off(desk: Desk, area: Area) -> None:
    """Tell the same people that it was a mistake."""
    crew = crew_for(desk.unit.session, area, desk.phone())
    if crew is not None:
        _note(desk, "emergency_off", area)
        _tell(desk, "sms.task_emergency_off", area, crew.responders[:MOST_TOLD])


def _tell(desk: Desk, key: str, area: Area, responders: Sequence[Responder]) -> None:
    now = now_by(desk.unit.session)
    values = {
        "hamlet": shown_name(area),
        "phone": national_compact(Msisdn(desk.phone().msisdn)),
        "time": in_vietnam(now).strftime("%H:%M %d/%m"),
    }
    for responder in responders:
        phone: Phone = responder.phone
        desk.tell(phone, key, values, message_class=MessageClass.EMERGENCY)


def _note(desk: Desk, action: str, area: Area) -> None:
    desk.unit.session.add(
        Audit(actor=f"phone {desk.phone().id}", action=action, about=f"area {area.id}")
    )


def _call(desk: Desk, known: Facts) -> Done:
    told = call(desk, find_area(desk.unit.session, known.get("area", "")))
    return Done("told", {"leader": told}) if told else Done("nobody")


def _call_off(desk: Desk, known: Facts) -> Done:
    call_off(desk, chosen_area(desk, known))
    return Done()


EMERGENCY_ACTIONS: Mapping[str, Action] = {
    "call_emergency": writes(_call, "told", "nobody"),
    "call_off_emergency": writes(_call_off),
}
