"""A villager calls an emergency: hears whom to call, and those who lead the hamlet's team are told.

We are no rescue line and say so: the numbers come first, whatever else fails. A text's sender can
be forged, so texts and calls are counted apart: no text uses up what whoever really calls may do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.ladder import Party
from service.dialogue.model import Done, Facts
from service.outbox.alarms import raise_alarm
from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.people import Phone
from service.records.teams import Team
from service.text.local_time import in_vietnam
from service.text.phones import Msisdn, national_compact

from .acting import Action, writes
from .areas import area_by_id, find_area, shown_name
from .desk import Desk
from .ledger import called
from .parties import Around
from .teams import Responder

MOST_TOLD = 3
"""People told of one call: the leader, the deputy and whoever comes next."""
MOST_IN_A_DAY = 3
"""Calls of one number that are passed on in 24 hours, by text and by call each. A child with a
phone must not wear the leader out until the real one is not read any more; the operator is told."""
AGAIN_MINUTES = 10
"""Within these a second call is the same one, unless the first was taken back."""
MOST_TO_A_PHONE = {"sms": 10, "ussd": 30}
"""Messages of emergencies one phone gets in an hour, by how they were raised; beyond these one an
hour says that there are many. Who can forge a sender could else bury a leader under invented ones.
"""
OF_MANY = "sms.task_emergency_many"

RAISED = text("""
    SELECT e.at, e.detail->>'channel' AS channel, coalesce(e.detail->'told', '[]') AS told,
           CAST(split_part(e.about, ' ', 2) AS bigint) AS area_id,
           e.at > clock_timestamp() - make_interval(mins => :again) AS lately,
           NOT EXISTS (SELECT FROM audit o
                       WHERE o.actor = e.actor AND o.action = 'emergency_off' AND o.at > e.at)
               AS stands
    FROM audit e
    WHERE e.actor = :actor AND e.action = 'emergency'
      AND e.at > clock_timestamp() - interval '24 hours'
    ORDER BY e.at DESC
""")
HEARD = text("""
    SELECT count(*) FILTER (WHERE position(:of_many IN idem_key) = 0
                            AND starts_with(idem_key, :channel || ':')) AS single,
           count(*) FILTER (WHERE position(:of_many IN idem_key) > 0) AS of_many
    FROM messages_out
    WHERE msisdn = :msisdn AND class = 'emergency'
      AND created_at > clock_timestamp() - interval '1 hour'
""")


def call(desk: Desk, area: Area | None) -> str | None:
    """Tell those who lead where this happens; return who was told, None when nobody was."""
    phone, session = desk.phone(), desk.unit.session
    crew = _answering(session, area, phone) if area else ()
    if not crew or area is None:
        raise_alarm(session.connection(), "emergency_untold", "calls from nowhere we know")
        return None
    # One at a time for a team: forty at once would all find that little has been sent.
    session.execute(
        select(Team.id).where(Team.id == crew[0].team_id).with_for_update(key_share=True)
    )
    before = [raised for raised in _raised(desk) if raised.channel == desk.channel]
    for raised in before:
        if raised.stands and raised.lately:
            return _first_of(crew, raised.told)
    if len(before) >= MOST_IN_A_DAY:
        raise_alarm(session.connection(), "emergency_often", f"phone {phone.id}")
        return None
    return _pass_on(desk, area, crew)


def _answering(session: Session, area: Area, asker: Phone) -> Sequence[Responder]:
    """Return who is called: the nearest team that has anybody, the commune, else the province."""
    around = Around.of(session, area)
    found = (around.who(party, {asker.id}) for party in (Party.TEAM, Party.COMMUNE, Party.DESK))
    return next(filter(None, found), ())


def call_off(desk: Desk, *, lately: bool = False) -> bool:
    """Tell those who were told that it was a mistake; False when there is nothing to take back.

    With `lately` only a call of the last minutes is taken back, and none that came by the other
    door: a forged text must not call off who really called.
    """
    raised = next(iter(_raised(desk)), None) if desk.known_phone() else None
    if raised is None or not raised.stands:
        return False
    if lately and not (raised.lately and raised.channel == desk.channel):
        return False
    area = area_by_id(desk.unit.session, raised.area_id)
    _note(desk, "emergency_off", area, now_by(desk.unit.session))
    for phone_id in raised.told:
        phone = desk.unit.session.get(Phone, phone_id)
        if phone is not None:
            _tell(desk, phone, "sms.task_emergency_off", area, raised.at)
    return True


def _raised(desk: Desk) -> Sequence[Any]:
    """Return the emergencies of this phone that were passed on in the last day, newest first."""
    values = {"actor": f"phone {desk.phone().id}", "again": AGAIN_MINUTES}
    return desk.unit.session.execute(RAISED, values).all()


def _pass_on(desk: Desk, area: Area, crew: Sequence[Responder]) -> str | None:
    """Tell everybody who has not heard of too many already; return the first who was told."""
    now, told = now_by(desk.unit.session), []
    for responder in crew[:MOST_TOLD]:
        heard = _heard(desk, responder.phone)
        if heard.single < MOST_TO_A_PHONE[desk.channel]:
            told.append(responder.phone.id)
            _tell(desk, responder.phone, "sms.task_emergency", area, now)
        elif not heard.of_many:
            desk.tell(responder.phone, OF_MANY, {}, message_class=MessageClass.EMERGENCY)
    if len(told) < len(crew[:MOST_TOLD]):
        connection = desk.unit.session.connection()
        raise_alarm(connection, "emergency_flood", f"team {crew[0].team_id}")
    _note(desk, "emergency" if told else "emergency_withheld", area, now, told)
    return _first_of(crew, told) if told else None


def _heard(desk: Desk, phone: Phone) -> Any:
    """Count what a phone was told of in the last hour: of single emergencies, and of many."""
    values = {"msisdn": phone.msisdn, "channel": desk.channel, "of_many": OF_MANY}
    return desk.unit.session.execute(HEARD, values).one()


def _first_of(crew: Sequence[Responder], told: Sequence[int]) -> str:
    """Return how the first of those is called who were told."""
    first = next((r for r in crew if r.phone.id in told), crew[0])
    return called(first.person)


def _tell(desk: Desk, phone: Phone, key: str, area: Area, raised_at: datetime) -> None:
    values = {
        "hamlet": shown_name(area),
        "phone": national_compact(Msisdn(desk.phone().msisdn)),
        "time": in_vietnam(raised_at).strftime("%H:%M %d/%m"),
    }
    desk.tell(phone, key, values, message_class=MessageClass.EMERGENCY)


def _note(desk: Desk, action: str, area: Area, at: datetime, told: Sequence[int] = ()) -> None:
    desk.unit.session.add(
        Audit(
            at=at,  # the moment the messages name, so that one taken back names the same
            actor=f"phone {desk.phone().id}",
            action=action,
            about=f"area {area.id}",
            detail={"channel": desk.channel, "told": list(told)},
        )
    )


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
