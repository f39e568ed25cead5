"""What a text does that proposes a class: LOP MOI VNEID 5/12 19h nha van hoa 25."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.moments import now_by
from service.records.people import Person
from service.records.trainings import Course
from service.text.class_wish import ClassWish, read_wish
from service.text.days import NoDay, Wrong, read_day, said_day
from service.text.fold import fold
from service.text.gsm7 import cut
from service.text.local_time import VIETNAM, day_in_vietnam

from . import asking
from .class_proposals import Proposed, Wished, may_propose, place_of, propose
from .desk import Desk
from .team_doings import member_or_refuse

SEATS = 25
"""Where none are named."""
MOI = re.compile(r"^\s*m[oớ]i\b", re.IGNORECASE)
"""Of "MO LOP MOI": MO LOP is the keyword, since MK LOP MOI, a slip away, says something else."""
FEWEST, MOST = 5, 100
FIRST_HOUR, LAST_HOUR = time(6), time(21)
MOST_COURSES = 5
"""Courses that are listed or asked between."""
CHOICES, COURSES = 84, 46
"""Characters of the gaps {choices} and {courses}."""
EXAMPLE_AHEAD = timedelta(days=7)
HOUSE = "nha van hoa"
EXAMPLE_PLACE = 20
"""Characters of the house in an example."""

SAID = {
    Proposed.SENT: "sms.class_proposed",
    Proposed.ALREADY: "sms.class_proposed_before",
    Proposed.TAKEN: "sms.class_place_taken",
    Proposed.MANY: "sms.class_proposed_many",
}
WRONG_DAY = {
    Wrong.NONE: "sms.class_day_wrong",
    Wrong.CALENDAR: "sms.class_day_wrong",
    Wrong.PAST: "sms.class_day_past",
    Wrong.FAR: "sms.class_day_far",
    Wrong.BACKWARDS: "sms.class_day_wrong",
}


def propose_class(desk: Desk, rest: str) -> None:
    """Propose a class: LOP MOI course day hour house [seats]; what is missing is asked for."""
    member = member_or_refuse(desk)
    if member is None:
        return
    session = desk.unit.session
    area = place_of(session, member)
    if area is None or not may_propose(session, member):
        desk.reply("sms.class_not_for_helpers", {}, is_error=True)
        return
    courses, rest = _courses(desk, MOI.sub("", rest))
    wish = read_wish(rest)
    if len(courses) > 1:
        _ask_which(desk, courses, rest)
        return
    course = courses[0] if courses else None
    if course and wish.day and wish.hour and wish.place:
        _propose(desk, member, area, course, wish)
        return
    _say_what_is_missing(desk, course, wish)


def _propose(desk: Desk, member: Person, area: Area, course: Course, wish: ClassWish) -> None:
    session = desk.unit.session
    now = now_by(session)
    today = day_in_vietnam(now)
    said = {"class_example": _example(today, course, wish, as_typed=False), "typed": wish.day}
    try:
        day = read_day(wish.day, today)
    except NoDay as no_day:
        desk.reply(WRONG_DAY[no_day.wrong], said, is_error=True)
        return
    if wish.at is None or not FIRST_HOUR <= wish.at <= LAST_HOUR:
        desk.reply("sms.class_hour_wrong", {**said, "typed": wish.hour}, is_error=True)
        return
    at = datetime.combine(day, wish.at, VIETNAM)
    seats = SEATS if wish.seats is None else wish.seats
    if at <= now:
        desk.reply("sms.class_day_past", said, is_error=True)
    elif not FEWEST <= seats <= MOST:
        desk.reply("sms.class_seats_wrong", {**said, "typed": str(seats)}, is_error=True)
    else:
        wished = Wished(course, area, wish.place, at, seats)
        outcome = propose(desk, member, wished)
        desk.reply(SAID[outcome.how], outcome.values)


# -- which course


def _courses(desk: Desk, rest: str) -> tuple[Sequence[Course], str]:
    """Return the courses that words can mean, and the words without what names them."""
    offered = _offered(desk.unit.session)
    first, _, behind = rest.strip().partition(" ")
    named = fold(first).text.lower().strip(" .,:;")
    by_code = [course for course in offered if course.code.lower() == named]
    if by_code:
        return by_code, behind
    code_like = desk.words.topics.match(first) if "-" in first else None
    if code_like is not None:  # "vneid-9", a code there is none of: what is behind it is no house
        return [course for course in offered if course.topic == code_like.intent], behind
    found = desk.words.topics.match(rest) or desk.words.topics.find(rest)
    if found is None:
        return (), rest
    return [course for course in offered if course.topic == found.intent], found.rest


def _offered(session: Session) -> Sequence[Course]:
    found = select(Course).where(Course.is_offered).order_by(Course.topic, Course.id)
    return session.scalars(found).all()


def _ask_which(desk: Desk, courses: Sequence[Course], rest: str) -> None:
    asked = courses[:MOST_COURSES]
    room = CHOICES // len(asked) - len("1 , ")
    choices = [f"{n} {cut(fold(one.title).text, room)}" for n, one in enumerate(asked, start=1)]
    answers = {
        str(n): ("training_propose", f"{one.code} {rest}") for n, one in enumerate(asked, start=1)
    }
    asking.ask(desk, "sms.class_which_course", {"choices": ", ".join(choices)}, answers)


# -- what is missing


def _say_what_is_missing(desk: Desk, course: Course | None, wish: ClassWish) -> None:
    session, texts = desk.unit.session, desk.words.texts
    offered = _offered(session)
    if not offered:
        desk.reply("sms.class_no_courses", {}, is_error=True)
        return
    lacks: Mapping[str, object] = {
        "course": course,
        "day": wish.day,
        "hour": wish.hour,
        "place": wish.place,
    }
    missing = [
        texts.say(f"class_lacks.{what}", desk.language) for what, has in lacks.items() if not has
    ]
    today = day_in_vietnam(now_by(session))
    said = {
        "lacking": ", ".join(missing),
        "class_example": _example(today, course or offered[0], wish),
    }
    if course is None:
        said["courses"] = _listed(offered)
        desk.reply("sms.class_lacks_course", said, is_error=True)
    else:
        desk.reply("sms.class_lacks", said, is_error=True)


def _listed(courses: Sequence[Course]) -> str:
    listed: list[str] = []
    for course in courses:
        if len(", ".join([*listed, course.code])) <= COURSES:
            listed.append(course.code)
    return ", ".join(listed)


def example_of(session: Session, today: date) -> str:
    """Return how a class is proposed, by a course there is."""
    code = next((course.code for course in _offered(session)), "VNEID")
    return _written(code, said_day(today + EXAMPLE_AHEAD, today), "19h", HOUSE, SEATS)


def _example(today: date, course: Course, wish: ClassWish, *, as_typed: bool = True) -> str:
    """Return how a whole proposal is written, with what was typed where that is good."""
    day = wish.day if as_typed and wish.day else said_day(today + EXAMPLE_AHEAD, today)
    good = wish.at is not None and FIRST_HOUR <= wish.at <= LAST_HOUR
    hour = wish.hour if good else "19h"
    seats = wish.seats if wish.seats and FEWEST <= wish.seats <= MOST else SEATS
    return _written(course.code, day, hour, cut(wish.place or HOUSE, EXAMPLE_PLACE), seats)


def _written(code: str, day: str, hour: str, house: str, seats: int) -> str:
    return f"LOP MOI {code} {day} {hour} {house} {seats}"
