"""A province of invented teams and villagers for a simulation, as uneven as real ones are."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from service.records.areas import Area, AreaKind
from service.records.people import Consent, ConsentKind, Person, Phone
from service.records.rota import Duty
from service.records.teams import Level, Membership, Role, Team, TeamArea
from service.text.codes import hamlet_code
from service.text.fold import search_key
from service.village.gazetteer import load_places

from .seed import FIRST_NUMBER

DATA = Path(__file__).resolve().parents[1] / "data"
COMMUNES = 12
WITHOUT_TEAM = 0.12
"""Share of hamlets that have no team of their own."""
BIGGEST = 8
HOURS = ((300, 1200), (420, 1320), (480, 1080))
"""Hours of their own that some people keep, in minutes of the day."""


class Villager(NamedTuple):
    """Somebody who may ask for help."""

    msisdn: str
    person_id: int


class Teammate(NamedTuple):
    """Somebody in a team."""

    msisdn: str
    person_id: int
    role: str
    level: str


@dataclass
class Cast:
    """Everybody in the simulation."""

    villagers: list[Villager] = field(default_factory=list)
    team: list[Teammate] = field(default_factory=list)
    teams: int = 0
    hamlets: int = 0
    teamless: int = 0
    sizes: list[int] = field(default_factory=list)

    @property
    def steadfast(self) -> Teammate:
        """The one at the province's desk who never goes away."""
        return next(one for one in self.team if one.level == Level.PROVINCE)


class Settlers:
    """Fills an empty, migrated database."""

    def __init__(self, session: Session, chance: random.Random, first_day: date) -> None:
        self._session, self._chance, self._first_day = session, chance, first_day
        self._numbers = itertools.count(FIRST_NUMBER)
        self._cast = Cast()

    def settle(self, hamlets: int, villagers: int) -> Cast:
        """Make hamlets, teams and villagers; return who there is."""
        session, chance = self._session, self._chance
        communes = session.scalars(
            select(Area).where(Area.kind == AreaKind.COMMUNE).order_by(Area.code).limit(COMMUNES)
        ).all()
        homes = [self._hamlet(n, communes[n % len(communes)]) for n in range(hamlets)]
        self._cast.hamlets = hamlets
        self._desk(communes[0].parent_id)
        for commune in communes[: COMMUNES * 3 // 4]:
            self._team(Level.COMMUNE, [commune], [Role.DUTY] * chance.choice((1, 2)))
        near: dict[int | None, Team] = {}
        for group in self._served(homes):
            team = self._team(Level.HAMLET, group, [*self._roles()])
            before = near.get(group[0].parent_id)
            if before is not None and chance.random() < 0.5:
                team.neighbour_id, before.neighbour_id = before.id, team.id
            near[group[0].parent_id] = team
        for number in range(villagers):
            person = self._person(homes[number % hamlets].id, f"Bà con {number}")
            self._cast.villagers.append(Villager(self._msisdn(person), person.id))
        session.flush()
        return self._cast

    def _hamlet(self, number: int, commune: Area) -> Area:
        name = f"Thử {number:04d}"
        hamlet = Area(
            kind=AreaKind.HAMLET,
            code=hamlet_code(number + 1),
            title="Xóm",
            name=name,
            name_key=search_key(name),
            parent_id=commune.id,
        )
        self._session.add(hamlet)
        self._session.flush()
        return hamlet

    def _served(self, homes: Sequence[Area]) -> Iterator[list[Area]]:
        """Yield the hamlets of each team: mostly one, some two, and some hamlets have none."""
        kept = [home for home in homes if self._chance.random() >= WITHOUT_TEAM]
        self._cast.teamless = len(homes) - len(kept)
        while kept:
            several = 2 if self._chance.random() < 0.1 else 1
            group, kept = kept[:several], kept[several:]
            yield group

    def _roles(self) -> Iterator[Role]:
        """Yield the roles of a team of one to eight."""
        size = self._chance.randint(1, BIGGEST)
        yield Role.LEADER
        if size > 1 and self._chance.random() < 0.8:
            yield Role.DEPUTY
            size -= 1
        for _ in range(size - 1):
            yield self._chance.choice((Role.MEMBER, Role.MEMBER, Role.HELPER))

    def _desk(self, province_id: int | None) -> None:
        province = self._session.get(Area, province_id)
        assert province is not None
        self._team(Level.PROVINCE, [province], [Role.DUTY] * 3)

    def _team(self, level: Level, serves: Sequence[Area], roles: Sequence[Role]) -> Team:
        session, chance = self._session, self._chance
        self._cast.teams += 1
        team = Team(name=f"Tổ {self._cast.teams}", level=level)
        session.add(team)
        session.flush()
        session.add_all(TeamArea(team_id=team.id, area_id=area.id) for area in serves)
        crew: list[Person] = []
        for role in roles:
            shared = crew[-1] if crew and chance.random() < 0.04 else None
            person = self._person(
                serves[0].id if level is Level.HAMLET else None,
                f"{role} {self._cast.teams}-{len(crew)}",
                shares=shared,
                hours=chance.choice(HOURS) if chance.random() < 0.15 else None,
            )
            crew.append(person)
            session.add(Membership(team_id=team.id, person_id=person.id, role=role))
            if shared is None:
                self._cast.team.append(Teammate(self._msisdn(person), person.id, role, level))
        self._cast.sizes.append(len(crew))
        if len(crew) > 1 and chance.random() < 0.3:
            self._rota(team, crew)
        return team

    def _rota(self, team: Team, crew: Sequence[Person]) -> None:
        """Let all take turns, day after day."""
        for day in range(60):
            on_duty = crew[day % len(crew)].id
            when = self._first_day + timedelta(days=day)
            self._session.add(Duty(team_id=team.id, day=when, person_id=on_duty))

    def _person(
        self,
        area_id: int | None,
        name: str,
        *,
        shares: Person | None = None,
        hours: tuple[int, int] | None = None,
    ) -> Person:
        session = self._session
        if shares is not None:
            person = Person(name=name, area_id=area_id, phone_id=shares.phone_id)
            session.add(person)
            session.flush()
            return person
        phone = Phone(msisdn=f"+84{next(self._numbers)}")
        session.add(phone)
        session.flush()
        person = Person(name=name, area_id=area_id, phone_id=phone.id)
        person.awake_from, person.awake_until = hours or (None, None)
        session.add(person)
        session.flush()
        phone.holder_id = person.id
        consent = {"kind": ConsentKind.STORAGE, "wording": "bench", "channel": "seed"}
        session.add(Consent(phone_id=phone.id, given=True, **consent))
        return person

    def _msisdn(self, person: Person) -> str:
        phone = self._session.get(Phone, person.phone_id)
        assert phone is not None
        return phone.msisdn


def settle(
    engine: Engine, chance: random.Random, first_day: date, *, hamlets: int, villagers: int
) -> Cast:
    """Fill an empty, migrated database."""
    with Session(engine) as session, session.begin():
        load_places(session, DATA)
        cast = Settlers(session, chance, first_day).settle(hamlets, villagers)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return cast
