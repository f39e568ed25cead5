"""The roll of a class as the coordinator writes it down: whenever they know who came.

Villages have a day to correct theirs (service.village.roll_call); whoever notices later, or taught
more people than were on the list, calls the commune, and it is done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.records.trainings import SeatEvent, SeatState, TrainingState
from service.records.unit import Unit, Units
from service.text.class_moments import shown_moment
from service.text.roll import Added, NotARoll, Roll, Told, read_roll

from .class_audit import note_done
from .class_keeping import CannotChange
from .desk import Desk, Words
from .roll_lists import Listed, numbered
from .seating import Seating
from .walk_ins import has_denied, may_be_added, place_at, walk_in

CAME = {True: "came", False: "did not come", None: "-"}


@dataclass(frozen=True, slots=True)
class Rolled:
    """The list of a class, by numbers, and what was noted now."""

    lines: Sequence[str]
    noted: str = ""


def roll_at_desk(units: Units, words: Words, training_id: int, typed: str, by: str) -> Rolled:
    """Write down who came, in the words of a text ("1 4 7"); without any only number the list.

    Raises CannotChange, and nothing is written.
    """
    try:
        roll = read_roll(typed)
    except NotARoll as wrong:
        raise CannotChange(f"{wrong.typed!r} says nothing: 1 4 7, 1-5, tat ca tru 3.") from None
    with units.open() as unit:
        seating = Seating(unit, words, training_id)
        people = numbered(seating)
        if roll.told is Told.NOTHING and not roll.added:
            return Rolled([_line(one) for one in people])
        _refuse(seating, people, roll)
        if roll.told is not Told.NOTHING:
            _mark_all(seating, people, roll)
        for added in roll.added:
            _add(unit, words, seating, added)
        seating.session.flush()
        people = numbered(seating)
        came = sum(one.enrolment.attended is True for one in people)
        missed = sum(one.enrolment.attended is False for one in people)
        note_done(unit.session, seating.training, by, "class_roll", came=came, missed=missed)
        return Rolled([_line(one) for one in people], f"{came} came, {missed} did not.")


def _refuse(seating: Seating, people: Sequence[Listed], roll: Roll) -> None:
    training = seating.training
    if training.state != TrainingState.OPEN:
        raise CannotChange(f"The class is {training.state}.")
    if training.starts_at > seating.now:
        raise CannotChange(f"The class has not begun: {shown_moment(training.starts_at)}.")
    if unknown := roll.unknown([one.number for one in people]):
        raise CannotChange(f"Not on the list: {', '.join(map(str, unknown))}.")
    if roll.told is Told.NOTHING:
        return
    came = roll.came([one.number for one in people])
    for one in people:
        place = one.enrolment
        if place.certificate and place.attended and one.number not in came:
            reason = f"has certificate {place.certificate}, and was told so"
            raise CannotChange(f"{one.number} {one.name} {reason}.")


def _mark_all(seating: Seating, people: Sequence[Listed], roll: Roll) -> None:
    came = roll.came([one.number for one in people])
    for one in people:
        place, attended = one.enrolment, one.number in came
        expected = place.state == SeatState.SEATED or one.number in came | roll.but
        if expected and place.attended is not attended:
            place.attended, place.changed_at = attended, seating.now
            seating.note(place, SeatEvent.CAME if attended else SeatEvent.MISSED)
    seating.training.called_at = seating.training.called_at or seating.now


def _add(unit: Unit, words: Words, seating: Seating, added: Added) -> None:
    """Write down who came and is not on the list; they are told."""
    desk = Desk(unit, words, added.msisdn, "console", f"roll:{seating.training.id}")
    if not may_be_added(desk, added):
        raise CannotChange("One who is added had themself erased: only they can come back.")
    if has_denied(desk, seating.training, added):
        raise CannotChange("One who is added has said that they were not there.")
    place = place_at(desk, seating.training, added) or walk_in(desk, seating, added)
    if place.attended is not True:
        place.attended, place.changed_at = True, seating.now
        seating.note(place, SeatEvent.CAME)


def _line(one: Listed) -> str:
    return f"{one.number:>4}  {one.name}: {CAME[one.enrolment.attended]}"
