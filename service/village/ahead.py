"""Gaps ahead: times in which nobody of a hamlet's own team will be there to take a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.moments import now_by

Span = tuple[datetime, datetime]

# Who can be asked at all: see service.village.teams.THERE. A hamlet whose team has nobody left has
# a line without a person; one that has no team is not here.
CREWS = text("""
    SELECT DISTINCT s.area_id, h.id AS person_id
    FROM team_areas s
    JOIN areas a ON a.id = s.area_id AND a.kind = 'hamlet' AND a.active
    JOIN teams t ON t.id = s.team_id AND t.active
    LEFT JOIN (memberships m
               JOIN people h ON h.id = m.person_id
               JOIN phones f ON f.id = h.phone_id AND f.doubted_at IS NULL
                    AND (f.last_heard_at IS NULL
                         OR f.last_heard_at > clock_timestamp() - interval '90 days'))
         ON m.team_id = t.id AND m.until IS NULL
""")
AWAY = text("""
    SELECT person_id, from_at, until_at FROM absences
    WHERE ended_at IS NULL AND until_at > clock_timestamp()
    ORDER BY person_id, from_at
""")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a hamlet has nobody; `ends_at` is None where nobody is known to come back."""

    area_id: int
    begins_at: datetime
    ends_at: datetime | None


def gaps_ahead(session: Session, days: int) -> Sequence[Gap]:
    """Return the gaps that begin within so many days, or have begun, in the order of their begin.

    Only hamlets that have a team: of the others nothing changes.
    """
    now, away = now_by(session), _away(session)
    gaps: list[Gap] = []
    for area_id, people in _crews(session).items():
        if not people:
            gaps.append(Gap(area_id, now, None))
            continue
        nobody = _common([away.get(person, ()) for person in people])
        gaps += [Gap(area_id, max(begins, now), ends) for begins, ends in nobody]
    before = now + timedelta(days=days)
    within = (gap for gap in gaps if gap.begins_at < before)
    return sorted(within, key=lambda gap: (gap.begins_at, gap.area_id))


def _crews(session: Session) -> Mapping[int, set[int]]:
    """Return for each hamlet that has a team who of it can be reached."""
    crews: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(CREWS):
        crews[row.area_id] |= {row.person_id} - {None}
    return crews


def _away(session: Session) -> Mapping[int, Sequence[Span]]:
    """Return when each person is away, in order, absences that touch or overlap put together."""
    away: dict[int, list[Span]] = defaultdict(list)
    for row in session.execute(AWAY):
        spans = away[row.person_id]
        if spans and row.from_at <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], row.until_at)
        else:
            spans.append((row.from_at, row.until_at))
    return away


def _common(everybody: Sequence[Iterable[Span]]) -> Sequence[Span]:
    """Return the spans in which all of them are away."""
    found, *others = (list(spans) for spans in everybody)
    for spans in others:
        found = [
            (max(one[0], other[0]), min(one[1], other[1]))
            for one in found
            for other in spans
            if max(one[0], other[0]) < min(one[1], other[1])
        ]
    return found
