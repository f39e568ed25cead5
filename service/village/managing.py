"""Who may change what is known of the people of a hamlet, and whom of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service.records.areas import Area, AreaKind
from service.records.people import Person, Phone
from service.records.teams import Level, Membership, Role, Team, TeamArea
from service.text.fold import search_key
from service.text.phones import Msisdn

from .desk import Desk
from .team_doings import member_texting

HAMLETS = (Role.LEADER, Role.DEPUTY, Role.MEMBER)
"""Roles in a hamlet's team that may add people; a helper takes requests and no more."""


@dataclass(frozen=True, slots=True)
class Manager:
    """A member of a team who may change what is known of people, and of whom."""

    person: Person
    hamlets: tuple[Area, ...]
    """The hamlets of their team, or of their commune."""
    teams: frozenset[int]
    """Teams from which they may take a member: those they lead, or all of their commune."""
    is_commune: bool
    """Answers for the commune, and so for its leaders too."""

    def has(self, area_id: int | None) -> bool:
        """Say whether a hamlet is one of theirs."""
        return any(hamlet.id == area_id for hamlet in self.hamlets)

    def hamlet(self, code: str) -> Area | None:
        """Return the hamlet of theirs with this code."""
        return next((hamlet for hamlet in self.hamlets if hamlet.code == code), None)


def manager_at(desk: Desk) -> Manager | None:
    """Return what the speaker may change; None for who may not, and from a number in doubt."""
    person = None if desk.is_stale() else member_texting(desk)
    if person is None:
        return None
    session = desk.unit.session
    roles = {
        row.Team.id: (Role(row.role), Level(row.Team.level))
        for row in session.execute(
            select(Team, Membership.role)
            .join(Membership, Membership.team_id == Team.id)
            .where(Membership.person_id == person.id, Membership.until.is_(None), Team.active)
        )
    }
    own = [id_ for id_, (role, level) in roles.items() if level is Level.HAMLET and role in HAMLETS]
    led = [id_ for id_ in own if roles[id_][0] is Role.LEADER]
    communes = [id_ for id_, at in roles.items() if at == (Role.DUTY, Level.COMMUNE)]
    hamlets = _hamlets(session, own, communes)
    if not hamlets:
        return None
    teams = {*led, *(_teams_in(session, hamlets) if communes else ())}
    return Manager(person, hamlets, frozenset(teams), is_commune=bool(communes))


def _hamlets(session: Session, own: list[int], communes: list[int]) -> tuple[Area, ...]:
    def served(teams: list[int]) -> list[int]:
        found = select(TeamArea.area_id).where(TeamArea.team_id.in_(teams))
        return list(session.scalars(found))

    at_home, of_communes = served(own), served(communes)
    found = session.scalars(
        select(Area)
        .where(
            Area.active,
            or_(
                Area.id.in_(at_home),
                Area.parent_id.in_(of_communes) & (Area.kind == AreaKind.HAMLET),
            ),
        )
        .order_by(Area.code)
    )
    return tuple(found)


def _teams_in(session: Session, hamlets: tuple[Area, ...]) -> list[int]:
    found = (
        select(Team.id)
        .join(TeamArea, TeamArea.team_id == Team.id)
        .where(TeamArea.area_id.in_([area.id for area in hamlets]), Team.level == Level.HAMLET)
    )
    return list(session.scalars(found.distinct()))


def memberships_of(session: Session, person: Person) -> list[Membership]:
    """Return the teams somebody is in now."""
    found = select(Membership).where(Membership.person_id == person.id, Membership.until.is_(None))
    return list(session.scalars(found.order_by(Membership.id)))


def concerns(session: Session, manager: Manager, person: Person) -> bool:
    """Say whether somebody lives in a hamlet of theirs or is in a team they lead."""
    if manager.has(person.area_id):
        return True
    return any(m.team_id in manager.teams for m in memberships_of(session, person))


def may_change(session: Session, manager: Manager, person: Person) -> bool:
    """Say whether they may take somebody off, or vouch for a new number of theirs.

    Of who is in a team only whoever leads that team, of who leads one only the commune; never
    of themselves: who has somebody's phone for a minute must not be able to carry it away.
    """
    if person.id == manager.person.id or not concerns(session, manager, person):
        return False
    teams = memberships_of(session, person)
    if any(m.role == Role.LEADER for m in teams) and not manager.is_commune:
        return False
    return all(m.team_id in manager.teams for m in teams)


def people_at(session: Session, manager: Manager, number: Msisdn, name: str = "") -> list[Person]:
    """Return who of their people has a number; of several those with the name, if any has it."""
    found = session.scalars(
        select(Person)
        .join(Phone, Phone.id == Person.phone_id)
        .where(Phone.msisdn == number)
        .order_by(Person.id)
    ).all()
    theirs = [person for person in found if concerns(session, manager, person)]
    sought = search_key(name)
    named = [p for p in theirs if sought and sought in search_key(p.name or "")]
    return named or theirs
