"""When the members of teams are not there: away, or silent so long that their numbers lapse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.teams import Role

from .desk import STALE_AFTER

EVER: Final = datetime.min.replace(tzinfo=UTC)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)

MEMBERS = text("""
    SELECT m.team_id, m.person_id, m.role, f.id AS phone_id, f.last_heard_at,
           f.doubted_at IS NOT NULL AS is_doubted
    FROM memberships m JOIN people h ON h.id = m.person_id
    LEFT JOIN phones f ON f.id = h.phone_id
    WHERE m.until IS NULL AND m.team_id = ANY(:teams)
    ORDER BY m.person_id
""")
AWAY = text("""
    SELECT person_id, from_at, until_at FROM absences
    WHERE ended_at IS NULL AND until_at > (SELECT clock_timestamp()) AND person_id = ANY(:people)
""")


@dataclass(frozen=True, slots=True, order=True)
class Outage:
    """A time in which somebody cannot be asked: from the moment it begins until before its end."""

    begins: datetime
    ends: datetime

    def has(self, moment: datetime) -> bool:
        """Say whether a moment lies in it."""
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a team, and when they are not there."""

    person_id: int
    phone_id: int | None
    role: Role
    outages: tuple[Outage, ...]

    def is_there(self, moment: datetime) -> bool:
        """Say whether they can be asked at a moment, as far as is known now."""
        return not any(outage.has(moment) for outage in self.outages)


def members_of(
    session: Session,
    team_ids: Iterable[int],
    silent_within: timedelta,
    *,
    now: datetime | None = None,
) -> Mapping[int, Sequence[Member]]:
    """Return the members of teams; a number that will lapse counts when it does so in that time.

    Whether somebody goes on being silent for longer than that nobody can know.
    """
    found = session.execute(MEMBERS, {"teams": sorted(set(team_ids))}).all()
    away: dict[int, list[Outage]] = {}
    for row in session.execute(AWAY, {"people": [row.person_id for row in found]}):
        away.setdefault(row.person_id, []).append(Outage(row.from_at, row.until_at))
    horizon = (now or now_by(session)) + silent_within
    members: dict[int, list[Member]] = {}
    for row in found:
        outages = list(away.get(row.person_id, ()))
        if row.phone_id is None or row.is_doubted:
            outages.append(Outage(EVER, FOREVER))
        elif row.last_heard_at is not None and row.last_heard_at + STALE_AFTER < horizon:
            outages.append(Outage(row.last_heard_at + STALE_AFTER, FOREVER))
        member = Member(row.person_id, row.phone_id, Role(row.role), joined(outages))
        members.setdefault(row.team_id, []).append(member)
    return members


def joined(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """Return outages in order, those that overlap or touch put together."""
    parts: list[Outage] = []
    for outage in sorted(outages):
        if parts and outage.begins <= parts[-1].ends:
            parts[-1] = Outage(parts[-1].begins, max(parts[-1].ends, outage.ends))
        else:
            parts.append(outage)
    return tuple(parts)


def all_out(members: Iterable[Member]) -> tuple[Outage, ...]:
    """Return when none of these members is there; all time when there are none."""
    nobody: tuple[Outage, ...] = (Outage(EVER, FOREVER),)
    for member in members:
        nobody = tuple(
            Outage(max(one.begins, other.begins), min(one.ends, other.ends))
            for one in nobody
            for other in member.outages
            if max(one.begins, other.begins) < min(one.ends, other.ends)
        )
    return nobody
