"""What a text does with who is there: away, back, on duty, a day swapped, one's own hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from service.records.people import Person
from service.text.days import NoDay, Wrong, read_day, read_days, said_day

from . import asking, duties, swaps
from .absences import LONGEST
from .desk import Desk, Doing
from .duties import Taken
from .reminders import STILL_HERE
from .rota_work import (
    EXAMPLE_AHEAD,
    be_back,
    example,
    go,
    own_hours,
    put_on_duty,
    say_what_waits,
    set_hours,
)
from .swaps import Offered, Swapped
from .team_doings import member_texting

ROSTER = 105
"""Characters of the gap {roster}: half a week on duty, or a week of one or two people."""

WRONG_DAY = {
    Wrong.NONE: "sms.rota_day_none",
    Wrong.CALENDAR: "sms.rota_day_wrong",
    Wrong.PAST: "sms.rota_day_past",
    Wrong.FAR: "sms.rota_day_far",
    Wrong.BACKWARDS: "sms.rota_day_backwards",
}
TAKEN = {
    Taken.TAKEN: "sms.rota_duty_taken",
    Taken.YOURS: "sms.rota_duty_yours",
    Taken.OTHER: "sms.rota_duty_other",
    Taken.AWAY: "sms.rota_duty_away",
}
OFFERED = {
    Offered.ASKED: "sms.rota_offered",
    Offered.OPEN: "sms.rota_offer_open",
    Offered.NOT_YOURS: "sms.rota_offer_not_yours",
    Offered.LATE: "sms.rota_offer_late",
    Offered.NOBODY: "sms.rota_offer_nobody",
    Offered.MANY: "sms.rota_offer_many",
}
SWAPPED = {
    Swapped.YOURS: "sms.rota_swap_yours",
    Swapped.NONE: "sms.rota_swap_none",
    Swapped.GONE: "sms.rota_swap_gone",
    Swapped.AWAY: "sms.rota_duty_away",
}


def away(desk: Desk, member: Person, rest: str) -> None:
    """Be away: NGHI 3, NGHI 20/12, NGHI 20/12 25/12."""
    today = duties.today_of(desk.unit.session)
    typed = read_days(rest, today)
    match typed.days:
        case ():
            _away_for(desk, member, typed.count, today)
        case (first,) if typed.count:
            _go(desk, member, first, first + timedelta(days=typed.count - 1))
        case (last,):
            _go(desk, member, None, last, is_until=True)
        case (first, last, *_):
            _go(desk, member, first, last)


def away_day(desk: Desk, member: Person, rest: str) -> None:
    """Be away on one day only: NGHI NGAY 20/12."""
    day = read_day(rest, duties.today_of(desk.unit.session))
    _go(desk, member, day, day)


def away_from(desk: Desk, member: Person, rest: str) -> None:
    """Be away from a day on: NGHI TU 20/12 DEN 25/12; without the last day it is asked for."""
    today = duties.today_of(desk.unit.session)
    days = read_days(rest, today).days
    if len(days) > 1:
        _go(desk, member, days[0], days[1])
    elif days:
        said = {"day": said_day(days[0], today), "until": said_day(days[0] + EXAMPLE_AHEAD, today)}
        desk.reply("sms.rota_away_until_when", said, is_error=True)
    else:
        raise NoDay(Wrong.NONE)


def back(desk: Desk, member: Person, _rest: str) -> None:
    """Be back, or take back an absence that has not begun: VE."""
    key, said = be_back(desk, member)
    desk.reply(key, said)


def duty(desk: Desk, member: Person, rest: str) -> None:
    """Show the week's rota, or be on duty on a day, an offered one too: TRUC, TRUC 28/11."""
    if not any(map(str.isdigit, rest)):
        _show_week(desk, member)
        return
    day = read_day(rest, duties.today_of(desk.unit.session))
    if any(swap.day == day for swap in swaps.open_for(desk.unit.session, member)):
        _take(desk, member, day)
        return
    taken, said = put_on_duty(desk, member, day)
    desk.reply(TAKEN[taken], said)


def offer_duty(desk: Desk, member: Person, rest: str) -> None:
    """Offer a day of duty, or swap it for another: DOI TRUC 28/11, DOI TRUC 28/11 30/11."""
    session = desk.unit.session
    today = duties.today_of(session)
    day, *others = read_days(rest, today, in_order=False).days or (read_day(rest, today),)
    outcome = swaps.offer(desk, member, day, others[0] if others else None)
    desk.reply(OFFERED[outcome.how], outcome.values)


def take_duty(desk: Desk, member: Person, rest: str) -> None:
    """Take a day that somebody offers: NHAN TRUC 28/11; the only one offered needs no day."""
    session = desk.unit.session
    today = duties.today_of(session)
    offered = swaps.open_for(session, member)
    if any(map(str.isdigit, rest)) or len(offered) != 1:
        day = read_day(rest, today)
    else:
        day = offered[0].day
    _take(desk, member, day)


def _take(desk: Desk, member: Person, day: date) -> None:
    outcome = swaps.take(desk, member, day)
    in_return = outcome.how is Swapped.YOURS and "other_day" in outcome.values
    key = "sms.rota_swap_yours_for" if in_return else SWAPPED[outcome.how]
    desk.reply(key, outcome.values)


def hours(desk: Desk, member: Person, rest: str) -> None:
    """Show or set the hours in which one is told of requests: GIO, GIO 6-20."""
    if not any(map(str.isdigit, rest)):
        desk.reply("sms.rota_hours", {"hours": own_hours(desk, member)})
    elif set_hours(desk, member, rest):
        desk.reply("sms.rota_hours_set", {"hours": own_hours(desk, member)})
    else:
        desk.reply("sms.rota_hours_wrong", {}, is_error=True)


def hours_off(desk: Desk, member: Person, _rest: str) -> None:
    """Go back to the common hours: GIO BO."""
    member.awake_from = member.awake_until = None
    desk.unit.session.flush()
    desk.reply("sms.rota_hours_set", {"hours": own_hours(desk, member)})


def _go(
    desk: Desk, member: Person, first: date | None, last: date, *, is_until: bool = False
) -> None:
    key, said = go(desk, member, first, last, is_until=is_until)
    desk.reply(key, said)
    say_what_waits(desk, member)


def _away_for(desk: Desk, member: Person, count: int | None, today: date) -> None:
    if count:
        days = min(count, LONGEST.days + 1)
        _go(desk, member, None, today + timedelta(days=days - 1))
        return
    answers = {str(digit): ("away", str(digit)) for digit in range(1, 10)}
    asking.ask(desk, "sms.rota_away_ask", example(today), answers)


def _show_week(desk: Desk, member: Person) -> None:
    session = desk.unit.session
    team, today = duties.team_of(session, member), duties.today_of(session)
    assert team is not None, "only members of a team come here"
    days = duties.rota(session, team, today)
    first, *more = duties.written(session, days, ROSTER)
    free = next((day.day for day in days[1:] if not day.is_set), today + EXAMPLE_AHEAD)
    desk.reply("sms.rota_week", {"roster": first, "day": said_day(free, today)})
    if more:
        desk.reply("sms.rota_week_more", {"roster": ", ".join(more)})


def _as_member(do: Callable[[Desk, Person, str], None]) -> Doing:
    """Let only members of a team do it; tell others how to ask for help, and what is no day."""

    def doing(desk: Desk, rest: str) -> None:
        member = member_texting(desk)
        if member is None:
            known = desk.speaker() is not None
            desk.reply("sms.not_member" if known else "sms.stranger", {}, is_error=True)
            return
        try:
            do(desk, member, rest)
        except NoDay as no_day:
            today = duties.today_of(desk.unit.session)
            said = {**example(today), "typed": no_day.typed}
            desk.reply(WRONG_DAY[no_day.wrong], said, is_error=True)

    return doing


def _still_here(desk: Desk, _rest: str) -> None:
    desk.reply("sms.rota_still_thanks", {})


ROTA_DOINGS: Mapping[str, Doing] = {
    "away": _as_member(away),
    "away_day": _as_member(away_day),
    "away_from": _as_member(away_from),
    "back": _as_member(back),
    "duty": _as_member(duty),
    "duty_offer": _as_member(offer_duty),
    "duty_take": _as_member(take_duty),
    "hours": _as_member(hours),
    "hours_off": _as_member(hours_off),
    STILL_HERE: _still_here,
}
