"""Calling the roll of a class: who came, who did not, who came without a seat.

Who calls it last within a day is believed, and is told that it was called before. Nobody who was
missed is written to: they lose nothing but their place in the next race for a seat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.records.people import Person
from service.records.trainings import (
    Course,
    Enrolment,
    EnrolmentEvent,
    SeatEvent,
    SeatState,
    Training,
    TrainingState,
)
from service.text.mask import mask_msisdn
from service.text.roll import Added, Roll, Told, written

from .class_messages import of_phone
from .desk import Desk
from .ledger import called
from .roll_lists import Listed, numbered, roll_values
from .seating import Seating
from .walk_ins import has_denied, may_be_added, place_at, walk_in

EARLIEST = timedelta(minutes=30)
"""Before a class begins: people who are there already may be called."""
CORRECTED_WITHIN = timedelta(hours=24)
"""After the first call; later the coordinator is asked."""
MOST_WALK_INS = 10
"""Of one class: a sender can be forged, and each of them is written to."""
NUMBERS, SAID, TWICE = 21, 71, 6
"""Characters of lists of numbers, of the gap {roll_said}, and of the numbers typed twice."""
ALL = 999
"""Room for every list."""


class Called(StrEnum):
    """How calling the roll went."""

    CALLED = "called"
    ADDED = "added"
    """Only somebody without a seat was named: they are added, no roll was called."""
    EARLY = "early"
    LATE = "late"
    """It was called more than a day ago."""
    UNKNOWN = "unknown"
    """{typed} is no number of the list."""
    FULL = "full"
    """More people came without a seat than are believed."""
    REFUSED = "refused"
    """{masked} had themself erased: nobody adds them but they."""
    DENIED = "denied"
    """{masked} was added before, and said that they were not there."""
    EMPTY = "empty"
    """Nobody is on the list."""
    NOT_HELD = "not_held"


@dataclass(frozen=True, slots=True)
class Calling:
    """How it went, and the values to say it with."""

    how: Called
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attendance:
    """A class somebody was expected in, and whether they came."""

    course: Course
    training: Training
    attended: bool


def call_roll(desk: Desk, training_id: int, roll: Roll) -> Calling:
    """Write down who came; with anything wrong in it nothing is written."""
    seating = _seating(desk, training_id)
    said = roll_values(desk, seating.training)
    people = numbered(seating)
    if wrong := _wrong(desk, seating, people, roll):
        return Calling(wrong.how, {**said, **wrong.values})
    is_again = roll.told is not Told.NOTHING and seating.training.called_at is not None
    if roll.told is not Told.NOTHING:
        _mark_all(seating, people, roll)
        _tell_who_else_calls(desk, seating)
    listed = {one.enrolment.id for one in people}
    added = _add(desk, seating, roll.added)
    people = numbered(seating)
    said["added"] = written([one.number for one in people if one.enrolment.id in added], NUMBERS)
    if roll.told is Told.NOTHING:
        return Calling(Called.ADDED, said)
    said["roll_said"] = _with_notes(
        desk,
        _told(desk, people),
        is_again=is_again,
        added=len(added - listed),
        twice=roll.twice,
    )
    return Calling(Called.CALLED, said)


def read_back(desk: Desk, training_id: int, roll: Roll) -> Calling:
    """Return what a roll call would write down, for whoever typed it to look at first."""
    seating = _seating(desk, training_id)
    said = roll_values(desk, seating.training)
    people = numbered(seating)
    if wrong := _wrong(desk, seating, people, roll):
        return Calling(wrong.how, {**said, **wrong.values})
    came = roll.came([one.number for one in people])
    named = came | roll.but
    expected = [
        one.number
        for one in people
        if one.enrolment.state == SeatState.SEATED or one.number in named
    ]
    missed = [number for number in expected if number not in came]
    return Calling(Called.CALLED, {**said, "roll_said": _counted(desk, sorted(came), missed)})


def record_of(session: Session, person: Person) -> list[Attendance]:
    """Return the classes a person came to, or was missed in, the latest first."""
    rows = session.execute(
        select(Course, Training, Enrolment.attended)
        .join(Training, Training.course_id == Course.id)
        .join(Enrolment, Enrolment.training_id == Training.id)
        .where(Enrolment.person_id == person.id, Enrolment.attended.is_not(None))
        .order_by(Training.starts_at.desc(), Enrolment.id)
    )
    return [Attendance(course, training, bool(attended)) for course, training, attended in rows]


def _seating(desk: Desk, training_id: int) -> Seating:
    """Lock a class; the speaker is answered, not written to."""
    phone = desk.known_phone()
    return Seating(desk.unit, desk.words, training_id, spared=phone.id if phone else 0)


# -- what is wrong


def _time_refuses(seating: Seating) -> Called | None:
    training, now = seating.training, seating.now
    if training.state != TrainingState.OPEN:
        return Called.NOT_HELD
    if now < training.starts_at - EARLIEST:
        return Called.EARLY
    return Called.LATE if _is_over(training.called_at, now) else None


def _is_over(called_at: datetime | None, now: datetime) -> bool:
    return called_at is not None and now > called_at + CORRECTED_WITHIN


def _wrong(desk: Desk, seating: Seating, people: Sequence[Listed], roll: Roll) -> Calling | None:
    if refused := _time_refuses(seating):
        return Calling(refused)
    if unknown := roll.unknown([one.number for one in people]):
        last = str(max((one.number for one in people), default=0))
        return Calling(Called.UNKNOWN, {"typed": written(unknown, NUMBERS), "roll_last": last})
    if not (people or roll.added):
        return Calling(Called.EMPTY)
    for one in roll.added:
        if not may_be_added(desk, one):
            return Calling(Called.REFUSED, {"masked": mask_msisdn(one.msisdn)})
        if has_denied(desk, seating.training, one):
            return Calling(Called.DENIED, {"masked": mask_msisdn(one.msisdn)})
    new = [one for one in roll.added if place_at(desk, seating.training, one) is None]
    if new and _ever_added(seating) + len(new) > MOST_WALK_INS:
        return Calling(Called.FULL)
    return None


def _ever_added(seating: Seating) -> int:
    """Return how often somebody was added, those who said no included: each was written to."""
    of_class = EnrolmentEvent.training_id == seating.training.id
    added = select(func.count()).where(of_class, EnrolmentEvent.event == SeatEvent.WALKED_IN)
    return int(seating.session.execute(added).scalar_one())


# -- writing it down


def _mark_all(seating: Seating, people: Sequence[Listed], roll: Roll) -> None:
    """Write down of everybody with a seat whether they came; of others what was typed."""
    came = roll.came([one.number for one in people])
    for one in people:
        if one.enrolment.state == SeatState.SEATED or one.number in came | roll.but:
            _mark(seating, one.enrolment, attended=one.number in came)
    if seating.training.called_at is None:
        seating.training.called_at = seating.now
    seating.session.flush()


def _tell_who_else_calls(desk: Desk, seating: Seating) -> None:
    """Tell the teacher, and whoever called the roll before, that somebody else did.

    A sender can be forged, and whose number it was hears by the answer only.
    """
    training, me = seating.training, desk.phone()
    others = {training.teacher_phone_id, training.called_by_phone_id} - {None, me.id}
    training.called_by_phone_id = me.id
    caller = called(desk.speaker())
    for phone_id in sorted(other for other in others if other):
        said = {**roll_values(desk, training), "leader": caller}
        cause = f"{of_phone(training.id, phone_id)}:{desk.cause}"
        seating.write(phone_id, "sms.roll_by_other", cause, said)


def _mark(seating: Seating, enrolment: Enrolment, *, attended: bool) -> None:
    if enrolment.attended is attended:
        return
    enrolment.attended, enrolment.changed_at = attended, seating.now
    seating.note(enrolment, SeatEvent.CAME if attended else SeatEvent.MISSED)


def _add(desk: Desk, seating: Seating, added: Sequence[Added]) -> set[int]:
    """Write down who came besides; return the ids of their places, of those on the list too."""
    places = set()
    for one in added:
        place = place_at(desk, seating.training, one) or walk_in(desk, seating, one)
        _mark(seating, place, attended=True)
        places.add(place.id)
    seating.session.flush()
    return places


# -- saying it


def _told(desk: Desk, people: Sequence[Listed]) -> str:
    """Return how many came and were missed, and who, as far as there is room."""
    came = [one.number for one in people if one.enrolment.attended]
    missed = [one.number for one in people if one.enrolment.attended is False]
    return _counted(desk, came, missed)


def _counted(desk: Desk, came: Sequence[int], missed: Sequence[int]) -> str:
    of = {"came": came, "missed": missed}
    lists = {name: written(numbers, ALL) for name, numbers in of.items()}
    if sum(map(len, lists.values())) > NUMBERS:  # either of them says who the others are
        shorter, longer = sorted(lists, key=lambda name: len(lists[name]))
        lists = {longer: "", shorter: written(of[shorter], NUMBERS)}
    said = {
        name: f"{len(of[name])} ({numbers})" if numbers else str(len(of[name]))
        for name, numbers in lists.items()
    }
    return desk.words.texts.say("roll.said", desk.language, said)


def _with_notes(desk: Desk, said: str, *, is_again: bool, added: int, twice: Sequence[int]) -> str:
    """Return what was noted with what has to be said besides, as far as there is room."""
    texts, language = desk.words.texts, desk.language
    notes = [texts.say("roll.again", language, {})] if is_again else []
    if twice:
        notes.append(texts.say("roll.twice", language, {"roll_next": written(twice, TWICE)}))
    if added:
        notes.append(texts.say("roll.added", language, {"more": str(added)}))
    for n, note in enumerate(notes):
        longer = f"{said}, {note}" if n else f"{said}. {note[:1].upper()}{note[1:]}"
        said = longer if len(longer) <= SAID else said
    return said
