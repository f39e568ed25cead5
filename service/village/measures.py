"""Figures about requests: how many, how quickly, how well. docs/measures.md defines each.

The definitions are those of the view `measured_requests`; the views by week count with the same
words as REPORT does for any period, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from service.text.weeks import Period

from .sightings import in_order


class By(StrEnum):
    """What a report has a line for."""

    TOPIC = "topic"
    HAMLET = "hamlet"
    COMMUNE = "commune"
    PROVINCE = "province"


# The weeks are what is indexed; the days say exactly which.
REPORT = text("""
    WITH lines AS MATERIALIZED (
        SELECT CASE CAST(:by AS text) WHEN 'topic' THEN m.topic
                    WHEN 'hamlet' THEN CAST(m.area_id AS text)
                    WHEN 'commune' THEN CAST(coalesce(m.commune_id, m.area_id) AS text)
                    ELSE CAST(coalesce(m.province_id, m.area_id) AS text) END AS key, m.*
        FROM measured_requests m
        WHERE m.week BETWEEN CAST(:first_week AS date) AND CAST(:last_week AS date)
          AND m.day BETWEEN CAST(:begins AS date) AND CAST(:ends AS date)
          AND (CAST(:commune_id AS bigint) IS NULL OR m.commune_id = :commune_id))
    SELECT key, grouping(key) = 1 AS is_total,
           count(*) AS asked,
           count(*) FILTER (WHERE state = 'open') AS open,
           count(*) FILTER (WHERE state = 'accepted') AS accepted,
           count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'closed') AS closed,
           count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
           count(answered_at) AS answered,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_answer) AS answer_median,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_answer) AS answer_nine_in_ten,
           count(*) FILTER (WHERE closed_by = 'word') AS closed_by_word,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_close)
               FILTER (WHERE closed_by = 'word') AS word_median,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_close)
               FILTER (WHERE closed_by = 'word') AS word_nine_in_ten,
           count(*) FILTER (WHERE closed_by = 'silence') AS closed_by_silence,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_close)
               FILTER (WHERE closed_by = 'silence') AS silence_median,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_close)
               FILTER (WHERE closed_by = 'silence') AS silence_nine_in_ten,
           count(*) FILTER (WHERE closed_by = 'word' AND reopened = 0) AS solved_at_first_try,
           count(*) FILTER (WHERE closed_by = 'silence' AND reopened = 0) AS silent_at_first_try,
           count(*) FILTER (WHERE reopened > 0) AS reopened,
           count(*) FILTER (WHERE escalated) AS escalated,
           count(*) FILTER (WHERE reached_desk) AS reached_desk,
           count(*) FILTER (WHERE passed_on) AS passed_on,
           clock_timestamp() - min(waits_since) AS oldest_open
    FROM lines GROUP BY GROUPING SETS ((key), ())
""")
WAITING = text("""
    SELECT step, sum(open) AS open, clock_timestamp() - min(oldest_open_since) AS oldest
    FROM waiting_requests
    WHERE CAST(:commune_id AS bigint) IS NULL OR commune_id = :commune_id
    GROUP BY step
    ORDER BY array_position(
        ARRAY['duty', 'deputy', 'team', 'neighbours', 'commune', 'desk', 'nobody'], step)
""")
PLACES = text("""
    SELECT a.id, a.kind, a.code, concat_ws(' ', nullif(a.title, ''), a.name) AS name,
           concat_ws(' ', nullif(p.title, ''), p.name) AS lies_in
    FROM areas a LEFT JOIN areas p ON p.id = a.parent_id
    WHERE a.id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of some requests; a time is None where nothing was there to be timed."""

    asked: int
    open: int
    accepted: int
    done: int
    closed: int
    cancelled: int
    answered: int
    answer_median: timedelta | None
    answer_nine_in_ten: timedelta | None
    closed_by_word: int
    word_median: timedelta | None
    word_nine_in_ten: timedelta | None
    closed_by_silence: int
    silence_median: timedelta | None
    silence_nine_in_ten: timedelta | None
    solved_at_first_try: int
    silent_at_first_try: int
    reopened: int
    escalated: int
    reached_desk: int
    passed_on: int
    oldest_open: timedelta | None


NAMES = tuple(Figures.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one topic or place."""

    code: str
    """The topic as menus/topics.yaml names it, or the code of the place."""
    name: str
    """The place as it is written, with its marks; empty for a topic."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, line by line, and of all of it."""

    lines: Sequence[Line]
    total: Figures


@dataclass(frozen=True, slots=True)
class Waiting:
    """Requests nobody has taken now that were told to one step of their ladder last."""

    step: str
    open: int
    oldest: timedelta


def report(session: Session, period: Period, by: By, commune_id: int | None = None) -> Report:
    """Return the figures of the requests filed in a period, those most asked for first."""
    rows = session.execute(
        REPORT,
        {
            "by": by,
            "begins": period.begins,
            "ends": period.ends,
            "first_week": period.begins - timedelta(days=period.begins.weekday()),
            "last_week": period.ends,
            "commune_id": commune_id,
        },
    ).all()
    (total,) = (row for row in rows if row.is_total)
    found = [row for row in rows if not row.is_total]
    if by is By.TOPIC:
        lines = [Line(row.key, "", _figures(row)) for row in found]
    else:
        named = _places(session, {int(row.key) for row in found})
        lines = [Line(*named[int(row.key)], _figures(row)) for row in found]
    lines.sort(key=lambda line: (-line.figures.asked, in_order(line.name), line.code))
    return Report(lines, _figures(total))


def waiting(session: Session, commune_id: int | None = None) -> Sequence[Waiting]:
    """Return what waits for somebody to take it now, whenever it was filed, nearest step first."""
    rows = session.execute(WAITING, {"commune_id": commune_id})
    return [Waiting(row.step, int(row.open), row.oldest) for row in rows]


def _figures(row: Row[Any]) -> Figures:
    return Figures(**{name: getattr(row, name) for name in NAMES})


def _places(session: Session, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Return code and full name of places: "Xóm Cốc Phia, Xã Hòa An", "Xã Hòa An"."""
    rows = session.execute(PLACES, {"ids": sorted(ids)})
    return {
        row.id: (row.code, f"{row.name}, {row.lies_in}" if row.kind == "hamlet" else row.name)
        for row in rows
    }
