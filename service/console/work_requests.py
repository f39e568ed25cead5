"""The list of requests, its file, and one request's life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, abort
from sqlalchemy import Row

from service.records.base import LARGEST_ID
from service.text.local_time import in_vietnam
from service.text.weeks import parse_week

from .ages import MINUTE, age_in_words
from .asked import After, Malformed, asked, asked_after, asked_one_of
from .exports import MOST_ROWS, as_file
from .frame import page, words
from .looking import A_PAGE, looking
from .request_rows import GOING_ON, OVER, Wish, find_requests, one_request
from .work_figures import STEPS

STATES: Mapping[str, tuple[str, ...]] = {
    "live": GOING_ON,
    **{state: (state,) for state in (*GOING_ON, *OVER)},
    "all": (*GOING_ON, *OVER),
}
"""What may be asked for -> the states it means."""
TOPICS = ("vneid", "vssid", "dvc", "banhang", "dienthoai", "luadao", "khancap", "khac")
COLUMNS = (
    "col.number", "col.topic", "col.hamlet", "col.commune", "col.state", "col.step", "col.has_it",
    "col.filed", "col.since", "col.minutes",
)  # fmt: skip


def request_list() -> Response:
    """Show requests, 50 a page."""
    wish, after = _wish(), asked_after()
    with looking() as look:
        rows = find_requests(look.session, look.places, wish, after, A_PAGE + 1)
        communes = look.communes()
    rows, more = rows[:A_PAGE], rows[A_PAGE:]
    return page(
        "requests.html",
        rows=rows,
        next=str(After(rows[-1].since, rows[-1].id)) if more else "",
        is_first=after is None,
        communes=communes,
        wanted=_wanted(look.place, wish),
        states=STATES,
        topics=TOPICS,
        steps=STEPS,
        now=look.places.now,
        age=age_in_words,
    )


def request_file() -> Response:
    """Give the same list as a file."""
    wish = _wish()
    with looking() as look:
        rows = find_requests(look.session, look.places, wish, None, MOST_ROWS)
        cells = [_cells(row, look.places.now) for row in rows]
        wanted = _wanted(look.place, wish)
        return as_file(look.session.connection(), "requests", COLUMNS, cells, **wanted)


def request_page(request_id: int) -> Response:
    """Show what happened to one request, in order."""
    if request_id > LARGEST_ID:
        abort(404)
    with looking() as look:
        found = one_request(look.session, look.places, request_id)
    if found is None:
        abort(404)
    one, life = found
    return page(
        "request.html", one=one, life=life, now=look.places.now, age=age_in_words, by=said_by
    )


def said_role(role: str | None, level: str | None) -> str:
    """Return what somebody is, not who: "leader, hamlet team"; empty when they are in no team."""
    if not role or not level:
        return ""
    return f"{words().name_of('member', role)}, {words().name_of('level', level)}"


def said_by(line: Row[Any]) -> str:
    """Return who did something in a request's life, as what they are."""
    if line.kind != "event":
        return words()("by.service")
    if line.role:
        return said_role(line.role, line.level)
    return words()("by.villager" if line.is_somebody else "by.service")


def _wish() -> Wish:
    state = asked_one_of("state", STATES) or "live"
    week, step = _week(), asked_one_of("step", STEPS)
    if step:  # only what nobody has stands at a step
        state, week = "open", None
    if week and not asked("state"):
        state = "all"
    return Wish(
        states=STATES[state],
        topic=asked_one_of("topic", TOPICS),
        step=step,
        is_emergency=asked_one_of("emergency", ("1",)) == "1",
        week=week,
    )


def _week() -> date | None:
    typed = asked("week")
    try:
        return parse_week(typed).begins if typed else None
    except ValueError:
        raise Malformed("week") from None


def _wanted(place: int | None, wish: Wish) -> dict[str, Any]:
    """Return the filters as they stand in an address."""
    state = next(name for name, states in STATES.items() if states == wish.states)
    wanted = {
        "place": place,
        "state": state,
        "topic": wish.topic,
        "step": wish.step,
        "emergency": "1" if wish.is_emergency else "",
        "week": f"{wish.week:%G-W%V}" if wish.week else "",
    }
    return {name: value for name, value in wanted.items() if value}


def _cells(row: Row[Any], now: Any) -> Sequence[Any]:
    t = words()
    return (
        row.number,
        t.name_of("topic", row.topic),
        row.area if row.commune else "",
        row.commune or row.area,
        t.name_of("stands", row.state),
        t.name_of("step", row.step) if row.step else "",
        said_role(row.has_it, row.of_team),
        f"{in_vietnam(row.opened_at):%Y-%m-%d %H:%M}",
        f"{in_vietnam(row.since):%Y-%m-%d %H:%M}",
        max((now - row.since) // MINUTE, 0),
    )
