"""The classes somebody has a place in and those near them, each as a line of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.dialogue.model import LINE
from service.records.areas import Area
from service.records.trainings import Enrolment, Training
from service.text.class_times import said_short
from service.text.fold import fold
from service.text.gsm7 import cut

from .desk import Desk
from .enrolling import free_places, places_of
from .trainings import course_of, near

MARK = "*"
"""Stands before the number of a class in which the caller, or their household, has a place."""
TITLED = frozenset({"khac", "luadao"})
"""Topics whose words say what help is asked for, not what is learnt: the course is named."""
LONGEST_LIST = 76
"""Septets of the gap {class_list}."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A class somebody may register for, or a place they have in one."""

    training: Training
    place: Enrolment | None = None


def own_places(desk: Desk) -> Sequence[Enrolment]:
    """Return the places of a phone in classes to come; of one silent for long none are shown."""
    phone = desk.known_phone()
    return places_of(desk.unit.session, phone) if phone and not desk.is_stale() else ()


def listed(desk: Desk, area: Area | None, topic: str = "") -> list[Listed]:
    """Return the places somebody has, the next first, then the other classes near them.

    A class in which only somebody of their household has a place is among both.
    """
    session = desk.unit.session
    own = [Listed(session.get_one(Training, one.training_id), one) for one in own_places(desk)]
    held = {one.training.id for one in own if one.place and not one.place.who}
    others = [Listed(one) for one in near(session, area, desk.speaker()) if one.id not in held]
    return [
        one
        for one in (*own, *others)
        if not topic or course_of(session, one.training).topic == topic
    ]


def line(desk: Desk, one: Listed) -> str:
    """Return a line of a screen: "12 VNeID t5 3/12 19h", "*12 t5 3/12 19h Nong Thi A"."""
    place = one.place
    if place is None or not place.name:
        return _line(desk, one.training, is_own=place is not None)
    begins = f"{MARK}{one.training.number} {said_short(one.training.starts_at, desk.language)} "
    return begins + cut(fold(place.name).text, LINE - len(begins))


def in_one_text(desk: Desk, found: Iterable[Listed]) -> tuple[str, int]:
    """Return as many classes as an SMS holds, each once, and how many are left out."""
    once = {one.training.id: one for one in reversed(list(found))}
    lines = [_line(desk, o.training, is_own=o.place is not None) for o in reversed(once.values())]
    taken = 1
    while taken < len(lines) and len("; ".join(lines[: taken + 1])) <= LONGEST_LIST:
        taken += 1
    return "; ".join(lines[:taken]), max(0, len(lines) - taken)


def seats_said(session: Session, training: Training) -> dict[str, str]:
    """Return {class_seats} and what stands in it: how many are left, or how many people wait."""
    seats = free_places(session, training)
    full = "full" if seats["waiting"] != "0" else "taken"
    return {**seats, "class_seats": full if seats["free"] == "0" else "free"}


def _line(desk: Desk, training: Training, *, is_own: bool) -> str:
    mark, when = MARK if is_own else "", said_short(training.starts_at, desk.language)
    course = course_of(desk.unit.session, training)
    topic = desk.words.texts.say(f"topic.{course.topic}", desk.language)
    taught = fold(course.title).text if course.topic in TITLED else topic
    begins = f"{mark}{training.number} "
    return f"{begins}{cut(taught, LINE - len(begins) - len(when) - 1)} {when}"
