"""Enters classes from a list, all of them or, with a fault, none; one class is a list of one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.moments import now_by
from service.records.trainings import Course, Training, TrainingArea, TrainingState
from service.records.unit import Unit, Units
from service.text.class_moments import shown_moment, shown_span
from service.text.fold import search_key

from .area_changes import in_rows
from .area_tables import Fault
from .areas import find_area
from .class_audit import note_done
from .class_clashes import Slot, clashes
from .class_rows import ClassRow, read_classes
from .desk import Words, phone_of
from .trainings import ONE_BY_ONE, free_number


@dataclass(slots=True)
class Entered:
    """The classes a list has, or the faults for which none is entered."""

    rows: list[ClassRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """What people call them by; empty after a dry run."""

    def said(self) -> list[str]:
        """Return the classes line by line."""
        numbers = [*map(str, self.numbers), *["-"] * (len(self.rows) - len(self.numbers))]
        return [
            f"{number:>4}  {row.course}, {shown_span(row.starts_at, row.ends_at)}, "
            f"{row.place} {row.area}, {row.seats} seats"
            for number, row in zip(numbers, self.rows, strict=True)
            if row.starts_at and row.ends_at
        ]


def one_class(fields: Mapping[str, str]) -> bytes:
    """Return a list of one class, so that what is typed is checked as what is loaded."""
    out = io.StringIO()
    csv.writer(out).writerows([fields.keys(), fields.values()])
    return out.getvalue().encode()


def enter_classes(
    units: Units, words: Words, data: bytes, *, by: str, dry_run: bool = False
) -> Entered:
    """Enter the classes of a list; with a fault or as a dry run nothing is changed.

    Raises ListRefused for what is no such table; any other fault is in what is returned.
    """
    rows, faults = read_classes(data, words.countries)
    with units.open() as unit:
        unit.session.execute(ONE_BY_ONE)  # so that no other list enters the same house and hour
        places = _Places(unit.session)
        faults += [fault for row in rows for fault in _row_faults(row, places)]
        evenings = [evening for row in _in_series(rows) for evening in row.evenings()]
        entered = Entered(evenings, faults)
        entered.faults += _clashes(unit.session, evenings, places)
        entered.faults = in_rows(entered.faults)
        if entered.faults or dry_run:
            return entered
        for row in evenings:
            training = _enter(unit, row, places)
            entered.numbers.append(training.number)
            note_done(unit.session, training, by, "class_added", course=row.course)
    return entered


class _Places:
    """Courses and places that rows name, each looked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._areas: dict[str, Area | None] = {}
        self.now: datetime = now_by(session)
        self.courses = {course.code: course for course in session.scalars(select(Course))}

    def area(self, code: str) -> Area | None:
        if code not in self._areas:
            self._areas[code] = find_area(self._session, code) if code else None
        return self._areas[code]


def _row_faults(row: ClassRow, places: _Places) -> list[Fault]:
    faults = []
    course = places.courses.get(row.course)
    if row.course and course is None:
        faults.append(Fault(row.row, "course", f"there is no course {row.course}"))
    elif course and not course.is_offered:
        faults.append(Fault(row.row, "course", f"{row.course} is not offered"))
    if row.starts_at and row.starts_at <= places.now:
        reason = f"{shown_moment(row.starts_at)} is past: it is {shown_moment(places.now)}"
        faults.append(Fault(row.row, "at", reason))
    for column, codes in (("hamlet", (row.area,)), ("invite", row.invited)):
        faults += [
            Fault(row.row, column, f"there is no place {code}")
            for code in codes
            if code and places.area(code) is None
        ]
    return faults


def _in_series(rows: Sequence[ClassRow]) -> list[ClassRow]:
    """Give what was entered together a series of its own: rows that name one, or times of a row."""
    ids: dict[str, str] = {}
    for row in rows:
        name = search_key(row.series) or (f"row {row.row}" if row.times > 1 else "")
        if name:
            ids.setdefault(name, f"{row.course}-{uuid4().hex[:8]}")
    return [
        replace(row, series=ids.get(search_key(row.series) or f"row {row.row}", "")) for row in rows
    ]


def _clashes(session: Session, rows: Sequence[ClassRow], places: _Places) -> list[Fault]:
    """Return the faults of classes that are in the way of each other, or of those there are."""
    faults = []
    for row in rows:
        area = places.area(row.area)
        if area is None or row.starts_at is None or row.ends_at is None:
            continue
        slot = Slot(area.id, row.place, row.starts_at, row.ends_at, row.teacher_phone)
        faults += [Fault(row.row, *clash) for clash in clashes(session, slot)]
    return faults + _clashes_within(rows)


def _clashes_within(rows: Sequence[ClassRow]) -> list[Fault]:
    faults = []
    timed = sorted(
        (r for r in rows if r.starts_at),
        key=lambda r: (r.area, search_key(r.place), r.starts_at, r.row),
    )
    for one, next_ in pairwise(timed):
        same = (one.area, search_key(one.place)) == (next_.area, search_key(next_.place))
        if same and one.ends_at and next_.starts_at and next_.starts_at < one.ends_at:
            row, other = max(one.row, next_.row), min(one.row, next_.row)
            faults.append(Fault(row, "at", f"row {other} is in the same house at that hour"))
    return faults


def _enter(unit: Unit, row: ClassRow, places: _Places) -> Training:
    session, area = unit.session, places.area(row.area)
    assert area is not None
    assert row.starts_at is not None
    training = Training(
        number=free_number(session),
        course_id=places.courses[row.course].id,
        series=row.series or None,
        area_id=area.id,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats=row.seats,
        state=TrainingState.OPEN,
        teacher_name=row.teacher,
        teacher_phone_id=phone_of(unit, row.teacher_phone).id if row.teacher_phone else None,
    )
    session.add(training)
    session.flush()
    invited = {found.id for code in row.invited if (found := places.area(code))}
    session.add_all(TrainingArea(training_id=training.id, area_id=one) for one in sorted(invited))
    session.flush()
    return training
