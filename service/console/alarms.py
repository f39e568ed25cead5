"""The alarms: what is the matter now, what to do first, who knows of it; and what was lately."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row, text

from service.ops.alarm_kinds import KINDS, UNHEARD_OF
from service.ops.alarm_ways import SMS
from service.ops.runbook import PARTS, page_of
from service.records.base import LARGEST_ID
from service.records.watching import Severity

from .abouts import with_lane
from .alarm_links import Lead, leads_of
from .audit import named, note
from .frame import console, go_to, page, who, words

alarms = Blueprint("alarms", __name__)
MOST_OPEN = 200
MOST_OVER = 30
ORDER = tuple(Severity)

OPEN = text("""
    SELECT id, name, about, detail, severity, times, opened_at, last_at,
           acknowledged_at, acknowledged_by
    FROM alarms WHERE closed_at IS NULL ORDER BY opened_at DESC LIMIT :most
""")
OVER = text("""
    SELECT id, name, about, detail, severity, times, opened_at, closed_at
    FROM alarms
    WHERE id < :before AND closed_at > clock_timestamp() - interval '30 days'
      AND opened_at > clock_timestamp() - interval '60 days'
    ORDER BY id DESC LIMIT :most
""")
TOLD = text("""
    SELECT alarm_id, way, done_at, code FROM tellings
    WHERE alarm_id = ANY(:ids) AND word = 'opened' ORDER BY way
""")
# An SMS counts as told once it is in the outbox; that it has not left stands only there.
NOT_LEFT = text("""
    SELECT idem_key, false AS is_lost FROM messages_out
    WHERE state = 'queued' AND lane = 'emergency' AND starts_with(idem_key, 'alarm:')
    UNION ALL
    SELECT idem_key, true FROM messages_out
    WHERE state IN ('rejected', 'failed', 'expired', 'undelivered', 'unknown_closed', 'cancelled')
      AND changed_at > (SELECT clock_timestamp()) - interval '1 day'
      AND lane = 'emergency' AND starts_with(idem_key, 'alarm:')
    LIMIT 1000
""")
ITS_ALARM = re.compile(r"alarm:alarm-(\d+)-opened:")
ACKNOWLEDGE = text("""
    UPDATE alarms SET acknowledged_at = clock_timestamp(), acknowledged_by = :by
    WHERE id = :id AND closed_at IS NULL AND acknowledged_at IS NULL RETURNING name
""")
# Who watches says so by doing its line of the timetable, every two seconds.
WATCHED = text("""
    SELECT last_done_at AS at, coalesce(
               last_done_at > clock_timestamp() - interval '30 seconds', false) AS lately
    FROM (SELECT max(last_done_at) AS last_done_at FROM periodic_work WHERE name = 'watch') AS w
""")
EXISTS = text("SELECT name FROM alarms WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm that is open, with what its page of the runbook says of it."""

    row: Row[Any]
    severity: Severity
    title: str
    means: str
    first: str
    has_page: bool
    told: tuple[str, ...]
    not_told: tuple[tuple[str, str], ...]
    """Ways by which it has not got through, with the reason."""
    texts_wait: bool
    texts_lost: bool
    """Of its SMS some have not left yet, or never will."""
    lead: Lead | None
    """Where it is seen closely or put right, if whoever asks may go there."""


@alarms.get("/alarms")
def show() -> Response:
    """Show what is open, the worst first, and what was within thirty days."""
    before = _before()
    with console().engine.connect() as connection:
        rows = connection.execute(OPEN, {"most": MOST_OPEN}).all() if before is None else ()
        told = _told(connection, [row.id for row in rows])
        leads = leads_of(connection, rows, who())
        waiting, lost = _not_left(connection) if told else ((), ())
        past = {"before": LARGEST_ID if before is None else before, "most": MOST_OVER + 1}
        over = connection.execute(OVER, past).all()
        watched = connection.execute(WATCHED).one()
    shown = [
        _shown(
            row,
            told.get(row.id, ()),
            leads.get(row.id),
            waits=row.id in waiting,
            lost=row.id in lost,
        )
        for row in rows
    ]
    shown.sort(key=lambda one: (ORDER.index(one.severity), one.row.acknowledged_at is not None))
    return page(
        "alarms.html",
        shown=shown,
        over=over[:MOST_OVER],
        before=before,
        watched=watched,
        next_before=over[MOST_OVER - 1].id if len(over) > MOST_OVER else None,
        severity_of=severity_of,
        title_of=title_of,
        may_acknowledge=who().role == "operator",
    )


@alarms.post("/alarms/<int:alarm>/acknowledge")
def acknowledge(alarm: int) -> Response:
    """Note that somebody knows: nobody else is told of it any more but its end."""
    if alarm > LARGEST_ID:
        abort(404)
    with console().engine.begin() as connection:
        by = {"id": alarm, "by": who().name}
        name = connection.execute(ACKNOWLEDGE, by).scalar_one_or_none()
        if name is not None:
            note(connection, named(who().name), "alarm_acknowledged", f"alarm {alarm}", name=name)
        elif connection.execute(EXISTS, {"id": alarm}).one_or_none() is None:
            abort(404)
    return go_to("alarms.show", did="acknowledged" if name else "known_already")


@alarms.get("/alarms/<title>/runbook")
def runbook(title: str) -> Response:
    """Show an alarm's page of the runbook."""
    found = page_of(title)
    if found is None:
        abort(404)
    language = words().language
    return page(
        "runbook.html",
        name=title,
        title=found.title[language],
        severity=KINDS[title].severity if title in KINDS else None,
        parts=[(part, found.parts[language][part]) for part in PARTS],
    )


def severity_of(row: Row[Any]) -> Severity:
    """Return how bad an alarm has been, or can be where nothing else is noted."""
    return Severity(row.severity or KINDS.get(row.name, UNHEARD_OF).severity)


def title_of(name: str) -> str:
    """Return what an alarm is called in the language of whoever asks."""
    found = page_of(name)
    return found.title[words().language] if found else name


def _before() -> int | None:
    """Read after which alarm the page goes on; anything but a number is a page there is not."""
    asked = request.args.get("before", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit()) or int(asked[:20]) > LARGEST_ID:
        abort(404)
    return int(asked[:20])


def _told(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(TOLD, {"ids": list(ids)}):
        found.setdefault(row.alarm_id, []).append(row)
    return found


def _not_left(connection: Connection) -> tuple[Collection[int], Collection[int]]:
    """Return alarms of which an SMS waits to be sent, and those of which one never arrives."""
    found: dict[bool, set[int]] = {False: set(), True: set()}
    for row in connection.execute(NOT_LEFT):
        if its := ITS_ALARM.match(row.idem_key):
            found[row.is_lost].add(int(its[1]))
    return found[False], found[True]


def _shown(
    row: Row[Any], told: Sequence[Row[Any]], lead: Lead | None, *, waits: bool, lost: bool
) -> Shown:
    found, language = page_of(row.name), words().language
    said = found.parts[language] if found else {}
    return Shown(
        row=row,
        severity=severity_of(row),
        title=title_of(row.name),
        means=said.get("means", ""),
        first=with_lane(said.get("first", ""), row.about),
        has_page=found is not None,
        told=tuple(
            one.way
            for one in told
            if one.done_at and not one.code and not (one.way == SMS and (waits or lost))
        ),
        not_told=tuple((one.way, one.code) for one in told if one.code not in {None, "needless"}),
        texts_wait=waits,
        texts_lost=lost,
        lead=lead,
    )
