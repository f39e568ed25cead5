"""The audit, searchable: who did what, to what and when; operators only, for it has no place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Row

from service.text.local_time import in_vietnam
from service.text.mask import mask_numbers

from .asked import After, Malformed, asked, asked_after, asked_day
from .audit_rows import Search, actions, find_lines
from .exports import MOST_ROWS, as_file
from .frame import console, page, words

A_PAGE = 50
COLUMNS = ("col.at", "col.who", "col.what", "col.action", "col.about", "col.detail")
audit = Blueprint("audit", __name__, url_prefix="/audit")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit as it is shown: numbers masked."""

    id: int
    at: Any
    actor: str
    action: str
    about: str
    detail: str


@audit.get("", endpoint="search")
def show() -> Response:
    """Show the newest lines that are asked for, 50 a page."""
    search, after = _search(), asked_after()
    with console().engine.begin() as connection:
        known = actions(connection)
        rows = find_lines(connection, search, after, A_PAGE + 1)
    more = len(rows) > A_PAGE
    rows = rows[:A_PAGE]
    return page(
        "audit.html",
        lines=[_line(row) for row in rows],
        next=str(After(rows[-1].at, rows[-1].id)) if more else "",
        is_first=after is None,
        wanted=_wanted(search),
        known=sorted(known, key=lambda action: words().name_of("act", action)),
    )


@audit.post("/file")
def file() -> Response:
    """Give the same lines as a file; this, too, is in the audit."""
    search = _search()
    with console().engine.begin() as connection:
        actions(connection)
        rows = [_line(row) for row in find_lines(connection, search, None, MOST_ROWS)]
        cells = [
            (
                f"{in_vietnam(line.at):%Y-%m-%d %H:%M:%S}",
                line.actor,
                words().name_of("act", line.action),
                line.action,
                line.about,
                line.detail,
            )
            for line in rows
        ]
        return as_file(connection, "audit", COLUMNS, cells, **_wanted(search))


def _search() -> Search:
    first, last = asked_day("from"), asked_day("to")
    if first and last and first > last:
        raise Malformed("to")
    return Search(asked("actor"), asked("action"), asked("about"), first, last)


def _wanted(search: Search) -> Mapping[str, str | date]:
    wanted = {
        "actor": search.actor,
        "action": search.action,
        "about": search.about,
        "from": search.begins,
        "to": search.ends,
    }
    return {name: value for name, value in wanted.items() if value}


def _line(row: Row[Any]) -> Line:
    said = (
        f"{words().name_of('noted', key)}: {_plain(value)}"
        for key, value in sorted(row.detail.items())
        if value not in ("", None)
    )
    return Line(
        row.id,
        row.at,
        mask_numbers(row.actor),
        row.action,
        mask_numbers(row.about),
        mask_numbers(" · ".join(said)),
    )


def _plain(value: Any) -> str:
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
