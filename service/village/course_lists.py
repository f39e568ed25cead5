"""Loads a list of courses, all of it or, with a fault, nothing."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.operations import Audit
from service.records.trainings import Course
from service.records.unit import Units

from .area_changes import Change, Plan, What, doubles, in_rows
from .course_rows import CourseRow, Known, read_courses
from .desk import Words

ONE_AT_A_TIME = text("LOCK TABLE courses IN SHARE ROW EXCLUSIVE MODE")
NO_COURSE = frozenset({"khancap"})
"""Topics of texts that nobody is taught in."""


def known_of(words: Words) -> Known:
    """Return what courses may name, by what there are words for."""
    keys = words.texts.keys(DEFAULT_LANGUAGE)

    def named(start: str) -> frozenset[str]:
        return frozenset(key.removeprefix(start) for key in keys if key.startswith(start))

    guides = frozenset(guide.id for guide in words.guides)
    return Known(named("topic.") - NO_COURSE, guides, named("spoken."))


def load_courses(
    units: Units, words: Words, data: bytes, *, by: str, dry_run: bool = False
) -> Plan:
    """Load a list of courses; with a fault or as a dry run nothing is changed.

    A course that is not in the list stays as it is. Raises ListRefused for what is no such table;
    any other fault is in the plan that is returned.
    """
    rows, faults = read_courses(data, known_of(words))
    faults += doubles([(row.row, row.code) for row in rows if row.code], "code")
    with units.open() as unit:
        session = unit.session
        session.execute(ONE_AT_A_TIME)
        known = {course.code: course for course in session.scalars(select(Course))}
        plan = Plan([_change(row, known.get(row.code)) for row in rows], in_rows(faults))
        if not (plan.faults or dry_run):
            _put(session, rows, known)
            touched = [c.code for c in plan.changes if c.what is not What.UNCHANGED]
            if touched:
                about = f"{len(touched)} courses"
                detail = {"codes": touched}
                session.add(Audit(actor=by, action="courses_loaded", about=about, detail=detail))
    return plan


def _change(row: CourseRow, known: Course | None) -> Change:
    if known is None:
        return Change(What.NEW, row.code, row.title)
    changed = [name for name, value in row.fields.items() if getattr(known, name) != value]
    what = What.CHANGED if changed else What.UNCHANGED
    return Change(what, row.code, f"{row.title}: {', '.join(changed)}" if changed else row.title)


def _put(session: Session, rows: list[CourseRow], known: dict[str, Course]) -> None:
    for row in rows:
        if row.code not in known:
            session.add(Course(**row.fields))
            continue
        for name, value in row.fields.items():
            setattr(known[row.code], name, value)
    session.flush()
