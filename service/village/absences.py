"""A member is away for some days, or back; whoever takes over is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.people import Person
from service.records.rota import Absence, Duty
from service.records.teams import Level, Membership, Team
from service.text.local_time import day_in_vietnam, midnight_of

from .desk import Desk, lock_phones
from .gap_warnings import to_lock, warn_of
from .gaps import areas_of, teams_serving
from .ledger import called
from .presence import Outage, joined, members_of
from .teams import ANSWERING

LONGEST = timedelta(days=90)
"""Longer, and a number lapses by its silence; somebody else should be in the team then."""
MISREAD_WITHIN = timedelta(hours=1)
"""How long after "away until the 20th" it may be set right to "away on the 20th only"."""
NOT_SILENT = timedelta(days=0)

END_COVERING = text("""
    UPDATE absences SET ended_at = clock_timestamp()
    WHERE person_id = :person_id AND ended_at IS NULL
      AND from_at < :ends AND until_at > :begins
""")
MISREAD = text("""
    UPDATE absences SET ended_at = clock_timestamp()
    WHERE person_id = :person_id AND ended_at IS NULL AND until_at = :ends
      AND from_at < :begins AND from_at <= clock_timestamp()
      AND created_at > clock_timestamp() - :within
""")


@dataclass(frozen=True, slots=True)
class Away:
    """How somebody is away now that they have said so."""

    begins: datetime
    ends: datetime
    """Both with what was said before and overlaps or touches."""
    is_new: bool
    """False when all of it had been said before."""
    instead: str
    """Name of who is asked first meanwhile, or "commune", "province", "nobody"."""

    @property
    def first_day(self) -> date:
        """The day in Vietnam on which it begins."""
        return day_in_vietnam(self.begins)

    @property
    def last_day(self) -> date:
        """The last whole day away, in Vietnam."""
        return day_in_vietnam(self.ends - timedelta(seconds=1))


def go_away(desk: Desk, member: Person, first: date | None, last: date) -> Away:
    """Note that a member is away from a day on, or from now, until the end of a day.

    Whoever can help hears in the same transaction if a place is left with nobody.
    """
    session = desk.unit.session
    areas = areas_of(session, [member.id])
    lock_phones(desk.unit, {desk.phone().id} | to_lock(session, areas))
    now = now_by(session)
    begins = max(midnight_of(first), now) if first else now
    ends = midnight_of(last + timedelta(days=1))
    if first == last:
        about = {"person_id": member.id, "ends": ends, "begins": begins}
        session.execute(MISREAD, {**about, "within": MISREAD_WITHIN})
    is_new = not any(o.begins <= begins and o.ends >= ends for o in absences_of(session, member))
    if is_new:
        session.add(Absence(person_id=member.id, from_at=begins, until_at=ends))
        session.flush()
        warn_of(desk.unit, desk.words, areas)
    whole = next(o for o in absences_of(session, member) if o.begins < ends and o.ends >= ends)
    instead = who_instead(session, member, max(begins, now))
    return Away(whole.begins, whole.ends, is_new, instead)


def come_back(desk: Desk, member: Person) -> Outage | None:
    """End the absence a member is in, else take back the next; return it, None when there is none.

    One that was not to end yet is over from now on, as it was said.
    """
    session = desk.unit.session
    lock_phones(desk.unit, {desk.phone().id})
    absence = next(iter(absences_of(session, member)), None)
    if absence is not None:
        about = {"person_id": member.id, "begins": absence.begins, "ends": absence.ends}
        session.execute(END_COVERING, about)
    return absence


def absences_of(session: Session, member: Person) -> Sequence[Outage]:
    """Return when a member is away, now and later, what overlaps or touches put together."""
    found = session.execute(
        select(Absence.from_at, Absence.until_at).where(
            Absence.person_id == member.id,
            Absence.ended_at.is_(None),
            Absence.until_at > now_by(session),
        )
    )
    return joined(Outage(row.from_at, row.until_at) for row in found)


def is_away_on(session: Session, member: Person, day: date) -> bool:
    """Say whether a member is away on the whole of a day, or on what is left of it."""
    begins, ends = midnight_of(day), midnight_of(day + timedelta(days=1))
    begins = max(begins, now_by(session))
    return any(o.begins <= begins and o.ends >= ends for o in absences_of(session, member))


def who_instead(session: Session, member: Person, moment: datetime) -> str:
    """Return the name of who of a member's teams is asked first at a moment when they are away.

    "commune" or "province" when that is none of them, "nobody" when nobody is there at all.
    """
    teams = session.scalars(
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.person_id == member.id, Membership.until.is_(None), Team.active)
        .order_by(Team.id)
    ).all()
    for team in teams:
        if name := _first_of(session, team, member, moment):
            return name
    hamlets = [team.level == Level.HAMLET for team in teams]
    above = [Level.COMMUNE, Level.PROVINCE] if all(hamlets) else [Level.PROVINCE]
    places = _with_those_above(session, areas_of(session, [member.id]))
    for level in above:
        ids = {one.team_id for one in teams_serving(session, places) if one.level is level}
        others = [m for found in members_of(session, ids, NOT_SILENT).values() for m in found]
        if any(one.person_id != member.id and one.is_there(moment) for one in others):
            return level.value
    return "nobody"


def _first_of(session: Session, team: Team, member: Person, moment: datetime) -> str | None:
    on_duty = session.scalar(
        select(Duty.person_id).where(Duty.team_id == team.id, Duty.day == day_in_vietnam(moment))
    )
    there = [
        one
        for one in members_of(session, [team.id], NOT_SILENT).get(team.id, ())
        if one.person_id != member.id and one.is_there(moment)
    ]
    there.sort(key=lambda one: (one.person_id != on_duty, ANSWERING[one.role]))
    return called(session.get(Person, there[0].person_id)) if there else None


def _with_those_above(session: Session, areas: set[int]) -> set[int]:
    """Return places and all that they lie in."""
    return set(
        session.scalars(
            text("""
                WITH RECURSIVE above AS (
                    SELECT id, parent_id FROM areas WHERE id = ANY(:areas)
                    UNION SELECT a.id, a.parent_id FROM areas a JOIN above b ON a.id = b.parent_id)
                SELECT id FROM above
            """),
            {"areas": sorted(areas)},
        )
    )
