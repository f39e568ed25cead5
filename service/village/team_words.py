"""What members hear who forgot the words, or what stands behind one: how it is to be typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.dialogue.keywords import Match
from service.records.requests import RequestState
from service.text.days import said_day

from . import asking, duties, tasks, team_doings
from .desk import Desk
from .rota_work import EXAMPLE_AHEAD

PERSON, MOVED = "0900000001", "0900000002"
"""Numbers of nobody."""


def list_words(desk: Desk) -> None:
    """Name the words of a member in one message: HD."""
    desk.reply("sms.team_words", {})


def unclear(desk: Desk, word: Match | None, text: str, draft: str) -> str | None:
    """Answer a member's word with something behind it that cannot be read: "NGHI mai".

    It must not look done. With a request in hand the text may be a note to it, and is kept as one;
    without, it may be a call for help in their own words. Returns what was done, None when the
    text begins with no such word.
    """
    if word is None or word.intent not in EXAMPLES:
        return None
    values = {"example": EXAMPLES[word.intent](desk)}
    if noted := team_doings.note_words(desk, text, unclear=values):
        return noted
    answers = {"1": ("help", draft), "2": ("nothing", "")}
    asking.ask(desk, "sms.team_unclear", values, answers)
    return "unclear"


def _number(desk: Desk, *states: RequestState) -> str:
    """Return the number of the newest request a member may mean, else some number."""
    found = tasks.current(desk.unit.session, desk.phone(), *states)
    member = team_doings.member_texting(desk)
    meant = [t.number for t in found if member is not None and team_doings.may_mean(t, member)]
    return str(meant[-1]) if meant else "3"


def _with_number(typed: str, *states: RequestState) -> Callable[[Desk], str]:
    return lambda desk: typed.format(_number(desk, *states))


def _with_day(typed: str) -> Callable[[Desk], str]:
    def example(desk: Desk) -> str:
        today = duties.today_of(desk.unit.session)
        return typed.format(said_day(today + EXAMPLE_AHEAD, today))

    return example


def _as_is(typed: str) -> Callable[[Desk], str]:
    return lambda _desk: typed


OPEN, MINE = RequestState.OPEN, RequestState.ACCEPTED
EXAMPLES: Mapping[str, Callable[[Desk], str]] = {
    "accept": _with_number("NV {}", OPEN),
    "forward": _with_number("CHUYEN {}", OPEN, MINE),
    "ask": _with_number("HOI {} may gi", MINE),
    "away": _as_is("NGHI 3"),
    "away_day": _with_day("NGHI NGAY {}"),
    "away_from": _with_day("NGHI {}"),
    "duty": _with_day("TRUC {}"),
    "duty_offer": _with_day("DOI TRUC {}"),
    "duty_take": _with_day("NHAN TRUC {}"),
    "hours": _as_is("GIO 6-20"),
    "add_person": _as_is(f"THEM {PERSON} Lan"),
    "remove_person": _as_is(f"BOT {PERSON}"),
    "move_person": _as_is(f"DOI {PERSON} {MOVED}"),
}
"""Intent -> how its text looks."""
