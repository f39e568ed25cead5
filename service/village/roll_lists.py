"""The list of who is registered for a class, numbered once for whoever calls its roll."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.records.people import Person, Phone
from service.records.trainings import Enrolment, SeatState, Training
from service.text.class_times import said_short
from service.text.fold import fold
from service.text.gsm7 import cut

from .desk import Desk
from .seating import Seating
from .trainings import values_of

ON_THE_LIST = (SeatState.SEATED, SeatState.WALKED_IN)
"""Who is offered a seat, or waits for one, is not expected."""
MOST_MESSAGES = 3
ALONE, PART, WITH_REST = 54, 95, 72
"""Characters of the gaps {people_few}, {people} and {people_rest}."""
LONGEST_NAME = 18
CALLED_BY = 2
"""The last words of a name, by which people are called."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list."""

    number: int
    name: str
    enrolment: Enrolment

    @property
    def line(self) -> str:
        """Return number and name as they stand on the list."""
        return f"{self.number} {self.name}"


def numbered(seating: Seating) -> list[Listed]:
    """Return who is on the list of a locked class, each with a number that never changes.

    Who came onto it since gets the next number; one that was given is given to nobody else.
    """
    session, training = seating.session, seating.training
    places = session.scalars(
        select(Enrolment)
        .where(Enrolment.training_id == training.id, Enrolment.state.in_(ON_THE_LIST))
        .order_by(Enrolment.state != SeatState.SEATED, Enrolment.id)
    ).all()
    last = session.scalar(
        select(func.max(Enrolment.roll_number)).where(Enrolment.training_id == training.id)
    )
    for place in places:
        if place.roll_number is None:
            last = place.roll_number = (last or 0) + 1
    if places and training.listed_at is None:
        training.listed_at = seating.now
    session.flush()
    names = [_full_name(session, place) for place in places]
    found = [
        Listed(place.roll_number or 0, name, place)
        for place, name in zip(places, _short(names), strict=True)
    ]
    return sorted(found, key=lambda one: one.number)


def how_many(session: Session, training: Training) -> int:
    """Return how many people are on the list of a class."""
    found = select(func.count()).where(
        Enrolment.training_id == training.id, Enrolment.state.in_(ON_THE_LIST)
    )
    return int(session.execute(found).scalar_one())


def send_list(desk: Desk, training_id: int, shown_from: int = 1) -> None:
    """Send the speaker the list of a class, from a number on, in three messages at most."""
    seating = Seating(desk.unit, desk.words, training_id)
    people = numbered(seating)
    said = roll_values(desk, seating.training) | {"registered": str(len(people))}
    lines = [one.line for one in people if one.number >= shown_from]
    if not lines:
        desk.reply("sms.roll_list_none", said, is_error=True)
    elif len(alone := ", ".join(lines)) <= ALONE:
        desk.reply("sms.roll_list_alone", {**said, "people_few": alone})
    else:
        _send_parts(desk, said, lines)


def roll_values(desk: Desk, training: Training) -> dict[str, str]:
    """Return the values of a class as the texts of the roll say them: course and hour short."""
    said = values_of(desk.unit.session, training, desk.language)
    when = said_short(training.starts_at, desk.language)
    return {**said, "course_short": said["course"], "class_short": when}


def _send_parts(desk: Desk, said: dict[str, str], lines: Sequence[str]) -> None:
    parts, left = _parts(lines)
    for n, part in enumerate(parts):
        key = "sms.roll_list_more" if n else "sms.roll_list"
        people = ", ".join(part)
        values = {**said, "people": people, "people_rest": people}
        if left and n == len(parts) - 1:
            key = "sms.roll_list_rest"
            values |= {"more": str(len(left)), "roll_next": left[0].partition(" ")[0]}
        body = desk.words.say(key, desk.language, values)
        desk.reply_with(f"{key}:{n}", body)  # two with one key would be taken for one


def _parts(lines: Sequence[str]) -> tuple[list[list[str]], Sequence[str]]:
    """Return the lines of each message, and those for which there is none."""
    parts: list[list[str]] = []
    left = list(lines)
    while left and len(parts) < MOST_MESSAGES:
        part = _filled(left, PART)
        if len(parts) == MOST_MESSAGES - 1 and len(part) < len(left):
            part = _filled(left, WITH_REST)
        parts.append(part)
        left = left[len(part) :]
    return parts, left


def _filled(lines: Sequence[str], room: int) -> list[str]:
    part: list[str] = []
    for line in lines:
        if part and len(", ".join([*part, line])) > room:
            break
        part.append(line)
    return part


def _full_name(session: Session, place: Enrolment) -> str:
    person = session.get(Person, place.person_id) if place.person_id else None
    name = fold(place.name or (person.name if person else None) or "").text.strip()
    if name:
        return name
    phone = session.get_one(Phone, place.phone_id)
    return f"so ..{phone.msisdn[-2:]}"


def _short(names: Sequence[str]) -> list[str]:
    """Return the names people are called by; in full where two are called alike."""
    short = [
        name if name.startswith("so ..") else " ".join(name.split()[-CALLED_BY:]) for name in names
    ]
    alike = Counter(short)
    return [
        cut(name if alike[called] > 1 else called, LONGEST_NAME)
        for name, called in zip(names, short, strict=True)
    ]
