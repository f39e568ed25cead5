"""What a coordinator does to a class: another time, place, teacher, more or fewer seats, an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.moments import now_by
from service.records.people import Phone
from service.records.trainings import LIVE_SEATS, Enrolment, SeatState, Training
from service.records.trainings import TrainingState as State
from service.records.unit import Unit, Units
from service.text.class_moments import shown_moment
from service.text.phones import Msisdn

from .areas import area_by_id
from .class_audit import note_done
from .class_changes import CannotMove, move
from .class_clashes import Slot, clashes
from .class_invites import renew, withdraw
from .class_rows import house_fault
from .desk import Words, phone_of
from .seat_book import Place, SeatBook
from .seating import Seating


class CannotChange(Exception):
    """A class cannot be changed so; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be another with a class; None where it stays."""

    starts_at: datetime | None = None
    minutes: int | None = None
    place: str | None = None
    area: Area | None = None
    seats: int | None = None
    teacher: str | None = None
    teacher_phone: Msisdn | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would mean for those who registered, as they stand now."""

    people: int = 0
    """Who has a seat, is offered one or waits."""
    told: int = 0
    """Of them, who is told of another time or place."""
    lose: int = 0
    """Who has a seat, or is offered one, and would be first in the row."""
    gain: int = 0
    """Who waits and would be offered a seat."""

    def said(self) -> str:
        """Return it in a sentence."""
        parts = [f"{self.told} people are told of it"]
        parts += [f"{self.lose} lose a seat and are first in the row"] if self.lose else []
        parts += [f"{self.gain} who wait are offered a seat"] if self.gain else []
        return ", ".join(parts) + "."


def outlook(session: Session, training: Training, wish: Wish) -> Outlook:
    """Return what a change would mean; raise CannotChange for one that cannot be made."""
    _refuse(session, training, wish)
    rows = session.scalars(
        select(Enrolment).where(
            Enrolment.training_id == training.id, Enrolment.state.in_(LIVE_SEATS)
        )
    ).all()
    places = [Place(one.id, SeatState(one.state), one.rank, one.offered_until) for one in rows]
    told = len(rows) if _moves(training, wish) else 0
    if wish.seats is None:
        return Outlook(len(rows), told)
    book = SeatBook.of(training.seats, places)
    lost = {place.id for place in book.resize(wish.seats)}
    gain = min(book.free, len(book.row))
    told = told or len(lost) + gain
    return Outlook(len(rows), told, lose=len(lost), gain=gain)


def change(units: Units, words: Words, training_id: int, wish: Wish, by: str) -> int:
    """Change a class and tell everybody whom it concerns; return how many people it is about.

    Raises CannotChange, and nothing is changed.
    """
    with units.open() as unit:
        seating = Seating(unit, words, training_id)
        training = seating.training
        _refuse(unit.session, training, wish)
        before = _said(unit.session, training)
        _teach(unit, training, wish)
        if training.state == State.PROPOSED:
            _set(training, wish)
        else:
            _move(seating, wish)
            if wish.seats is not None and wish.seats != training.seats:
                seating.resize(wish.seats)
            if _said(unit.session, training)[:2] != before[:2]:
                renew(unit, words, training)
        after = _said(unit.session, training)
        changed = {
            name: [old, new]
            for name, old, new in zip(CHANGEABLE, before, after, strict=True)
            if old != new
        }
        if changed:
            note_done(unit.session, training, by, "class_changed", changed=changed)
        return len(seating.live())


def cancel(units: Units, words: Words, training_id: int, reason: str, by: str) -> int:
    """Cancel a class, tell everybody who registered, and take back what invites to it.

    Return how many people registered. Raises CannotChange.
    """
    with units.open() as unit:
        seating = Seating(unit, words, training_id)
        training = seating.training
        if training.state == State.PROPOSED:
            raise CannotChange("It is only proposed: refuse it.")
        if training.state != State.OPEN:
            raise CannotChange(f"It is {training.state} already.")
        if training.ends_at <= seating.now:
            raise CannotChange(f"It is over since {shown_moment(training.ends_at)}.")
        withdraw(unit.session, training)
        told = seating.cancel()
        note_done(unit.session, training, by, "class_cancelled", reason=reason, people=told)
        return told


CHANGEABLE = ("at", "place", "until", "seats", "teacher", "teacher_phone")


def _said(session: Session, training: Training) -> tuple[object, ...]:
    """Return what of a class can be changed, as the audit has it: no number of a phone."""
    area = area_by_id(session, training.area_id)
    return (
        shown_moment(training.starts_at),
        f"{training.place}, {area.code}",
        shown_moment(training.ends_at),
        training.seats,
        training.teacher_name,
        f"phone {training.teacher_phone_id}" if training.teacher_phone_id else "",
    )


def _times(training: Training, wish: Wish) -> tuple[datetime, datetime]:
    starts_at = wish.starts_at or training.starts_at
    lasts = training.ends_at - training.starts_at
    return starts_at, starts_at + (timedelta(minutes=wish.minutes) if wish.minutes else lasts)


def _where(session: Session, training: Training, wish: Wish) -> tuple[str, Area]:
    place = training.place if wish.place is None else wish.place
    return place, wish.area or area_by_id(session, training.area_id)


def _moves(training: Training, wish: Wish) -> bool:
    """Say whether people must be told where or when it is."""
    return (
        wish.starts_at not in {None, training.starts_at}
        or wish.place not in {None, training.place}
        or (wish.area is not None and wish.area.id != training.area_id)
    )


def _refuse(session: Session, training: Training, wish: Wish) -> None:
    faults = list(_faults(session, training, wish))
    if faults:
        raise CannotChange("\n".join(faults))


def _faults(session: Session, training: Training, wish: Wish) -> Iterator[str]:
    now = now_by(session)
    if training.state not in {State.OPEN, State.PROPOSED}:
        yield f"The class is {training.state}."
        return
    if training.starts_at <= now and wish != Wish(
        teacher=wish.teacher, teacher_phone=wish.teacher_phone
    ):
        yield f"The class has begun, {shown_moment(training.starts_at)}."
        return
    starts_at, ends_at = _times(training, wish)
    place, area = _where(session, training, wish)
    if wish.starts_at and starts_at <= now:
        yield f"--at: {shown_moment(starts_at)} is past: it is {shown_moment(now)}"
        return
    if fault := house_fault(place):
        yield f"--place: {fault}"
    if _moves(training, wish) or wish.minutes or wish.teacher_phone:
        teacher = wish.teacher_phone or _teachers_number(session, training)
        slot = Slot(area.id, place, starts_at, ends_at, teacher, but=training.id)
        for column, reason in clashes(session, slot):
            yield f"--{column.replace('_', '-')}: {reason}"


def _teachers_number(session: Session, training: Training) -> str | None:
    if training.teacher_phone_id is None:
        return None
    return session.get_one(Phone, training.teacher_phone_id).msisdn


def _teach(unit: Unit, training: Training, wish: Wish) -> None:
    if wish.teacher is not None:
        training.teacher_name = wish.teacher
    if wish.teacher_phone is not None:
        training.teacher_phone_id = phone_of(unit, wish.teacher_phone).id
    unit.session.flush()


def _set(training: Training, wish: Wish) -> None:
    """Change a class that is only proposed: nobody knows of it."""
    training.starts_at, training.ends_at = _times(training, wish)
    training.place = training.place if wish.place is None else wish.place
    training.area_id = wish.area.id if wish.area else training.area_id
    training.seats = training.seats if wish.seats is None else wish.seats


def _move(seating: Seating, wish: Wish) -> None:
    training = seating.training
    starts_at, ends_at = _times(training, wish)
    place, area = _where(seating.session, training, wish)
    same = (training.starts_at, training.ends_at, training.place, training.area_id)
    if same == (starts_at, ends_at, place, area.id):
        return
    try:
        move(seating, starts_at, ends_at, place, area)
    except CannotMove as fault:
        raise CannotChange(f"{fault}.") from None
