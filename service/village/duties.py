"""Who of a team is on duty on which day: requests of that day reach them first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from sqlalchemy import case, select, text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.people import Person
from service.records.rota import Duty
from service.records.teams import Level, Membership, Role, Team
from service.text.days import said_day
from service.text.fold import fold
from service.text.gsm7 import cut
from service.text.local_time import day_in_vietnam, midnight_of

from .absences import is_away_on
from .desk import Desk, lock_phones
from .ledger import called

WEEK = 7
FREE_AHEAD = 14
"""Days ahead of which the menu lists those nobody has."""
EVE = timedelta(hours=5)
"""So long before a day begins, at 19:00, whoever is on duty is reminded."""
LONGEST_NAME = 12
"""Letters of a name on the rota: two words of it."""

# Who left the team has their days no more, whatever stands here.
ON_DUTY = text("""
    SELECT d.day, d.person_id FROM duties d
    JOIN memberships m ON m.team_id = d.team_id AND m.person_id = d.person_id AND m.until IS NULL
    WHERE d.team_id = :team_id AND d.day BETWEEN :first AND :last
""")
TAKE_DAY = text("""
    INSERT INTO duties AS d (team_id, day, person_id, reminded_at)
    VALUES (:team_id, :day, :person_id, :reminded_at)
    ON CONFLICT (team_id, day) DO UPDATE
    SET person_id = excluded.person_id, reminded_at = excluded.reminded_at
    WHERE d.person_id <> excluded.person_id
      AND NOT EXISTS (SELECT FROM memberships m
                      WHERE m.team_id = d.team_id AND m.person_id = d.person_id AND m.until IS NULL)
    RETURNING day
""")


class Taken(Enum):
    """How putting oneself on duty went."""

    TAKEN = "taken"
    YOURS = "yours"
    """The day was theirs before."""
    OTHER = "other"
    """Somebody else has it."""
    AWAY = "away"
    """They have said that they are away then."""
    NO_TEAM = "no_team"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a team's rota."""

    day: date
    person: Person | None
    """Who is on duty by the rota, else the leader; None in a team without one."""
    is_set: bool
    """Whether somebody was put on duty for it."""


def team_of(session: Session, member: Person) -> Team | None:
    """Return the team whose rota a member is on: of several, the nearest to the hamlets."""
    nearness = case({level.value: n for n, level in enumerate(Level)}, value=Team.level)
    return session.scalars(
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.person_id == member.id, Membership.until.is_(None), Team.active)
        .order_by(nearness, Team.id)
        .limit(1)
    ).one_or_none()


def today_of(session: Session) -> date:
    """Return which day it is in Vietnam."""
    return day_in_vietnam(now_by(session))


def rota(session: Session, team: Team, first: date, days: int = WEEK) -> Sequence[Day]:
    """Return who is on duty on each of so many days."""
    last = first + timedelta(days=days - 1)
    about = {"team_id": team.id, "first": first, "last": last}
    on_duty = {row.day: row.person_id for row in session.execute(ON_DUTY, about)}
    leader = _leader(session, team)
    found = []
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        person = session.get(Person, on_duty[day]) if day in on_duty else leader
        found.append(Day(day, person, day in on_duty))
    return found


def on_day(session: Session, team: Team, day: date) -> Day:
    """Return who is on duty on a day."""
    return rota(session, team, day, 1)[0]


def take_day(desk: Desk, member: Person, team: Team, day: date) -> Taken:
    """Put a member on duty on a day that nobody has."""
    session = desk.unit.session
    lock_phones(desk.unit, {desk.phone().id})
    there = on_day(session, team, day)
    if there.is_set and there.person:
        return Taken.YOURS if there.person.id == member.id else Taken.OTHER
    if is_away_on(session, member, day):
        return Taken.AWAY
    row = {"team_id": team.id, "day": day, "person_id": member.id}
    reminded = {"reminded_at": knows_already(session, day)}
    if session.execute(TAKE_DAY, {**row, **reminded}).one_or_none() is not None:
        return Taken.TAKEN
    other = session.get_one(Duty, (team.id, day), populate_existing=True)
    return Taken.YOURS if other.person_id == member.id else Taken.OTHER


def knows_already(session: Session, day: date) -> datetime | None:
    """Return this moment when a day is so near that who takes it need not be reminded."""
    now = now_by(session)
    return now if now >= midnight_of(day) - EVE else None


def days_of(session: Session, member: Person, first: date, last: date) -> list[date]:
    """Return the days on which a member was put on duty, in any team of theirs."""
    return list(
        session.scalars(
            select(Duty.day)
            .join(Membership, Membership.team_id == Duty.team_id)
            .where(
                Duty.person_id == member.id,
                Membership.person_id == member.id,
                Membership.until.is_(None),
                Duty.day.between(first, last),
            )
            .distinct()
            .order_by(Duty.day)
        )
    )


def written(session: Session, days: Sequence[Day], room: int) -> list[str]:
    """Return a rota in parts that fit a gap: days in a row of one person are one entry."""
    today = today_of(session)
    entries: list[str] = []
    for run in _runs(session, days):
        name, away = short_name(run[0][0].person), run[0][1]
        first, last = said_day(run[0][0].day, today), said_day(run[-1][0].day, today)
        when = first if len(run) == 1 else f"{first}-{last}"
        entries.append(f"{when} {name}{' (nghi)' if away else ''}")
    parts = [""]
    for entry in entries:
        longer = f"{parts[-1]}, {entry}" if parts[-1] else entry
        if len(longer) > room:
            parts.append(entry)
        else:
            parts[-1] = longer
    return parts


def short_name(person: Person | None) -> str:
    """Return the last two words of a name, by which people are called."""
    return cut(" ".join(fold(called(person)).text.split()[-2:]), LONGEST_NAME)


def _runs(session: Session, days: Sequence[Day]) -> list[list[tuple[Day, bool]]]:
    """Return the days in runs that have the same person, there or away."""
    runs: list[list[tuple[Day, bool]]] = []
    for day in days:
        away = day.person is not None and is_away_on(session, day.person, day.day)
        before = runs[-1][-1] if runs else None
        if before and before[1] == away and before[0].person is day.person:
            runs[-1].append((day, away))
        else:
            runs.append([(day, away)])
    return runs


def _leader(session: Session, team: Team) -> Person | None:
    return session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == team.id,
            Membership.until.is_(None),
            Membership.role == Role.LEADER,
        )
        .order_by(Membership.id)
        .limit(1)
    ).one_or_none()
