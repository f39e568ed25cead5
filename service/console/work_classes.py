"""The list of classes, its file, and one class with its counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort
from sqlalchemy import Row

from service.records.base import LARGEST_ID
from service.text.local_time import in_vietnam

from .asked import After, asked_after, asked_day, begin_of, end_of
from .class_rows import coming, one_class
from .exports import MOST_ROWS, as_file
from .frame import page, words
from .looking import A_PAGE, Look, looking
from .work_figures import AHEAD_DAYS

COLUMNS = (
    "col.number", "col.course", "col.begins", "col.ends", "col.place", "col.hamlet", "col.commune",
    "col.state", "col.seats", "col.held", "col.offered", "col.waiting", "col.teacher",
)  # fmt: skip


def class_list() -> Response:
    """Show the classes of the coming week, or of the days asked for, 50 a page."""
    after = asked_after()
    with looking() as look:
        rows = _found(look, after, A_PAGE + 1)
        communes = look.communes()
    rows, more = rows[:A_PAGE], rows[A_PAGE:]
    return page(
        "classes.html",
        rows=rows,
        next=str(After(rows[-1].starts_at, rows[-1].id)) if more else "",
        is_first=after is None,
        communes=communes,
        wanted=_wanted(look),
        days=AHEAD_DAYS,
    )


def class_file() -> Response:
    """Give the same list as a file."""
    with looking() as look:
        cells = [_cells(row) for row in _found(look, None, MOST_ROWS)]
        connection = look.session.connection()
        return as_file(connection, "classes", COLUMNS, cells, **_wanted(look))


def class_page(class_id: int) -> Response:
    """Show one class: its seats, its row, who is invited; counts only."""
    if class_id > LARGEST_ID:
        abort(404)
    with looking() as look:
        found = one_class(look.session, look.places, class_id)
    if found is None:
        abort(404)
    one, people, invited = found
    return page("class.html", one=one, people=people, invited=invited, now=look.places.now)


def _found(look: Look, after: After | None, most: int) -> list[Row[Any]]:
    now = look.places.now
    first, last = asked_day("from"), asked_day("to")
    begins = begin_of(first) or now
    ends = end_of(last) or max(begins, now) + timedelta(days=AHEAD_DAYS)
    return list(coming(look.session, look.places, begins, ends, after=after, most=most))


def _wanted(look: Look) -> dict[str, Any]:
    wanted = {"place": look.place, "from": asked_day("from"), "to": asked_day("to")}
    return {name: value for name, value in wanted.items() if value}


def _cells(row: Row[Any]) -> tuple[Any, ...]:
    t = words()
    return (
        row.number,
        row.title,
        f"{in_vietnam(row.starts_at):%Y-%m-%d %H:%M}",
        f"{in_vietnam(row.ends_at):%Y-%m-%d %H:%M}",
        row.place,
        row.area if row.commune else "",
        row.commune or row.area,
        t.name_of("class", row.state),
        row.seats,
        row.held,
        row.offered,
        row.waiting,
        t("classes.has_teacher" if row.has_teacher else "classes.no_teacher"),
    )
