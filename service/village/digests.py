"""The week in one message: to each hamlet team's leader, and to each commune what it should know.

Each goes out once a week, by one transaction that leaves a line in the audit: two clocks, a restart
and a clock set back send nothing twice, and a clock that stood still on Monday sends on Tuesday.
It is work and no news, so that a refusal of news does not concern it, and nobody switches it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from sqlalchemy import Row, select, text

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.outbox.put import Message, put
from service.records.areas import Area, AreaKind
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.operations import Audit
from service.records.teams import Level, Role
from service.records.unit import Unit, Units
from service.text.local_time import in_vietnam
from service.text.phones import Msisdn, country_of
from service.text.waking import ALWAYS, awake_at
from service.text.weeks import Period, week_before

from .areas import area_by_id, shown_name
from .desk import Words, lock_phones
from .listing import Says, gap_lists, said_wait, silent_lists
from .teams import Responder, responders_of, teams_of

DAYS = (0, 1)
"""Monday, and Tuesday for what could not be sent on Monday."""
TEAMS_FROM, COMMUNES_FROM, UNTIL = time(7, 30), time(8, 0), time(20, 0)
LOCK = 79
"""Advisory lock held while a week's messages are made."""

SENT = text("""
    SELECT EXISTS (SELECT FROM audit WHERE action = :action AND about = :about
                     AND at > clock_timestamp() - interval '30 days')
""")
# What was filed in the week, and beside it what is in hand, whenever it was filed.
TEAMS = text("""
    WITH concerned AS MATERIALIZED (
        SELECT area_id, state, true AS is_new, time_to_answer
        FROM measured_requests WHERE week = CAST(:week AS date)
        UNION ALL
        SELECT area_id, state, false, time_to_answer
        FROM measured_requests
        WHERE state IN ('open', 'accepted') AND week <> CAST(:week AS date))
    SELECT t.id AS team_id,
           (SELECT min(f.area_id) FROM team_areas f WHERE f.team_id = t.id) AS area_id,
           count(*) FILTER (WHERE c.is_new) AS asked,
           count(*) FILTER (WHERE c.is_new AND c.state IN ('done', 'closed')) AS finished,
           count(*) FILTER (WHERE c.state = 'accepted') AS working,
           count(*) FILTER (WHERE c.state = 'open') AS waiting,
           min(c.time_to_answer) FILTER (WHERE c.is_new) AS quickest
    FROM teams t
    JOIN team_areas s ON s.team_id = t.id
    JOIN concerned c ON c.area_id = s.area_id
    WHERE t.active AND t.level = 'hamlet'
    GROUP BY t.id ORDER BY t.id
""")


@dataclass(frozen=True, slots=True)
class Telling:
    """A message of the week to one member: what names it, its text and values."""

    about: str
    to: Responder
    key: str
    values: Mapping[str, str]


Tellings = Callable[[Unit, Words, Period], Iterable[Telling]]


def send_digests(units: Units, words: Words) -> int:
    """Send what is due of this week's messages; return how many."""
    return sum(
        (
            _once(units, words, "week_to_teams", TEAMS_FROM, _to_teams),
            _once(units, words, "week_to_communes", COMMUNES_FROM, _to_communes),
        )
    )


def _once(units: Units, words: Words, action: str, begins: time, make: Tellings) -> int:
    """Make and send one kind of message for the week that is over, unless that has been done."""
    with units.open() as unit:
        session = unit.session
        session.execute(text("SELECT pg_advisory_xact_lock(:lock, 1)"), {"lock": LOCK})
        now = now_by(session)
        here, week = in_vietnam(now), week_before(now)
        if here.weekday() not in DAYS or not begins <= here.time() < UNTIL:
            return 0
        if session.execute(SENT, {"action": action, "about": f"week {week.week}"}).scalar_one():
            return 0
        tellings = list(make(unit, words, week))
        lock_phones(unit, {telling.to.phone.id for telling in tellings})
        sent = sum(_send(unit, words, week, telling) for telling in tellings)
        about = f"week {week.week}"
        session.add(Audit(actor="clock", action=action, about=about, detail={"messages": sent}))
        return sent


def _send(unit: Unit, words: Words, week: Period, telling: Telling) -> bool:
    to = Msisdn(telling.to.phone.msisdn)
    if country_of(to) not in words.countries:
        return False
    now = now_by(unit.session)
    wakes = awake_at(now, telling.to.hours(ALWAYS))
    message = Message(
        idem_key=f"week:{week.week}:{telling.about}",
        message_class=MessageClass.ALERT,
        to=to,
        body=words.say(telling.key, _language(telling.to), telling.values),
        phone_id=telling.to.phone.id,
        due_at=wakes if wakes > now else None,
    )
    return put(unit, message) is not None


def _language(member: Responder) -> str:
    return member.person.language or DEFAULT_LANGUAGE


def _to_teams(unit: Unit, words: Words, week: Period) -> Iterable[Telling]:
    """Yield the digest of each team that had or has anything to do, for who leads it now."""
    for row in unit.session.execute(TEAMS, {"week": week.begins}).all():
        leads = _leads(responders_of(unit.session, row.team_id))
        if leads is not None:
            area = area_by_id(unit.session, row.area_id)
            says = Says(words, _language(leads))
            yield Telling(f"team:{row.team_id}", leads, "sms.week_team", _values(says, area, row))


def _leads(there: Sequence[Responder]) -> Responder | None:
    """Return the leader, the deputy when no leader is there, None when neither is."""
    for role in (Role.LEADER, Role.DEPUTY):
        for member in there:
            if member.role is role:
                return member
    return None


def _values(says: Says, area: Area, row: Row[Any]) -> Mapping[str, str]:
    return {
        "hamlet": shown_name(area),
        "number": str(row.asked),
        "week_done": str(row.finished),
        "week_working": str(row.working),
        "week_waiting": str(row.waiting),
        "speed": "none" if row.quickest is None else "known",
        "speed_wait": said_wait(says, row.quickest or timedelta()),
    }


def _to_communes(unit: Unit, words: Words, _week: Period) -> Iterable[Telling]:
    """Yield what each commune should know: two messages at most to each of its people on duty."""
    session = unit.session
    silent, gaps = silent_lists(session), gap_lists(session)
    communes = session.scalars(
        select(Area)
        .where(Area.kind == AreaKind.COMMUNE, Area.id.in_({*silent, *gaps}))
        .order_by(Area.id)
    ).all()
    for commune in communes:
        for member in _on_duty(unit, commune):
            says = Says(words, _language(member))
            for what, found in (("silent", silent), ("gaps", gaps)):
                if commune.id in found:
                    about = f"{what}:{commune.id}:{member.phone.id}"
                    places = says.places([listed.said(says) for listed in found[commune.id]])
                    yield Telling(about, member, f"sms.week_{what}", {"places": places})


def _on_duty(unit: Unit, commune: Area) -> Sequence[Responder]:
    """Return who of a commune's teams answers its duty number; else whoever is asked first."""
    told: dict[int, Responder] = {}
    for team in teams_of(unit.session, commune):
        there = responders_of(unit.session, team.id) if team.level == Level.COMMUNE else ()
        for member in [m for m in there if m.role is Role.DUTY] or there[:1]:
            told.setdefault(member.phone.id, member)
    return tuple(told.values())
