"""Classes that members of teams propose, and what the coordinator answers.

What a proposal says is read by service.village.class_wishes; here it is entered once, confirmed or
refused, and whoever proposed it hears how that went.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.outbox.alarms import close_alarm, raise_alarm
from service.records.areas import Area
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.teams import Membership, Role, TeamArea
from service.records.trainings import Course, Training, TrainingState
from service.records.unit import Unit, Units
from service.text.fold import search_key
from service.text.phones import Msisdn

from .areas import area_by_id
from .desk import Desk, Words
from .duties import team_of
from .trainings import free_number, values_of

LASTS = timedelta(minutes=90)
"""How long a class is that was proposed; the coordinator may change it."""
MOST_PROPOSED = 5
"""Proposals of one person that wait for an answer: a sender can be forged."""
PROPOSED = "class_proposed"
"""The alarm that tells the coordinator."""
LATE = text("""
    SELECT id FROM trainings WHERE state = 'proposed' AND starts_at <= clock_timestamp()
    ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
""")
STANDING = (TrainingState.PROPOSED, TrainingState.OPEN)


class Proposed(StrEnum):
    """How proposing a class went."""

    SENT = "sent"
    ALREADY = "already"
    """The very same class was proposed before; `values` say which."""
    TAKEN = "taken"
    """Another class is held there at that hour; `values` say which."""
    MANY = "many"
    """So many proposals of theirs wait that this one must."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """How proposing went, and the values to say it with."""

    how: Proposed
    values: Mapping[str, str] = field(default_factory=dict)


def may_propose(session: Session, member: Person) -> bool:
    """Say whether somebody may propose classes: members of teams may, helpers may not."""
    found = select(Membership.id).where(
        Membership.person_id == member.id,
        Membership.until.is_(None),
        Membership.role != Role.HELPER,
    )
    return session.scalar(found.limit(1)) is not None


def place_of(session: Session, member: Person) -> Area | None:
    """Return where the classes of a member are held: in their own hamlet, else the team's first."""
    team = team_of(session, member)
    if team is None:
        return None
    served = select(TeamArea.area_id).where(TeamArea.team_id == team.id).order_by(TeamArea.area_id)
    areas = session.scalars(served).all()
    own = member.area_id if member.area_id in areas else None
    return area_by_id(session, own or areas[0]) if areas else None


@dataclass(frozen=True, slots=True)
class Wished:
    """A class as somebody wishes it."""

    course: Course
    area: Area
    house: str
    at: datetime
    seats: int


def propose(desk: Desk, member: Person, wished: Wished) -> Proposing:
    """Enter a class that waits for the coordinator, who is told; the same again adds nothing."""
    session = desk.unit.session
    number = free_number(session)  # from here on one at a time: the same class typed twice is one
    if other := _there(session, wished):
        is_theirs = other.proposed_by == member.id and other.state == TrainingState.PROPOSED
        same = (other.course_id, other.starts_at) == (wished.course.id, wished.at)
        how = Proposed.ALREADY if is_theirs and same else Proposed.TAKEN
        return Proposing(how, values_of(session, other, desk.language))
    if _waiting(session, member) >= MOST_PROPOSED:
        return Proposing(Proposed.MANY)
    training = Training(
        number=number,
        course_id=wished.course.id,
        area_id=wished.area.id,
        place=wished.house,
        starts_at=wished.at,
        ends_at=wished.at + LASTS,
        seats=wished.seats,
        state=TrainingState.PROPOSED,
        proposed_by=member.id,
    )
    session.add(training)
    session.flush()
    raise_alarm(session.connection(), PROPOSED, f"class {number}", _from_team(session, member))
    return Proposing(Proposed.SENT, _said(session, training, desk.language))


def confirm(unit: Unit, words: Words, training: Training) -> bool:
    """Hold a class that was proposed, and tell who proposed it; False when it is none, or past."""
    training = _locked(unit.session, training)
    is_past = training.starts_at <= now_by(unit.session)
    if training.state != TrainingState.PROPOSED or is_past:
        return False
    training.state = TrainingState.OPEN
    _answer(unit, words, training, "sms.class_confirmed", {})
    return True


def refuse(unit: Unit, words: Words, training: Training, reason: str) -> bool:
    """Refuse a class that was proposed, and tell why; False when it is none."""
    training = _locked(unit.session, training)
    if training.state != TrainingState.PROPOSED:
        return False
    training.state = TrainingState.REFUSED
    _answer(unit, words, training, "sms.class_refused", {"reason": reason})
    return True


def end_late_proposals(units: Units, words: Words) -> int:
    """End the proposals whose evening came without an answer, and say so; return how many."""
    with units.open() as unit:
        late = unit.session.scalars(LATE).all()
        for training_id in late:
            training = unit.session.get_one(Training, training_id)
            training.state = TrainingState.REFUSED
            _answer(unit, words, training, "sms.class_proposal_late", {})
    return len(late)


def _locked(session: Session, training: Training) -> Training:
    """Lock a class, so that of two coordinators one answers."""
    return session.get_one(Training, training.id, with_for_update=True, populate_existing=True)


def _answer(
    unit: Unit, words: Words, training: Training, key: str, more: Mapping[str, str]
) -> None:
    session = unit.session
    session.flush()
    close_alarm(session.connection(), PROPOSED, f"class {training.number}")
    person = session.get(Person, training.proposed_by) if training.proposed_by else None
    if person is None or person.phone_id is None:
        return
    phone = session.get_one(Phone, person.phone_id)
    desk = Desk(unit, words, Msisdn(phone.msisdn), "clock", f"class:{training.id}")
    said = _said(session, training, desk.language_of(phone))
    desk.tell(phone, key, {**said, **more}, message_class=MessageClass.ALERT)


def _said(session: Session, training: Training, language: str) -> dict[str, str]:
    return {**values_of(session, training, language), "seats": str(training.seats)}


def _there(session: Session, wished: Wished) -> Training | None:
    """Return a class that is held, or may be, in the same house at an hour that overlaps."""
    at_the_hour = session.scalars(
        select(Training)
        .where(
            Training.area_id == wished.area.id,
            Training.state.in_(STANDING),
            Training.starts_at < wished.at + LASTS,
            Training.ends_at > wished.at,
        )
        .order_by(Training.id)
    )
    wanted = search_key(wished.house)
    return next((one for one in at_the_hour if search_key(one.place) == wanted), None)


def _waiting(session: Session, member: Person) -> int:
    found = select(func.count()).where(
        Training.proposed_by == member.id,
        Training.state == TrainingState.PROPOSED,
        Training.starts_at > now_by(session),
    )
    return int(session.execute(found).scalar_one())


def _from_team(session: Session, member: Person) -> str:
    """Return of which team a proposal is, for the alarm, in which no name belongs."""
    team = team_of(session, member)
    return f"proposed in team {team.id}" if team else "proposed"
