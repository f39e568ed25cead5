"""Hamlets that have nobody on duty, now or in the coming days, and those without a team."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response

from service.text.local_time import in_vietnam
from service.village.quiet import communes_of, hamlets_by_id

from .asked import Malformed, asked, asked_one_of
from .exports import MOST_ROWS, as_file
from .frame import page, words
from .looking import A_PAGE, Look, looking
from .work_figures import AHEAD_DAYS, hamlets_without_anybody, is_now

WHEN = ("now", "soon", "no_team")
COLUMNS = ("col.code", "col.hamlet", "col.commune", "col.when", "col.from", "col.until")


@dataclass(frozen=True, slots=True)
class Empty:
    """A hamlet, and since when or from when it has nobody; no moment where it has no team."""

    key: str
    code: str
    hamlet: str
    commune: str
    when: str
    begins: datetime | None = None
    ends: datetime | None = None


def gap_list() -> Response:
    """Show hamlets without anybody, 50 a page."""
    when, after = asked_one_of("when", WHEN), _after()
    with looking() as look:
        found = [one for one in _empty(look, when) if one.key > after]
        communes = look.communes()
    rows = found[:A_PAGE]
    wanted = {"place": look.place, "when": when}
    return page(
        "gaps.html",
        rows=rows,
        next=rows[-1].key if len(found) > A_PAGE else "",
        is_first=not after,
        communes=communes,
        wanted={name: value for name, value in wanted.items() if value},
        whens=WHEN,
        days=AHEAD_DAYS,
    )


def gap_file() -> Response:
    """Give the same list as a file."""
    when = asked_one_of("when", WHEN)
    with looking() as look:
        cells = [
            (
                one.code,
                one.hamlet,
                one.commune,
                words().name_of("when", one.when),
                _moment(one.begins),
                _moment(one.ends),
            )
            for one in _empty(look, when)[:MOST_ROWS]
        ]
        connection = look.session.connection()
        return as_file(connection, "gaps", COLUMNS, cells, place=look.place, when=when)


def _empty(look: Look, when: str) -> Sequence[Empty]:
    """Return the hamlets without anybody, commune by commune."""
    gaps, unserved = hamlets_without_anybody(look.session, look.places)
    hamlets = hamlets_by_id(look.session, [gap.area_id for gap in gaps])
    communes = communes_of(look.session, [*hamlets.values(), *unserved])
    found = []
    for gap in gaps:
        hamlet, is_there = hamlets[gap.area_id], is_now(gap, look.places.now)
        # What has always been begins whenever it is looked for: no key for the next page.
        began = 0 if is_there else round(gap.begins_at.timestamp())
        key = f"{hamlet.commune_id}.{hamlet.code}.{began:010}"
        named = (hamlet.code, hamlet.full_name, communes[hamlet.commune_id])
        found.append(Empty(key, *named, "now" if is_there else "soon", gap.begins_at, gap.ends_at))
    for hamlet in unserved:
        key = f"{hamlet.commune_id}.{hamlet.code}."
        named = (hamlet.code, hamlet.full_name, communes[hamlet.commune_id])
        found.append(Empty(key, *named, "no_team"))
    return sorted((one for one in found if when in {"", one.when}), key=lambda one: one.key)


def _after() -> str:
    typed = asked("after")
    if typed and not re.fullmatch(r"[0-9.]+", typed, re.ASCII):
        raise Malformed("after")
    return typed


def _moment(moment: datetime | None) -> str:
    return f"{in_vietnam(moment):%Y-%m-%d %H:%M}" if moment else ""
