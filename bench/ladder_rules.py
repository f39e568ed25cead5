"""What menus/ladder.yaml promises, worked out anew: nothing here is shared with the service.

The judge must not repeat a mistake of the code it judges, so waiting is counted minute by minute
and who is there is read from the rows of teams, rota and absences by plain loops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from .ladder_history import History, Member

FILE = Path(__file__).resolve().parents[1] / "menus" / "ladder.yaml"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE = timedelta(minutes=1)
IN_SECONDS = {"m": 60, "h": 3600, "d": 86400}
TURN = ("leader", "deputy", "duty", "member", "helper")
"""Roles in the order in which they are asked where nobody is on duty."""
Span = tuple[int, int]
"""Part of every day, in minutes after midnight."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the file."""

    tell: tuple[str, ...]
    wait: timedelta
    again: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """A ladder of the file."""

    rungs: tuple[Rung, ...]
    sleeps: bool

    @property
    def last(self) -> int:
        """The number of its last step."""
        return len(self.rungs) - 1


@dataclass(frozen=True)
class Promises:
    """The whole file."""

    waking: Span
    ladders: Mapping[str, Promise]
    of_topic: Mapping[str, str]

    def of(self, topic: str) -> Promise:
        """Return the ladder of a topic."""
        return self.ladders[self.of_topic.get(topic, "ordinary")]


def read_promises(path: Path = FILE) -> Promises:
    """Read the file."""
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    ladders = {name: _promise(fields) for name, fields in source["ladders"].items()}
    of_topic = {
        topic: name
        for name, fields in source["ladders"].items()
        for topic in fields.get("topics", ())
    }
    begins, _, ends = source["waking"].partition("-")
    return Promises((_minutes(begins), _minutes(ends)), ladders, of_topic)


def _promise(fields: Mapping[str, Any]) -> Promise:
    rungs = []
    for step in fields["steps"]:
        tell = step["tell"] if isinstance(step["tell"], list) else [step["tell"]]
        written = str(step.get("wait") or step["again"])
        wait = timedelta(seconds=int(written[:-1]) * IN_SECONDS[written[-1]])
        rungs.append(Rung(tuple(tell), wait, "again" in step))
    return Promise(tuple(rungs), bool(fields.get("sleeps", True)))


def _minutes(written: str) -> int:
    hours, _, minutes = written.partition(":")
    return int(hours) * 60 + int(minutes)


def due_after(told_at: datetime, rung: Rung, spans: Iterable[Span], *, sleeps: bool) -> datetime:
    """Return when those told have had their time, walking through it minute by minute."""
    if not sleeps:
        return told_at + rung.wait
    awake = {minute for begins, ends in spans for minute in range(begins, ends)}
    now, left = told_at.astimezone(VIETNAM), rung.wait
    if rung.again:  # a day is a day; only it must not end at night
        now, left = now + left, timedelta()
    while True:
        ends = now.replace(second=0, microsecond=0) + MINUTE
        if now.hour * 60 + now.minute in awake:
            if left < ends - now:
                return now + left
            left -= ends - now
        now = ends


@dataclass
class Whereabouts:
    """Who could be told of a request, at which moment."""

    history: History
    _homes: dict[int, dict[str, list[int]]] = field(default_factory=dict)

    @cached_property
    def crews(self) -> Mapping[int, list[Member]]:
        """The members of each team, present and past."""
        crews: dict[int, list[Member]] = {}
        for member in self.history.members:
            crews.setdefault(member.team_id, []).append(member)
        return crews

    @cached_property
    def people_at(self) -> Mapping[int, set[int]]:
        """Phone -> the members it reaches."""
        found: dict[int, set[int]] = {}
        for member in self.history.members:
            found.setdefault(member.phone_id, set()).add(member.person_id)
        return found

    def is_away(self, person_id: int, moment: datetime) -> bool:
        """Say whether somebody had said that they are away at a moment."""
        return any(away.holds(moment) for away in self._absences.get(person_id, ()))

    @cached_property
    def _absences(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for away in self.history.away:
            found.setdefault(away.person_id, []).append(away)
        return found

    def there(self, team_id: int, moment: datetime) -> list[tuple[bool, Member]]:
        """Return who of a team is there, with whether they are on duty, first asked first."""
        day = moment.astimezone(VIETNAM).date()
        on_duty = self.history.duties.get((team_id, day))
        here = [
            (member.person_id == on_duty, member)
            for member in self.crews.get(team_id, ())
            if member.since <= moment
            and (member.until is None or moment < member.until)
            and not self.is_away(member.person_id, moment)
        ]
        here.sort(key=lambda one: (not one[0], TURN.index(one[1].role), one[1].person_id))
        return here

    def teams(self, area_id: int) -> dict[str, list[int]]:
        """Return the teams around a place, by how near they are."""
        if area_id not in self._homes:
            near: dict[str, list[int]] = {"hamlet": [], "commune": [], "province": []}
            place: int | None = area_id
            while place is not None:
                for team_id in self.history.serves.get(place, ()):
                    near[self.history.squads[team_id].level].append(team_id)
                place = self.history.within[place]
            self._homes[area_id] = near
        return self._homes[area_id]

    def told_by(
        self, rung: Rung, area_id: int, moment: datetime, left_out: Collection[int]
    ) -> dict[int, Member]:
        """Return whom a step has to tell: phone -> the member who is meant."""
        near = self.teams(area_id)
        nearest = near["hamlet"] or near["commune"] or near["province"]
        told: dict[int, Member] = {}
        for party in rung.tell:
            taken = {*told, *(() if party == "desk" else left_out)}
            for member in self._party(party, near, nearest, moment, taken):
                told.setdefault(member.phone_id, member)
        return told

    def _party(
        self,
        party: str,
        near: Mapping[str, list[int]],
        nearest: list[int],
        moment: datetime,
        taken: Collection[int],
    ) -> Iterator[Member]:
        if party in {"duty", "deputy", "team"}:
            found = self._crew(nearest, moment, taken)
            if party == "duty":
                yield from found[:1]
            else:
                yield from (m for m in found if party == "team" or m.role == "deputy")
        elif party == "neighbours":
            named = {self.history.squads[team_id].neighbour_id for team_id in nearest}
            asked = set(taken)
            for team_id in sorted(team for team in named if team in self.history.squads):
                for member in self._crew([team_id], moment, asked)[:1]:
                    asked.add(member.phone_id)
                    yield member
        else:
            level = {"commune": "commune", "desk": "province"}[party]
            there = self._crew(near[level], moment, taken)
            if party == "desk" and not there:  # the last is told although they are away
                there = [one for team in near[level] for one in self.crews.get(team, ())]
            yield from there

    def _crew(
        self, team_ids: Iterable[int], moment: datetime, taken: Collection[int]
    ) -> list[Member]:
        """Return one member for each phone of some teams, whoever is on duty first."""
        by_phone: dict[int, tuple[bool, Member]] = {}
        for team_id in team_ids:
            for on_duty, member in self.there(team_id, moment):
                if member.phone_id not in taken:
                    by_phone.setdefault(member.phone_id, (on_duty, member))
        ordered = sorted(by_phone.values(), key=lambda one: not one[0])
        return [member for _, member in ordered]

    def spans(self, members: Iterable[Member], common: Span) -> list[Span]:
        """Return the hours in which any of those told is awake."""
        return [self.history.hours.get(member.person_id, common) for member in members]
