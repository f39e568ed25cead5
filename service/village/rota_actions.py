"""What a member of a team does with the rota on the screens of leader.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from service.dialogue.model import LINE, Done, Facts, Option
from service.records.people import Person
from service.text.days import NoDay, from_keys, read_days, said_day
from service.text.gsm7 import cut

from . import duties, swaps
from .acting import Action, lists, reads, writes
from .desk import Desk
from .duties import FREE_AHEAD, Taken
from .rota_work import be_back, go, own_hours, put_on_duty, say_what_waits, set_hours
from .swaps import Offered, Swapped
from .team_doings import member_texting

MOST_LISTED = 8
"""Days of a list; a screen has eight lines at most."""
WEEK_ON_A_PAGE = 150
"""Characters of the gap {week}."""
BACK = {
    "sms.rota_back": "back",
    "sms.rota_back_planned": "planned",
    "sms.rota_back_none": "none",
}
TAKEN = {Taken.TAKEN: "taken", Taken.YOURS: "taken", Taken.AWAY: "away", Taken.OTHER: "other"}
SWAPPED = {
    Swapped.YOURS: "taken",
    Swapped.AWAY: "away",
    Swapped.GONE: "other",
    Swapped.NONE: "other",
}


def _member(desk: Desk) -> Person | None:
    return member_texting(desk) if desk.known_phone() else None


def _be_away(desk: Desk, known: Facts) -> Done:
    member, today = _member(desk), duties.today_of(desk.unit.session)
    try:
        typed = read_days(from_keys(known["when"]), today)
    except NoDay:
        return Done("wrong")
    if member is None or not (typed.days or typed.count):
        return Done("wrong")
    last = typed.days[-1] if typed.days else today + timedelta(days=(typed.count or 1) - 1)
    first = typed.days[0] if len(typed.days) > 1 else None
    key, said = go(desk, member, first, last)
    if key == "sms.rota_away_long":
        return Done("long")
    say_what_waits(desk, member)
    return Done("away", said)


def _be_back(desk: Desk, _known: Facts) -> Done:
    member = _member(desk)
    if member is None:
        return Done("none")
    key, said = be_back(desk, member)
    return Done(BACK[key], said)


def _look_at_rota(desk: Desk, _known: Facts) -> Done:
    session, member = desk.unit.session, _member(desk)
    team = duties.team_of(session, member) if member else None
    if team is None:
        return Done(values={"week": ""})
    days = duties.rota(session, team, duties.today_of(session))
    return Done(values={"week": duties.written(session, days, WEEK_ON_A_PAGE)[0]})


def _free_days(desk: Desk, _known: Facts) -> Done:
    """List the days nobody was put on, and before them those that are offered."""
    session, member = desk.unit.session, _member(desk)
    team = duties.team_of(session, member) if member else None
    if member is None or team is None:
        return Done()
    today = duties.today_of(session)
    days = duties.rota(session, team, today, FREE_AHEAD)
    offered = [swap.day for swap in swaps.open_for(session, member) if swap.for_day is None]
    asks = desk.words.texts.say("rota.offered", desk.language)
    lines = [
        Option(day.isoformat(), cut(f"{said_day(day, today)} {asks}", LINE)) for day in offered
    ]
    free = [day.day for day in days if not day.is_set]
    return Done(options=[*lines, *(Option(day.isoformat(), said_day(day, today)) for day in free)])


def _be_on_duty(desk: Desk, known: Facts) -> Done:
    member, day = _member(desk), date.fromisoformat(known["duty"])
    if member is None:
        return Done("other")
    if any(swap.day == day for swap in swaps.open_for(desk.unit.session, member)):
        outcome = swaps.take(desk, member, day)
        return Done(SWAPPED[outcome.how], outcome.values)
    taken, said = put_on_duty(desk, member, day)
    return Done(TAKEN[taken], said)


def _my_days(desk: Desk, _known: Facts) -> Done:
    """List the days on which a member is on duty, a leader's of the coming week included."""
    session, member = desk.unit.session, _member(desk)
    team = duties.team_of(session, member) if member else None
    if member is None or team is None:
        return Done()
    today = duties.today_of(session)
    days = duties.rota(session, team, today + timedelta(days=1), FREE_AHEAD)
    near = today + timedelta(days=duties.WEEK)
    mine = [
        day.day
        for day in days
        if day.person and day.person.id == member.id and (day.is_set or day.day <= near)
    ]
    lines = [Option(day.isoformat(), said_day(day, today)) for day in mine]
    return Done(options=lines[:MOST_LISTED])


def _offer_day(desk: Desk, known: Facts) -> Done:
    member = _member(desk)
    if member is None:
        return Done(Offered.NOBODY.value)
    outcome = swaps.offer(desk, member, date.fromisoformat(known["duty"]), None)
    return Done(outcome.how.value, outcome.values)


def _look_at_hours(desk: Desk, _known: Facts) -> Done:
    member = _member(desk)
    return Done(values={"hours": own_hours(desk, member) if member else ""})


def _keep_hours(desk: Desk, known: Facts) -> Done:
    member = _member(desk)
    if member is None or not set_hours(desk, member, known["typed_hours"]):
        return Done("wrong")
    return Done("ok", {"hours": own_hours(desk, member)})


def _common_hours(desk: Desk, _known: Facts) -> Done:
    member = _member(desk)
    if member is None:
        return Done(values={"hours": ""})
    member.awake_from = member.awake_until = None
    return Done(values={"hours": own_hours(desk, member)})


ROTA_ACTIONS: Mapping[str, Action] = {
    "be_away": writes(_be_away, "away", "wrong", "long"),
    "be_back": writes(_be_back, "back", "planned", "none"),
    "look_at_rota": reads(_look_at_rota),
    "free_days": lists(_free_days),
    "be_on_duty": writes(_be_on_duty, "taken", "away", "other"),
    "my_days": lists(_my_days),
    "offer_day": writes(_offer_day, *(outcome.value for outcome in Offered)),
    "look_at_hours": reads(_look_at_hours),
    "keep_hours": writes(_keep_hours, "ok", "wrong"),
    "common_hours": writes(_common_hours),
}
