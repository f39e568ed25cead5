"""Community digital teams: who is in them, who of them is there, who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.people import Person, Phone
from service.records.teams import Membership, Role, Team, TeamArea
from service.text.waking import Hours

ANSWERING = {
    Role.LEADER: 0,
    Role.DEPUTY: 1,
    Role.DUTY: 2,
    Role.MEMBER: 3,
    Role.HELPER: 4,
}
"""Who is told of a request, first to last, where nobody is on duty."""

# Silence of 90 days, or a doubt, takes a number's rights until its owner has confirmed it
# (requirement 23); away is away until the hour that was said, unless back before.
THERE = text("""
    SELECT h.id AS person_id, f.id AS phone_id, m.role, d.person_id IS NOT NULL AS is_on_duty
    FROM memberships m
    JOIN people h ON h.id = m.person_id
    JOIN phones f ON f.id = h.phone_id
    LEFT JOIN duties d ON d.team_id = m.team_id AND d.person_id = m.person_id
         AND d.day = (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    WHERE m.team_id = :team_id AND m.until IS NULL AND f.doubted_at IS NULL
      AND (f.last_heard_at IS NULL OR f.last_heard_at > clock_timestamp() - interval '90 days')
      AND (:even_away OR NOT EXISTS (
                      SELECT FROM absences a
                      WHERE a.person_id = h.id AND a.ended_at IS NULL
                        AND a.from_at <= clock_timestamp() AND a.until_at > clock_timestamp()))
    ORDER BY h.id
""")


@dataclass(frozen=True, slots=True)
class Responder:
    """A member of a team who is there, and the phone to reach them at."""

    person: Person
    phone: Phone
    role: Role
    team_id: int
    is_on_duty: bool = False
    """By the rota; where nobody is, the first of the others takes it on."""

    def hours(self, common: Hours) -> Hours:
        """Return when they are awake: the hours they chose, else the common ones."""
        return hours_of(self.person, common)


def hours_of(person: Person, common: Hours) -> Hours:
    """Return when a person is awake: the hours they chose, else the common ones."""
    begins, ends = person.awake_from, person.awake_until
    return common if begins is None or ends is None else Hours(begins, ends)


def teams_of(session: Session, place: Area) -> Sequence[Team]:
    """Return the teams that serve this very place, in the order in which they are asked."""
    return session.scalars(
        select(Team)
        .join(TeamArea, TeamArea.team_id == Team.id)
        .where(TeamArea.area_id == place.id, Team.active)
        .order_by(Team.id)
    ).all()


def responders_of(
    session: Session, team_id: int, *, even_away: bool = False
) -> tuple[Responder, ...]:
    """Return the members of a team who are there, in the order in which they are asked.

    With `even_away` those too who have said that they are away.
    """
    found, about = [], {"team_id": team_id, "even_away": even_away}
    for row in session.execute(THERE, about).all():
        person, phone = session.get(Person, row.person_id), session.get(Phone, row.phone_id)
        assert person is not None
        assert phone is not None
        found.append(Responder(person, phone, Role(row.role), team_id, row.is_on_duty))
    by_phone: dict[int, Responder] = {}
    for responder in sorted(found, key=lambda r: (not r.is_on_duty, ANSWERING[r.role])):
        by_phone.setdefault(responder.phone.id, responder)  # a shared phone is told once
    return tuple(by_phone.values())


def is_there(session: Session, person: Person) -> bool:
    """Say whether a person is in a team now, can be reached, and is not away."""
    teams = session.scalars(
        select(Membership.team_id).where(
            Membership.person_id == person.id, Membership.until.is_(None)
        )
    )
    return any(
        responder.phone.id == person.phone_id
        for team_id in teams
        for responder in responders_of(session, team_id)
    )


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
