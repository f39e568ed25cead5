"""When a place has nobody to ask: all of its teams away at once, or silent for too long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.teams import Level

from .desk import STALE_AFTER
from .presence import EVER, FOREVER, Member, all_out, members_of

SERVED = text("""
    SELECT ta.area_id, t.level, t.id AS team_id
    FROM teams t JOIN team_areas ta ON ta.team_id = t.id JOIN areas a ON a.id = ta.area_id
    WHERE t.active AND a.active AND (:areas_given = 0 OR ta.area_id = ANY(CAST(:areas AS bigint[])))
    ORDER BY ta.area_id, t.level, t.id
""")
# Whoever is in no doubt and not away is there all the time: a place that has one has no gap. Of
# thousands of places this leaves the few that are worth reading member by member.
AT_RISK = text("""
    SELECT ta.area_id
    FROM teams t JOIN team_areas ta ON ta.team_id = t.id JOIN areas a ON a.id = ta.area_id
    LEFT JOIN LATERAL (
        SELECT m.person_id
        FROM memberships m JOIN people h ON h.id = m.person_id JOIN phones f ON f.id = h.phone_id
        WHERE m.team_id = t.id AND m.until IS NULL AND f.doubted_at IS NULL
          AND (f.last_heard_at IS NULL OR f.last_heard_at + :stale_after >= :silent_until)
          AND NOT EXISTS (SELECT FROM absences w WHERE w.person_id = m.person_id
                          AND w.ended_at IS NULL AND w.until_at > :now)
        LIMIT 1) AS there ON true
    WHERE t.active AND a.active AND (:areas_given = 0 OR ta.area_id = ANY(CAST(:areas AS bigint[])))
    GROUP BY ta.area_id, t.level HAVING count(there.person_id) = 0
""")
SERVED_BY = text("""
    SELECT DISTINCT ta.area_id FROM memberships m JOIN team_areas ta ON ta.team_id = m.team_id
    WHERE m.person_id = ANY(:people) AND m.until IS NULL
""")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody of the teams of a place is there."""

    area_id: int
    level: Level
    """Whose teams these are: a hamlet's own, the commune's, the province's."""
    begins_at: datetime
    ends_at: datetime | None
    """None where nobody is known to come back."""


@dataclass(frozen=True, slots=True)
class Served:
    """That a team serves a place."""

    area_id: int
    level: Level
    team_id: int


def gaps_ahead(
    session: Session,
    days: int,
    areas: Collection[int] | None = None,
    *,
    now: datetime | None = None,
) -> Sequence[Gap]:
    """Return the gaps there are, or that begin within so many days, in the order of their begin.

    Of some places only, where `areas` names them; as of `now`, which is else looked up.
    """
    within, now = timedelta(days=days), now or now_by(session)
    at_risk = _at_risk(session, areas, now, now + within)
    found = find_gaps(session, at_risk, now + within, within, now=now) if at_risk else ()
    return sorted(found, key=lambda gap: (gap.begins_at, gap.area_id))


def _at_risk(
    session: Session, areas: Collection[int] | None, now: datetime, silent_until: datetime
) -> Sequence[int]:
    """Return the places of which some teams have nobody who is there all the time."""
    asked = {
        "areas": sorted(areas or ()),
        "areas_given": int(areas is not None),
        "stale_after": STALE_AFTER,
        "silent_until": silent_until,
        "now": now,
    }
    return session.scalars(AT_RISK, asked).all()


def areas_of(session: Session, person_ids: Iterable[int]) -> set[int]:
    """Return the ids of all places that the teams of these people serve."""
    return set(session.scalars(SERVED_BY, {"people": sorted(person_ids)}))


def teams_serving(session: Session, areas: Iterable[int] | None) -> Sequence[Served]:
    """Return which teams serve these places, or all there are."""
    given = sorted(areas) if areas is not None else []
    rows = session.execute(SERVED, {"areas": given, "areas_given": int(areas is not None)})
    return [Served(row.area_id, Level(row.level), row.team_id) for row in rows]


def find_gaps(
    session: Session,
    areas: Iterable[int] | None,
    by: datetime,
    silent_within: timedelta,
    *,
    now: datetime | None = None,
) -> Iterator[Gap]:
    """Yield the gaps of these places, or of all, that are not over and begin before `by`."""
    served = teams_serving(session, areas)
    now = now or now_by(session)
    members = members_of(session, {one.team_id for one in served}, silent_within, now=now)
    for (area_id, level), teams in groupby(served, lambda one: (one.area_id, one.level)):
        all_members: list[Member] = []
        for one in teams:
            all_members += members.get(one.team_id, ())
        for outage in all_out(all_members):
            if outage.ends > now and outage.begins < by:
                begins = now if outage.begins == EVER else outage.begins
                ends = None if outage.ends == FOREVER else outage.ends
                yield Gap(area_id, level, begins, ends)
