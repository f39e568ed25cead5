"""To which page an alarm leads: where what it tells of is seen closely, or is put right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from service.records.base import LARGEST_ID

from .abouts import ROW
from .audit import named
from .roles import may
from .sessions import Who

PAGES: Final[Mapping[str, str]] = {
    "room": "room.glance",
    "curves": "room.curves",
    "todo": "todo.show",
    "brakes": "brakes.show",
    "machines": "machines.show",
    "requests": "work.requests",
    "emergencies": "work.requests",
    "gaps": "work.gaps",
    "phone": "find.phone",
    "class": "work.training",
    "user": "audit.search",
}
"""What a page is called in `goes.` -> its endpoint."""
_BY_PAGE: Final[Mapping[str, str]] = {
    "room": "carrier_errors carrier_slow reports_silent reports_stray delivered_fallen balance_low"
            " disk_low backup_old backup_never certificate_ends",
    "curves": "nobody_calls callers_fewer hops_slow",
    "todo": "nothing_leaves replies_wait notices_wait backlog_long unknown_old answers_lost"
            " cap_reached cap_near",
    "brakes": "sending_off carrier_paused carrier_away",
    "machines": "worker_gone clock_gone redis_away leases_lost work_overdue work_failed doors_fail"
                " forgetting_late database_away database_read_only",
    "requests": "nobody_to_ask numbers_used_up",
    "emergencies": "emergency_untold emergency_flood",
    "gaps": "nobody_ahead",
}  # fmt: skip
BY_NAME: Final = {name: page for page, names in _BY_PAGE.items() for name in names.split()}
"""The page of each alarm that leads to one, but for those about a row."""
BY_ROW: Final[Mapping[str, str]] = {
    "phone": "phone",
    "person": "phone",
    "class": "class",
    "user": "user",
}
"""The page of each alarm about a row, by the row's kind: a person is looked up by their number."""
# Of what is gone meanwhile no row is found, and nothing leads there.
ROWS = text("""
    SELECT 'phone' AS kind, id AS n, id::text AS leads_to FROM phones WHERE id = ANY(:phone)
    UNION ALL SELECT 'person', id, phone_id::text FROM people
              WHERE id = ANY(:person) AND phone_id IS NOT NULL
    UNION ALL SELECT 'class', number, id::text FROM trainings
              WHERE number = ANY(:class) AND retired_at IS NULL
    UNION ALL SELECT 'user', id, name FROM console_users WHERE id = ANY(:user)
    UNION ALL SELECT 'area', id, id::text FROM areas WHERE id = ANY(:area)
""")
KINDS: Final = ("phone", "person", "class", "user", "area")


@dataclass(frozen=True, slots=True)
class Lead:
    """A link: what the page is called, and its address."""

    page: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """What the address is made of, with `values`."""
        return PAGES[self.page]


def leads_of(connection: Connection, alarms: Sequence[Row[Any]], who: Who) -> Mapping[int, Lead]:
    """Return where alarms lead to, by their ids: only to pages that somebody may open.

    One statement where an alarm is about a row; none else.
    """
    found = _found(connection, [_row_of(alarm) for alarm in alarms])
    leads = ((alarm.id, _lead(alarm, found, who)) for alarm in alarms)
    return {its_id: lead for its_id, lead in leads if lead and may(lead.endpoint, who.role)}


def _row_of(alarm: Row[Any]) -> tuple[str, int]:
    row = ROW.fullmatch(alarm.about)
    if row is None or row[1] not in KINDS or int(row[2][:20]) > LARGEST_ID:
        return "", 0
    return row[1], int(row[2])


def _found(
    connection: Connection, rows: Sequence[tuple[str, int]]
) -> Mapping[tuple[str, int], str]:
    if not any(kind for kind, _ in rows):
        return {}
    wanted = {kind: [n for its_kind, n in rows if its_kind == kind] for kind in KINDS}
    return {(row.kind, row.n): row.leads_to for row in connection.execute(ROWS, wanted)}


def _lead(alarm: Row[Any], found: Mapping[tuple[str, int], str], who: Who) -> Lead | None:
    kind, n = _row_of(alarm)
    target = found.get((kind, n))
    if page := BY_ROW.get(kind):
        return None if target is None else _to_row(page, target, who)
    if not (page := BY_NAME.get(alarm.name, "")):
        return None
    return Lead(page, dict(_narrowed(page, target if kind == "area" else None, who)))


def _to_row(page: str, target: str, who: Who) -> Lead | None:
    """Lead to a row; whoever has a place of their own might be told that there is none."""
    if page == "user":
        return Lead(page, {"actor": named(target)})
    if page == "class":
        return None if who.area_id is not None else Lead(page, {"class_id": int(target)})
    return Lead(page, {"its_id": target})


def _narrowed(page: str, area: str | None, who: Who) -> Iterator[tuple[str, str]]:
    """Yield what narrows a list; whoever has a place of their own gets all of that instead."""
    if page == "emergencies":
        yield "emergency", "1"
    if area is not None and who.area_id is None:
        yield "place", area
