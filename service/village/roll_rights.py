"""Who may see the list of a class and call its roll.

Its teacher, the teams of its hamlet and commune without their helpers, and who proposed it, as long
as they are in a team.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from service.records.areas import Area, AreaKind
from service.records.moments import now_by
from service.records.people import Person
from service.records.teams import Membership, Role, TeamArea
from service.records.trainings import Training, TrainingState

from .desk import Desk
from .team_doings import member_texting

CALLED_LATELY = timedelta(days=2)
"""So long after its end a class is still among those that are listed for whoever may call it."""


def may_call(desk: Desk, training: Training) -> bool:
    """Say whether the speaker may see the list of a class and call its roll."""
    return bool(_callable(desk, Training.id == training.id))


def classes_to_call(desk: Desk, most: int) -> Sequence[Training]:
    """Return the classes the speaker may call that are held, or were lately: today's first."""
    now = now_by(desk.unit.session)
    held = and_(Training.state == TrainingState.OPEN, Training.ends_at > now - CALLED_LATELY)
    found = _callable(desk, held)
    return sorted(found, key=lambda one: (abs(one.starts_at - now), one.id))[:most]


def teaches(desk: Desk) -> bool:
    """Say whether the speaker's phone is a teacher's."""
    phone = desk.known_phone()
    if phone is None or desk.is_stale():
        return False
    found = select(Training.id).where(Training.teacher_phone_id == phone.id)
    return desk.unit.session.scalar(found.limit(1)) is not None


def _callable(desk: Desk, which: ColumnElement[bool]) -> Sequence[Training]:
    phone = desk.known_phone()
    if phone is None or desk.is_stale():
        return ()
    member = member_texting(desk)
    theirs = Training.teacher_phone_id == phone.id
    if member is not None:
        theirs = or_(theirs, Training.proposed_by == member.id, _is_served_by(member))
    found = select(Training).where(which, theirs, Training.retired_at.is_(None))
    return desk.unit.session.scalars(found.order_by(Training.id)).all()


def _is_served_by(member: Person) -> ColumnElement[bool]:
    """Say whether a class is where somebody's teams are, in a hamlet of their commune too."""
    areas = (
        select(TeamArea.area_id)
        .join(Membership, Membership.team_id == TeamArea.team_id)
        .where(
            Membership.person_id == member.id,
            Membership.until.is_(None),
            Membership.role != Role.HELPER,
        )
    )
    hamlets = select(Area.id).where(Area.parent_id.in_(areas), Area.kind == AreaKind.HAMLET)
    return or_(Training.area_id.in_(areas), Training.area_id.in_(hamlets))
