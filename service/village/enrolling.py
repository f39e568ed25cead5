"""Registering for a class, leaving it, and taking the seat one is offered.

What a call and a text do alike; how it went is said by whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.people import Person, Phone
from service.records.trainings import (
    LIVE_SEATS,
    Enrolment,
    SeatEvent,
    SeatState,
    Training,
    TrainingState,
)
from service.text.fold import search_key

from .class_flood import watch_strangers
from .class_people import who_is
from .desk import Desk
from .late_answers import place_since, queue_again
from .seat_book import BEHIND, ORDINARY
from .seating import MOST_WAITING, Seating
from .trainings import is_open, may_see, seats_left, values_of

MOST_OF_A_PHONE = 6
"""People one phone registers for one class: a household, not a hamlet."""
MOST_IN_A_DAY = 20
"""Registrations of one phone in 24 hours: a sender can be forged."""
LAST_TIME = text("""
    SELECT attended FROM enrolments
    WHERE phone_id = :phone_id AND who = :who AND attended IS NOT NULL
      AND person_id IS NOT DISTINCT FROM CAST(:person_id AS bigint)
    ORDER BY id DESC LIMIT 1
""")
CLASH = text("""
    SELECT t.id FROM enrolments e JOIN trainings t ON t.id = e.training_id
    WHERE e.phone_id = :phone_id AND e.who = :who AND t.id <> :training_id
      AND e.state IN ('seated', 'offered', 'waiting') AND t.state = 'open'
      AND t.starts_at < :ends_at AND t.ends_at > :starts_at
    ORDER BY t.starts_at LIMIT 1
""")


class Entered(StrEnum):
    """How registering went."""

    SEATED = "seated"
    QUEUED = "queued"
    ALREADY = "already"
    """They have a place in it; `values` say which."""
    CLASH = "clash"
    """They have another class at that hour; `values` say which, in {other_class}."""
    FULL = "full"
    """The row is full, too."""
    MANY = "many"
    """One phone has registered enough people."""
    GONE = "gone"
    """There is no such class for them, or it is over, or cancelled."""


class Answered(StrEnum):
    """How answering an offer went."""

    SEATED = "seated"
    LATE = "late"
    """It went to somebody else; they wait again, {row} says where."""
    DECLINED = "declined"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entering:
    """How registering went, and the values to say it with."""

    how: Entered
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answering:
    """How answering an offer went, and the values to say it with."""

    how: Answered
    values: Mapping[str, str] = field(default_factory=dict)


def register(
    desk: Desk, training: Training, name: str = "", *, despite_clash: bool = False
) -> Entering:
    """Register the speaker, or somebody of their household by name; the same again adds nothing."""
    session, speaker = desk.unit.session, desk.speaker()
    if not may_see(session, training, speaker):
        return Entering(Entered.GONE)
    seating = Seating(desk.unit, desk.words, training.id)
    training, phone, who = seating.training, desk.phone(), search_key(name)
    said = values_of(session, training, desk.language)
    if not is_open(session, training):
        return Entering(Entered.GONE, said)
    live = _live(seating, phone)
    mine = next((one for one in live if one.who == who), None)
    if mine is not None:
        return Entering(Entered.ALREADY, said | _standing(seating, mine))
    said["who"] = name
    if len(live) >= MOST_OF_A_PHONE or _registered_today(session, phone) >= MOST_IN_A_DAY:
        return Entering(Entered.MANY, said)
    if not despite_clash and (other := _clash(session, training, phone, who)):
        return Entering(Entered.CLASH, said | {"other_class": str(other.number)})
    if not seating.book.may_sit() and len(seating.book.row) >= MOST_WAITING:
        return Entering(Entered.FULL, said)
    person_id = _whose(desk, phone, who)
    enrolment = Enrolment(
        training_id=training.id,
        phone_id=phone.id,
        person_id=person_id,
        name=name or None,
        who=who,
        rank=_rank(session, phone, who, person_id),
    )
    seating.enter(enrolment)
    if speaker is None:
        watch_strangers(seating)
    how = Entered.SEATED if enrolment.state == SeatState.SEATED else Entered.QUEUED
    return Entering(how, said | _standing(seating, enrolment))


def leave(desk: Desk, enrolment: Enrolment) -> Mapping[str, str] | None:
    """Give up a place; None when it is one no more, or the class has begun."""
    seating = _seating(desk, enrolment)
    if enrolment.state not in LIVE_SEATS or not is_open(desk.unit.session, seating.training):
        return None
    said = values_of(desk.unit.session, seating.training, desk.language)
    seating.leave(enrolment)
    return {**said, "who": who_is(desk.unit.session, enrolment)}


def answer_offer(desk: Desk, enrolment: Enrolment, *, takes: bool) -> Answering:
    """Take or decline the seat that was offered; who is late gets it only if nobody waits."""
    session = desk.unit.session
    seating = _seating(desk, enrolment)
    training = seating.training
    said = values_of(session, training, desk.language)
    said["who"] = who_is(session, enrolment)
    other = place_since(seating, enrolment)
    if other is not None and enrolment.state == SeatState.LAPSED:
        if other.state != SeatState.OFFERED:
            return _stands(seating, other, said)
        enrolment = other
    if enrolment.state not in {SeatState.OFFERED, SeatState.LAPSED}:
        seated = enrolment.state == SeatState.SEATED
        return Answering(Answered.SEATED if seated and takes else Answered.GONE, said)
    if not is_open(session, training):
        return Answering(Answered.GONE, said)
    if not takes:
        if enrolment.state == SeatState.OFFERED:
            seating.leave(enrolment, declines=True)
        return Answering(Answered.DECLINED, said)
    if seating.accept(enrolment):
        return Answering(Answered.SEATED, said)
    return _stands(seating, queue_again(seating, enrolment), said)


def confirm(desk: Desk, enrolment: Enrolment) -> Mapping[str, str] | None:
    """Note that somebody will come; None when they have no seat."""
    seating = _seating(desk, enrolment)
    if enrolment.state != SeatState.SEATED or not is_open(desk.unit.session, seating.training):
        return None
    enrolment.confirmed_at = seating.now
    seating.note(enrolment, SeatEvent.CONFIRMED)
    return values_of(desk.unit.session, seating.training, desk.language)


def places_of(session: Session, phone: Phone) -> Sequence[Enrolment]:
    """Return the places a phone's people have in classes that have not begun, the next first."""
    return session.scalars(
        select(Enrolment)
        .join(Training, Training.id == Enrolment.training_id)
        .where(
            Enrolment.phone_id == phone.id,
            Enrolment.state.in_(LIVE_SEATS),
            Training.state == TrainingState.OPEN,
            Training.starts_at > now_by(session),
        )
        .order_by(Training.starts_at, Enrolment.id)
    ).all()


def free_all(desk: Desk, phone: Phone, staying: Collection[int] = ()) -> None:
    """Give up every place of a phone that is forgotten; the caller has locked no phone yet.

    `staying` are people who live on with that number, and keep what is theirs.
    """
    for training_id in sorted({place.training_id for place in places_of(desk.unit.session, phone)}):
        seating = Seating(desk.unit, desk.words, training_id, spared=phone.id)
        waiting_first = sorted(_live(seating, phone), key=lambda o: o.state != SeatState.WAITING)
        for enrolment in waiting_first:
            if enrolment.person_id not in staying:
                seating.leave(enrolment)


def standing(session: Session, enrolment: Enrolment) -> dict[str, str]:
    """Return how somebody stands to a class: {state}, and {row} for who waits; not to decide by."""
    row = ""
    if enrolment.state == SeatState.WAITING:
        ahead = select(func.count()).where(
            Enrolment.training_id == enrolment.training_id,
            Enrolment.state == SeatState.WAITING,
            func.row(Enrolment.rank, Enrolment.id) <= func.row(enrolment.rank, enrolment.id),
        )
        row = str(session.execute(ahead).scalar_one())
    return {"row": row, "who": who_is(session, enrolment)}


def free_places(session: Session, training: Training) -> dict[str, str]:
    """Return {free} and {waiting} of a class as they are told before registering."""
    free, waiting = seats_left(session, training)
    return {"free": "0" if waiting else str(free), "waiting": str(waiting)}


def _standing(seating: Seating, enrolment: Enrolment) -> dict[str, str]:
    waits = enrolment.state == SeatState.WAITING
    row = str(seating.number_in_row(enrolment)) if waits else ""
    return {"row": row, "who": who_is(seating.session, enrolment), "state": enrolment.state}


def _whose(desk: Desk, phone: Phone, who: str) -> int | None:
    """Return whose record a place is: the speaker's, or somebody's of that name at their phone."""
    speaker = desk.speaker()
    if speaker is None or not who:
        return speaker.id if speaker else None
    there = desk.unit.session.scalars(select(Person).where(Person.phone_id == phone.id))
    return next((one.id for one in there if search_key(one.name or "") == who), None)


def _live(seating: Seating, phone: Phone) -> list[Enrolment]:
    return [
        one
        for one in seating.enrolments.values()
        if one.phone_id == phone.id and one.state in LIVE_SEATS
    ]


def _clash(session: Session, training: Training, phone: Phone, who: str) -> Training | None:
    about = {
        "phone_id": phone.id,
        "who": who,
        "training_id": training.id,
        "starts_at": training.starts_at,
        "ends_at": training.ends_at,
    }
    other = session.execute(CLASH, about).scalar_one_or_none()
    return session.get_one(Training, other) if other else None


def _registered_today(session: Session, phone: Phone) -> int:
    since = func.clock_timestamp() - text("interval '24 hours'")
    found = select(func.count()).where(Enrolment.phone_id == phone.id, Enrolment.created_at > since)
    return int(session.execute(found).scalar_one())


def _rank(session: Session, phone: Phone, who: str, person_id: int | None) -> int:
    """Return the rank in the row: behind, for who missed their last class without a word.

    Whoever had the number before does not count.
    """
    about = {"phone_id": phone.id, "who": who, "person_id": person_id}
    came = session.execute(LAST_TIME, about).scalar_one_or_none()
    return BEHIND if came is False else ORDINARY


def _seating(desk: Desk, enrolment: Enrolment) -> Seating:
    """Lock the class of a place, and read the place again: it may have ended meanwhile."""
    seating = Seating(desk.unit, desk.words, enrolment.training_id)
    desk.unit.session.refresh(enrolment)
    return seating


def _stands(seating: Seating, place: Enrolment, said: Mapping[str, str]) -> Answering:
    """Say how somebody stands for whom the seat that was offered is gone."""
    if place.state != SeatState.WAITING:
        return Answering(Answered.SEATED, said)
    return Answering(Answered.LATE, {**said, "row": str(seating.number_in_row(place))})
