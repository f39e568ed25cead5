"""Which people answer for a place: the hamlet's team, else the commune's, else the province's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.people import Person, Phone
from service.records.teams import Membership, Role, Team, TeamArea

ANSWERING = {
    Role.LEADER: 0,
    Role.DEPUTY: 1,
    Role.DUTY: 2,
    Role.MEMBER: 3,
}
"""Who is told of a request, the one whose name the villager hears first."""


@dataclass(frozen=True, slots=True)
class Responder:
    """A member of a team and the phone to reach them at."""

    person: Person
    phone: Phone
    role: Role


@dataclass(frozen=True, slots=True)
class Crew:
    """A team and those of it who can be reached, leader first."""

    team: Team
    responders: tuple[Responder, ...]

    @property
    def leader(self) -> Responder | None:
        """The leader, if the team has one who can be reached."""
        first = self.responders[0]
        return first if first.role is Role.LEADER else None


def crew_for(session: Session, area: Area, asker: Phone) -> Crew | None:
    """Return the nearest team with somebody to reach; None only when the province has nobody.

    Whoever asks is not sent to themselves: a leader's own request goes to the rest of the team.
    """
    place: Area | None = area
    while place is not None:
        teams = session.scalars(
            select(Team)
            .join(TeamArea, TeamArea.team_id == Team.id)
            .where(TeamArea.area_id == place.id, Team.active)
            .order_by(Team.id)
        ).all()
        for team in teams:
            others = (r for r in responders_of(session, team.id) if r.phone.id != asker.id)
            if responders := tuple(others):
                return Crew(team, responders)
        place = session.get(Area, place.parent_id) if place.parent_id else None
    return None


def responders_of(session: Session, team_id: int) -> tuple[Responder, ...]:
    """Return the members of a team who can be reached, leader first."""
    rows = session.execute(
        select(Person, Phone, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(Phone, Phone.id == Person.phone_id)
        .where(Membership.team_id == team_id, Membership.until.is_(None))
        .order_by(Person.id)
    ).all()
    found = [Responder(person, phone, Role(role)) for person, phone, role in rows]
    by_phone: dict[int, Responder] = {}
    for responder in sorted(found, key=lambda responder: ANSWERING[responder.role]):
        by_phone.setdefault(responder.phone.id, responder)  # a shared phone is told once
    return tuple(by_phone.values())


def member_at(session: Session, phone: Phone, speaker: Person | None) -> Person | None:
    """Return the member of a team who is texting: the speaker, else one who shares the phone."""
    if is_member(session, speaker):
        return speaker
    return session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.phone_id == phone.id, Membership.until.is_(None))
        .order_by(Person.id)
        .limit(1)
    ).one_or_none()


def is_member(session: Session, person: Person | None) -> bool:
    """Say whether a person is in any team now."""
    if person is None:
        return False
    return (
        session.scalar(
            select(Membership.id)
            .where(Membership.person_id == person.id, Membership.until.is_(None))
            .limit(1)
        )
        is not None
    )
