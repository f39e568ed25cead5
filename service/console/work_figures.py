"""Requests and classes at a glance: how many wait for whom, how quickly they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from service.records.requests import RequestState
from service.records.teams import Level
from service.text.local_time import day_in_vietnam
from service.text.weeks import week_of
from service.village.gaps import Gap, gaps_ahead
from service.village.quiet import Hamlet, unserved_hamlets

from .scope import Places

STEPS = ("nobody", "duty", "deputy", "team", "neighbours", "commune", "desk")
"""Who was told last, from nobody to the province's desk; docs/ladder.md says who each is."""
AHEAD_DAYS = 7
"""How far ahead gaps and classes are shown."""
SHOWN_CLASSES = 6

# Since when: who has it took it, said that it is done; of the others docs/measures.md, oldest_open.
LIVE = text("""
    SELECT r.state, l.ladder IS NOT DISTINCT FROM 'emergency' AS is_emergency,
           CASE WHEN r.state = 'open' AND l.rung >= 0 THEN coalesce(l.party, 'nobody')
                WHEN r.state = 'open' THEN 'nobody' ELSE '' END AS step,
           count(*) AS n,
           min(CASE WHEN r.state = 'accepted' THEN coalesce(r.accepted_at, r.opened_at)
                    WHEN r.state = 'done' THEN coalesce(r.done_at, r.opened_at)
                    WHEN l.began_at < r.opened_at + interval '1 minute' THEN r.opened_at
                    WHEN EXISTS (SELECT FROM request_events e
                                 WHERE e.request_id = r.id AND e.event = 'accepted')
                         THEN coalesce(l.began_at, r.opened_at)
                    ELSE r.opened_at END) AS since
    FROM help_requests r
    LEFT JOIN LATERAL (SELECT ladder, rung, party, began_at FROM climbs
                       WHERE request_id = r.id LIMIT 1) AS l ON true
    WHERE r.state IN ('open', 'accepted', 'done') AND r.opened_at IS NOT NULL
      AND (:everywhere OR r.area_id = ANY(:places))
    GROUP BY 1, 2, 3
""")
# What measured_requests says of each, read for two weeks at once; a test holds the two together.
WEEKS = text("""
    WITH filed AS MATERIALIZED (
        SELECT id, state, opened_at, accepted_at, closed_at,
               CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date) AS week
        FROM help_requests
        WHERE CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date)
              IN (CAST(:this_week AS date), CAST(:last_week AS date))
          AND (:everywhere OR area_id = ANY(:places))
    ), taken AS MATERIALIZED (
        SELECT request_id, min(at) AS at FROM request_events
        WHERE request_id = ANY(ARRAY(SELECT id FROM filed)) AND event = 'accepted'
        GROUP BY request_id
    ), solved AS MATERIALIZED (
        SELECT DISTINCT request_id FROM questions
        WHERE request_id = ANY(ARRAY(SELECT id FROM filed)) AND answer = '1'
    ), timed AS (
        SELECT f.week,
               CASE WHEN least(t.at, f.accepted_at) IS NOT NULL
                    THEN greatest(least(t.at, f.accepted_at) - f.opened_at, interval '0')
               END AS to_answer,
               CASE WHEN f.state = 'closed'
                    THEN greatest(f.closed_at - f.opened_at, interval '0') END AS to_close,
               f.state = 'closed' AND s.request_id IS NOT NULL AS by_word,
               f.state = 'closed' AND s.request_id IS NULL AS by_silence
        FROM filed f LEFT JOIN taken t ON t.request_id = f.id
        LEFT JOIN solved s ON s.request_id = f.id
    )
    SELECT week, count(*) AS asked, count(to_answer) AS answered,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY to_answer) AS answer_median,
           count(*) FILTER (WHERE by_word) AS closed_by_word,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY to_close)
               FILTER (WHERE by_word) AS word_median,
           count(*) FILTER (WHERE by_silence) AS closed_by_silence,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY to_close)
               FILTER (WHERE by_silence) AS silence_median
    FROM timed GROUP BY week
""")


@dataclass(frozen=True, slots=True)
class Count:
    """How many requests, and since when the oldest of them."""

    n: int = 0
    since: datetime | None = None

    def __add__(self, other: Count) -> Count:
        moments = [moment for moment in (self.since, other.since) if moment is not None]
        return Count(self.n + other.n, min(moments, default=None))

    def age(self, now: datetime) -> timedelta | None:
        """Return how long the oldest has been so."""
        return now - self.since if self.since else None


@dataclass(frozen=True, slots=True)
class Standing:
    """The requests that are going on."""

    steps: Mapping[str, Count]
    """Those nobody has, by who was told last."""
    states: Mapping[str, Count]
    emergencies: Count

    @property
    def most(self) -> int:
        """How many the step has that most are at; 1 at least, to draw by."""
        return max(1, *(count.n for count in self.steps.values()))


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of the requests filed in a week, as docs/measures.md defines them."""

    begins: date
    asked: int = 0
    answered: int = 0
    answer_median: timedelta | None = None
    closed_by_word: int = 0
    word_median: timedelta | None = None
    closed_by_silence: int = 0
    silence_median: timedelta | None = None

    @property
    def name(self) -> str:
        """The week as 2026-W48."""
        return week_of(self.begins).week


@dataclass(frozen=True, slots=True)
class Duty:
    """Hamlets that have nobody."""

    now: int
    soon: int
    """Those that have somebody now, and will have nobody within AHEAD_DAYS."""
    without_team: int


def standing_of(session: Session, places: Places) -> Standing:
    """Count what is going on."""
    steps = dict.fromkeys(STEPS, Count())
    states = {str(state): Count() for state in (RequestState.ACCEPTED, RequestState.DONE)}
    states[RequestState.OPEN] = emergencies = Count()
    for row in session.execute(LIVE, places.bound()):
        count = Count(row.n, row.since)
        states[row.state] += count
        if row.step:
            steps[row.step] = steps.get(row.step, Count()) + count
        if row.is_emergency:
            emergencies += count
    return Standing(steps, states, emergencies)


def weeks_of(session: Session, places: Places) -> tuple[Week, Week]:
    """Return the figures of this week and of the last."""
    this = week_of(day_in_vietnam(places.now)).begins
    last = this - timedelta(days=7)
    asked = {"this_week": this, "last_week": last, **places.bound()}
    found = {row.week: _week(row) for row in session.execute(WEEKS, asked)}
    return found.get(this, Week(this)), found.get(last, Week(last))


def hamlets_without_anybody(
    session: Session, places: Places
) -> tuple[Sequence[Gap], Sequence[Hamlet]]:
    """Return the gaps of hamlets now and within AHEAD_DAYS, and the hamlets that have no team."""
    areas = None if places.everywhere else places.ids
    ahead = gaps_ahead(session, AHEAD_DAYS, areas, now=places.now)
    gaps = [gap for gap in ahead if gap.level is Level.HAMLET and places.has(gap.area_id)]
    return gaps, [hamlet for hamlet in unserved_hamlets(session) if places.has(hamlet.id)]


def duty_of(session: Session, places: Places) -> Duty:
    """Count the hamlets that have nobody, or will have nobody."""
    gaps, unserved = hamlets_without_anybody(session, places)
    now = {gap.area_id for gap in gaps if is_now(gap, places.now)}
    return Duty(len(now), len({gap.area_id for gap in gaps} - now), len(unserved))


def is_now(gap: Gap, now: datetime) -> bool:
    """Say whether a gap is there already; one that has always been begins when it is looked for."""
    return gap.begins_at <= now


def _week(row: Row[Any]) -> Week:
    return Week(row.week, *tuple(row)[1:])
