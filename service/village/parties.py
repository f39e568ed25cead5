"""Whom a step of a ladder tells: the hamlet's team, its neighbours, the commune, the province."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.dialogue.ladder import Ladder, Party
from service.records.areas import Area
from service.records.teams import Level, Membership, Role, Team

from .areas import area_by_id
from .teams import Responder, responders_of, teams_of


@dataclass(frozen=True, slots=True)
class Step:
    """What a request's next step is: which rung, and who is told."""

    rung: int
    party: Party
    """The first party of the rung that has somebody to tell."""
    responders: tuple[Responder, ...]

    @property
    def phones(self) -> set[int]:
        """Ids of the phones that are told."""
        return {responder.phone.id for responder in self.responders}

    @property
    def team_id(self) -> int:
        """The team that is asked, the first of several."""
        return self.responders[0].team_id


def next_step(
    session: Session, ladder: Ladder, area_id: int, after: int, left_out: Collection[int]
) -> Step | None:
    """Return the first step above a rung that has somebody to tell; None when nobody is left.

    `left_out` are ids of phones: whoever asks is not sent to themselves, and who heard already does
    not hear again, except at the desk, which is told until somebody takes it.
    """
    around = Around.of(session, area_by_id(session, area_id))
    for rung in range(min(after + 1, ladder.last), len(ladder.rungs)):
        if step := _step(around, ladder, rung, left_out):
            return step
    return None


def _step(around: Around, ladder: Ladder, rung: int, left_out: Collection[int]) -> Step | None:
    told: dict[int, Responder] = {}
    first: Party | None = None
    for party in ladder.rungs[rung].tell:
        found = around.who(party, {*left_out, *told})
        first = first or (party if found else None)
        told.update((responder.phone.id, responder) for responder in found)
    return Step(rung, first, tuple(told.values())) if first else None


@dataclass(frozen=True, slots=True)
class Around:
    """The teams around a place: the nearest that has anybody, and those farther off."""

    session: Session
    nearest: tuple[Team, ...]
    communes: tuple[Team, ...]
    provinces: tuple[Team, ...]

    @classmethod
    def of(cls, session: Session, area: Area) -> Around:
        """Find the teams of an area, of its commune and of its province."""
        by_level: dict[str, list[Team]] = {level: [] for level in Level}
        place: Area | None = area
        while place is not None:
            for team in teams_of(session, place):
                by_level[team.level].append(team)
            place = session.get(Area, place.parent_id) if place.parent_id else None
        hamlet, commune, province = (tuple(by_level[level]) for level in Level)
        return cls(session, hamlet or commune or province, commune, province)

    def who(self, party: Party, left_out: Collection[int]) -> Sequence[Responder]:
        """Return who of a party is there and not left out, in the order in which they are asked."""
        if party is Party.DUTY:
            return self._of(self.nearest, left_out)[:1]
        if party is Party.DEPUTY:
            return [r for r in self._of(self.nearest, left_out) if r.role is Role.DEPUTY]
        if party is Party.TEAM:
            return self._of(self.nearest, left_out)
        if party is Party.NEIGHBOURS:
            return self._neighbours(left_out)
        if party is Party.COMMUNE:
            return self._of(self.communes, left_out)
        # Whoever has said that they are away hears all the same when nobody else is left: a text
        # says so, and whoever forges one for each of the desk could else silence it for months.
        there = self._of(self.provinces, ())
        return there or self._of(self.provinces, (), even_away=True)

    def everybody(self) -> Sequence[Responder]:
        """Return all who are there of the teams that serve the place, those beside and above it."""
        return self._of(self._teams, ())

    def has(self, person_id: int) -> bool:
        """Say whether somebody is in any of these teams, be they there or not."""
        found = select(Membership.id).where(
            Membership.person_id == person_id,
            Membership.until.is_(None),
            Membership.team_id.in_([team.id for team in self._teams]),
        )
        return self.session.scalars(found.limit(1)).one_or_none() is not None

    @property
    def _teams(self) -> tuple[Team, ...]:
        return (*self.nearest, *self._beside, *self.communes, *self.provinces)

    @property
    def _beside(self) -> Sequence[Team]:
        """The teams named as neighbours of the nearest."""
        ids = [team.neighbour_id for team in self.nearest if team.neighbour_id is not None]
        return self.session.scalars(
            select(Team).where(Team.id.in_(ids), Team.active).order_by(Team.id)
        ).all()

    def _of(
        self, teams: Sequence[Team], left_out: Collection[int], *, even_away: bool = False
    ) -> list[Responder]:
        by_phone: dict[int, Responder] = {}
        for team in teams:
            for responder in responders_of(self.session, team.id, even_away=even_away):
                if responder.phone.id not in left_out:
                    by_phone.setdefault(responder.phone.id, responder)
        # Of several teams of one hamlet whoever is on duty in any comes before all others.
        return sorted(by_phone.values(), key=lambda r: not r.is_on_duty)

    def _neighbours(self, left_out: Collection[int]) -> list[Responder]:
        asked: list[Responder] = []
        for team in self._beside:
            asked += self._of([team], {*left_out, *(r.phone.id for r in asked)})[:1]
        return asked
