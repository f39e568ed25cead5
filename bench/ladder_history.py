"""What the database remembers of requests that climbed: all the judge of a simulation reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, text

SUMMONS = re.compile(r":sms\.task_(?:new|new_words|up|up_words|still|emergency(?:_up|_still)?):")
"""Messages that tell members of a request nobody has; every other one is news of it."""
BY_NAME = ":sms.task_passed:"
"""Tells a member that a colleague passes a request to them: no step of the ladder."""
MANY = ":sms.task_emergency_many:"
"""Says that there are more emergencies than are told one by one."""


class Asked(NamedTuple):
    """A request as it was asked, and how it stands."""

    id: int
    topic: str
    area_id: int
    phone_id: int
    state: str


class Happened(NamedTuple):
    """A line of a request's history."""

    request_id: int
    event: str
    person_id: int | None
    at: datetime


class Stepped(NamedTuple):
    """A step that was taken."""

    request_id: int
    lap: int
    rung: int
    times: int
    party: str
    people: int
    due_at: datetime
    at: datetime


class Told(NamedTuple):
    """A message that tells a phone of a request nobody has; of a pile of them with no request."""

    request_id: int | None
    phone_id: int
    at: datetime
    leaves_at: datetime
    of_many: bool = False
    """Says that emergencies are too many to be told one by one, for an hour to come."""


class Numbered(NamedTuple):
    """A small number a phone was given for a request."""

    request_id: int
    phone_id: int
    at: datetime


class Member(NamedTuple):
    """Somebody in a team."""

    team_id: int
    person_id: int
    phone_id: int
    role: str
    since: datetime
    until: datetime | None


class Away(NamedTuple):
    """A time in which somebody is away, as far as it was known at a moment."""

    person_id: int
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None
    noted_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether this person was away at a moment, and had said so."""
        known = self.noted_at <= moment and (self.ended_at is None or moment < self.ended_at)
        return known and self.from_at <= moment < self.until_at


class Squad(NamedTuple):
    """A team."""

    id: int
    level: str
    neighbour_id: int | None


class Outage(NamedTuple):
    """A time in which no clock could be expected to work: stopped, or killed a moment ago."""

    begins: datetime
    ends: datetime


@dataclass
class History:
    """Everything that was written down, and when the clocks were kept from their work."""

    ended_at: datetime
    requests: list[Asked]
    events: list[Happened]
    steps: list[Stepped]
    told: list[Told]
    by_name: list[Told]
    numbers: list[Numbered]
    members: list[Member]
    away: list[Away]
    duties: dict[tuple[int, date], int]
    """Team and day of Vietnam -> person."""
    hours: dict[int, tuple[int, int]]
    """Person -> minutes of the day of their own in which they are awake."""
    squads: dict[int, Squad]
    serves: dict[int, list[int]]
    """Area -> the teams that serve this very place."""
    within: dict[int, int | None]
    """Area -> the area it lies in."""
    outages: list[Outage] = field(default_factory=list)


Row = TypeVar("Row")

REQUESTS = """SELECT id, topic, area_id, phone_id, state FROM help_requests
              WHERE state <> 'unfinished' AND opened_at IS NOT NULL ORDER BY id"""
EVENTS = "SELECT request_id, event, person_id, at FROM request_events ORDER BY id"
STEPS = """SELECT request_id, lap, rung, times, party, people, due_at, at FROM climb_steps
           ORDER BY id"""
TOLD = """SELECT m.request_id, p.id AS phone_id, m.created_at, m.due_at, m.idem_key
          FROM messages_out m JOIN phones p ON p.msisdn = m.msisdn
          WHERE m.class IN ('alert', 'emergency') ORDER BY m.id"""
PASSED = """SELECT m.request_id, p.id, m.created_at, m.due_at
            FROM messages_out m JOIN phones p ON p.msisdn = m.msisdn
            WHERE m.request_id IS NOT NULL AND position(CAST(:key AS text) IN m.idem_key) > 0"""
NUMBERS = "SELECT request_id, phone_id, given_at FROM task_numbers ORDER BY id"
MEMBERS = """SELECT m.team_id, m.person_id, h.phone_id, m.role, m.since, m.until
             FROM memberships m JOIN people h ON h.id = m.person_id
             WHERE h.phone_id IS NOT NULL ORDER BY m.person_id"""
AWAY = "SELECT person_id, from_at, until_at, ended_at, created_at FROM absences ORDER BY id"
HOURS = "SELECT id, awake_from, awake_until FROM people WHERE awake_from IS NOT NULL"
SERVES = """SELECT a.area_id, a.team_id FROM team_areas a JOIN teams t ON t.id = a.team_id
            WHERE t.active ORDER BY a.team_id"""


def read_history(engine: Engine, outages: Iterable[Outage] = ()) -> History:
    """Read all there is from a database."""
    with engine.connect() as connection:
        told = [*_told(connection)]
        passed = [Told(*row) for row in connection.execute(text(PASSED), {"key": BY_NAME})]
        serves: dict[int, list[int]] = {}
        for row in connection.execute(text(SERVES)):
            serves.setdefault(row.area_id, []).append(row.team_id)
        duties = connection.execute(text("SELECT team_id, day, person_id FROM duties"))
        squads = _all(connection, Squad, "SELECT id, level, neighbour_id FROM teams WHERE active")
        areas = connection.execute(text("SELECT id, parent_id FROM areas"))
        hours = connection.execute(text(HOURS))
        return History(
            ended_at=connection.execute(text("SELECT clock_timestamp()")).scalar_one(),
            requests=_all(connection, Asked, REQUESTS),
            events=_all(connection, Happened, EVENTS),
            steps=_all(connection, Stepped, STEPS),
            told=told,
            by_name=passed,
            numbers=_all(connection, Numbered, NUMBERS),
            members=_all(connection, Member, MEMBERS),
            away=_all(connection, Away, AWAY),
            duties={(row.team_id, row.day): row.person_id for row in duties},
            hours={row.id: (row.awake_from, row.awake_until) for row in hours},
            squads={squad.id: squad for squad in squads},
            serves=serves,
            within={row.id: row.parent_id for row in areas},
            outages=list(outages),
        )


def _told(connection: Connection) -> Iterable[Told]:
    for row in connection.execute(text(TOLD)):
        of_many = MANY in row.idem_key
        if row.request_id is None and (row.idem_key.startswith("pile:") or of_many):
            yield Told(None, row.phone_id, row.created_at, row.due_at, of_many)
        elif row.request_id is not None and SUMMONS.search(row.idem_key):
            yield Told(row.request_id, row.phone_id, row.created_at, row.due_at)


def _all(connection: Connection, kind: Any, sql: str) -> list[Any]:
    return [kind(*row) for row in connection.execute(text(sql))]


SOON = timedelta(seconds=5)
"""Between two moments of one transaction, however busy the machine is."""
