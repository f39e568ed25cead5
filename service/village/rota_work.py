"""What members do with the rota, by text and on the screens alike, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from service.records.people import Person
from service.records.requests import RequestState
from service.text.days import said_day
from service.text.waking import Hours

from . import absences, duties, tasks
from .absences import LONGEST, Away
from .desk import Desk
from .duties import Taken
from .ledger import called, listed
from .teams import hours_of

EXAMPLE_AHEAD = timedelta(days=5)
LISTED = 30
"""Characters of the gap {days}."""
SHORTEST_HOURS = 4 * 60
"""Minutes a day one must be awake: with fewer a request waits for days."""
Said = Mapping[str, str]
"""The values of a sentence."""


def go(
    desk: Desk, member: Person, first: date | None, last: date, *, is_until: bool = False
) -> tuple[str, Said]:
    """Note an absence, and return the key and the values of what is to be said of it.

    `is_until`: only a last day was named, which may have been meant as the one day.
    """
    today = duties.today_of(desk.unit.session)
    if last - (first or today) >= LONGEST:
        return "sms.rota_away_long", {}
    if last < (first or today):
        return "sms.rota_day_none", example(today)
    noted = absences.go_away(desk, member, first, last)
    said = {
        "day": said_day(max(noted.first_day, today), today),
        "until": said_day(noted.last_day, today),
        "instead": noted.instead,
    }
    if not noted.is_new:
        return "sms.rota_away_already", said
    if is_until and noted.last_day == last:
        return "sms.rota_away_until", said
    if noted.first_day <= today:
        return "sms.rota_away_now", said
    one_day = noted.first_day == noted.last_day
    return "sms.rota_away_day" if one_day else "sms.rota_away_range", said


def be_back(desk: Desk, member: Person) -> tuple[str, Said]:
    """End an absence; return the key and the values of what is to be said of it."""
    today = duties.today_of(desk.unit.session)
    ended = absences.come_back(desk, member)
    if ended is None:
        return "sms.rota_back_none", {}
    over = Away(ended.begins, ended.ends, is_new=False, instead="")
    if over.first_day > today:
        days = {"day": said_day(over.first_day, today), "until": said_day(over.last_day, today)}
        return "sms.rota_back_planned", days
    return "sms.rota_back", {}


def put_on_duty(desk: Desk, member: Person, day: date) -> tuple[Taken, Said]:
    """Put a member on duty; return how it went and the values to say it with."""
    session = desk.unit.session
    team = duties.team_of(session, member)
    assert team is not None, "only members of a team come here"
    taken = duties.take_day(desk, member, team, day)
    other = duties.on_day(session, team, day).person
    return taken, {"day": said_day(day, duties.today_of(session)), "leader": called(other)}


def set_hours(desk: Desk, member: Person, typed: str) -> bool:
    """Set a member's own hours; False when what was typed is none, or too few."""
    try:
        chosen = Hours.typed(typed)
    except ValueError:
        return False
    if chosen.ends - chosen.begins < SHORTEST_HOURS:
        return False
    member.awake_from, member.awake_until = chosen.begins, chosen.ends
    desk.unit.session.flush()
    return True


def own_hours(desk: Desk, member: Person) -> str:
    """Return a member's hours as they are told."""
    return str(hours_of(member, desk.words.ladders.waking))


def example(today: date) -> dict[str, str]:
    """Return a day to come, for a sentence that shows how a day is typed."""
    return {"day": said_day(today + EXAMPLE_AHEAD, today)}


def say_what_waits(desk: Desk, member: Person) -> None:
    """Tell a member who goes away what is theirs still: requests in hand, days of duty."""
    session = desk.unit.session
    found = tasks.current(session, desk.phone(), RequestState.ACCEPTED)
    mine = [task.number for task in found if task.request.accepted_by == member.id]
    if mine:
        desk.reply("sms.rota_away_held", {"tasks": listed(mine), "task": str(mine[0])})
    today = duties.today_of(session)
    days: list[str] = []
    for outage in absences.absences_of(session, member):
        away = Away(outage.begins, outage.ends, is_new=False, instead="")
        of_these = duties.days_of(session, member, max(away.first_day, today), away.last_day)
        days += [said_day(day, today) for day in of_these]
    while len(", ".join(days)) > LISTED:
        days.pop()
    if days:
        desk.reply("sms.rota_away_duty", {"days": ", ".join(days), "day": days[-1]})
