"""Classes as coordinators see them: what is ahead, who is in one, and what became of whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.trainings import SeatState, TrainingState
from service.text.class_moments import shown_moment, shown_span
from service.text.mask import mask_msisdn

from .class_audit import about_class
from .trainings import training_by_number

FOR_LONG = timedelta(days=3650)
WEEK = timedelta(days=7)
LONGEST = timedelta(days=1)
"""Of a class."""
ROLL_OPEN = timedelta(days=7)
"""How long a class that is over stays in the list while nobody has called its roll."""
NOBODYS = "+999"
"""What the number begins with of somebody of whom nothing is kept any more."""

CLASSES = text("""
    SELECT t.id, t.number, c.code AS course, c.title, c.audience, t.series, t.state, t.place,
           a.code AS area_code, a.title || ' ' || a.name AS area, t.starts_at, t.ends_at, t.seats,
           t.teacher_name, f.msisdn AS teacher_msisdn, t.more_wanted_at, t.called_at, t.created_at,
           p.name AS proposed_by, n.*,
           ARRAY(SELECT CASE i.kind WHEN 'commune' THEN 'xa:' ELSE '' END || i.code || ' ' ||
                        i.title || ' ' || i.name
                 FROM training_areas s JOIN areas i ON i.id = s.area_id
                 WHERE s.training_id = t.id ORDER BY i.code) AS invited,
           (SELECT max(s.invited_at) FROM training_areas s WHERE s.training_id = t.id)
               AS invited_at
    FROM trainings t JOIN courses c ON c.id = t.course_id JOIN areas a ON a.id = t.area_id
    LEFT JOIN phones f ON f.id = t.teacher_phone_id LEFT JOIN people p ON p.id = t.proposed_by
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE e.state = 'seated') AS seated,
               count(*) FILTER (WHERE e.state = 'offered') AS offered,
               count(*) FILTER (WHERE e.state = 'waiting') AS waiting,
               count(*) FILTER (WHERE e.attended) AS came
        FROM enrolments e WHERE e.training_id = t.id) n
    WHERE t.id = ANY(:ids) ORDER BY t.starts_at, t.number
""")
AHEAD = text("""
    SELECT t.id FROM trainings t JOIN areas a ON a.id = t.area_id
    LEFT JOIN areas w ON w.id = CASE a.kind WHEN 'hamlet' THEN a.parent_id ELSE a.id END
    WHERE t.state IN ('open', 'proposed') AND t.starts_at < :until AND t.starts_at > :since
      AND (t.ends_at > :now OR t.state = 'open' AND t.called_at IS NULL AND t.ends_at > :roll_since
           AND EXISTS (SELECT FROM enrolments e
                       WHERE e.training_id = t.id AND e.state = 'seated'))
      AND (CAST(:commune AS text) IS NULL OR w.kind = 'commune' AND w.code = :commune)
""")
PLACES = text("""
    SELECT e.id, coalesce(e.name, h.name) AS name, f.msisdn, e.state, e.offered_until, e.attended,
           e.confirmed_at, e.certificate, e.created_at, e.roll_number, e.rank,
           ha.code AS hamlet
    FROM enrolments e JOIN phones f ON f.id = e.phone_id
    LEFT JOIN people h ON h.id = e.person_id LEFT JOIN areas ha ON ha.id = h.area_id
    WHERE e.training_id = :id
    ORDER BY CASE e.state WHEN 'seated' THEN 0 WHEN 'walked_in' THEN 1 WHEN 'offered' THEN 2
                          WHEN 'waiting' THEN 3 ELSE 4 END, e.rank, e.id
""")
HISTORY = text("""
    SELECT v.at, v.event, v.enrolment_id FROM enrolment_events v
    WHERE v.training_id = :id ORDER BY v.id
""")
DONE_TO_IT = text("""
    SELECT at, actor, action, detail FROM audit
    WHERE about = :about AND at >= :since ORDER BY id
""")


@dataclass(slots=True)
class ClassShown:
    """A class with its figures; times are of Vietnam's clock, the teacher's number is masked."""

    number: int
    course: str
    title: str
    audience: str
    series: str | None
    state: str
    when: str
    place: str
    area: str
    seats: int
    registered: int
    offered: int
    waiting: int
    came: int
    teacher: str
    invited: list[str]
    invited_at: str
    flags: list[str]
    id: int = field(repr=False, default=0)

    def __str__(self) -> str:
        """The class on one line."""
        taken = f"{self.registered}/{self.seats}"
        more = [f"{self.offered} offered"] if self.offered else []
        more += [f"{self.waiting} waiting"] if self.waiting else []
        more += [self.teacher or "no teacher", *self.flags]
        place = f"{self.place}, {self.area}"
        return f"{self.number:>4}  {self.when}  {self.course}, {place}: " + ", ".join(
            [taken, *more]
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as values for scripts."""
        return {name: value for name, value in asdict(self).items() if name != "id"}


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """Somebody's place in a class; the number is masked."""

    name: str
    number: str
    hamlet: str
    state: str
    notes: list[str]

    def __str__(self) -> str:
        """The place on one line."""
        place = f", {self.hamlet}" if self.hamlet else ""
        notes = f": {', '.join(self.notes)}" if self.notes else ""
        return f"{self.state:<9} {self.name} ({self.number}){place}{notes}"


@dataclass(frozen=True, slots=True)
class Whole:
    """A class with everybody in it and its history."""

    head: ClassShown
    places: list[PlaceShown]
    history: list[str]

    def lines(self) -> Iterator[str]:
        """Yield it line by line."""
        yield str(self.head)
        yield f"  {self.head.title}, for {self.head.audience}, {self.head.state}"
        told = f"; written to {self.head.invited_at}" if self.head.invited_at else ""
        yield f"  invited: {'; '.join(self.head.invited) or 'its own commune'}{told}"
        yield from (f"  {place}" for place in self.places)
        if self.history:
            yield "History:"
            yield from (f"  {line}" for line in self.history)

    def as_json(self) -> dict[str, Any]:
        """Return it as values for scripts."""
        places = [asdict(place) for place in self.places]
        return {**self.head.as_json(), "people": places, "history": self.history}


def classes_ahead(
    session: Session, commune: str | None = None, *, week: bool = False
) -> Sequence[ClassShown]:
    """Return what is ahead, of a commune by its code or all; with what awaits its roll call."""
    now = now_by(session)
    about = {
        "commune": commune,
        "now": now,
        "since": now - ROLL_OPEN - LONGEST,
        "until": now + (WEEK if week else FOR_LONG),
        "roll_since": now - ROLL_OPEN,
    }
    ids = session.scalars(AHEAD, about).all()
    return [_shown(row, now) for row in session.execute(CLASSES, {"ids": ids})]


def class_called(session: Session, number: int) -> Whole | None:
    """Return the class people call by a number, whole; None where there is none."""
    training = training_by_number(session, number)
    if training is None:
        return None
    now = now_by(session)
    row = session.execute(CLASSES, {"ids": [training.id]}).one()
    head = _shown(row, now)
    found = session.execute(PLACES, {"id": row.id}).all()
    names = {one.id: _name(one) for one in found}
    lines = [
        (one.at, f"{names[one.enrolment_id]} {one.event.replace('_', ' ')}")
        for one in session.execute(HISTORY, {"id": row.id})
    ]
    done = {"about": about_class(row.id), "since": row.created_at}
    lines += [(one.at, _done(one)) for one in session.execute(DONE_TO_IT, done)]
    lines.sort(key=lambda line: line[0])
    history = [f"{shown_moment(at)}  {said}" for at, said in lines]
    return Whole(head, [_place(one) for one in found], history)


def _shown(row: Any, now: datetime) -> ClassShown:
    teacher = row.teacher_name
    if row.teacher_msisdn:
        teacher = f"{teacher or 'teacher'} ({mask_msisdn(row.teacher_msisdn)})"
    return ClassShown(
        id=row.id,
        number=row.number,
        course=row.course,
        title=row.title,
        audience=row.audience,
        series=row.series,
        state=row.state,
        when=shown_span(row.starts_at, row.ends_at),
        place=row.place,
        area=f"{row.area_code} {row.area}",
        seats=row.seats,
        registered=row.seated,
        offered=row.offered,
        waiting=row.waiting,
        came=row.came,
        teacher=teacher,
        invited=list(row.invited),
        invited_at=shown_moment(row.invited_at),
        flags=list(_flags(row, now)),
    )


def _flags(row: Any, now: datetime) -> Iterator[str]:
    if row.state == TrainingState.PROPOSED:
        yield f"PROPOSED by {row.proposed_by or 'somebody'}: confirm or refuse it"
    elif row.state != TrainingState.OPEN:
        yield row.state.upper()
    if row.more_wanted_at and row.state == TrainingState.OPEN and row.starts_at > now:
        yield "SECOND SESSION WANTED"
    if row.state == TrainingState.OPEN and row.ends_at <= now and row.called_at is None:
        yield "ROLL NOT CALLED"


def _name(row: Any) -> str:
    if row.msisdn.startswith(NOBODYS):
        return "(not kept)"
    return row.name or "(no name)"


def _place(row: Any) -> PlaceShown:
    notes = []
    if row.state == SeatState.OFFERED:
        notes.append(f"until {shown_moment(row.offered_until)}")
    if row.confirmed_at and row.attended is None:
        notes.append("said they come")
    if row.attended is not None:
        notes.append("came" if row.attended else "did not come")
    if row.certificate:
        notes.append(f"certificate {row.certificate}")
    number = "no number" if row.msisdn.startswith(NOBODYS) else mask_msisdn(row.msisdn)
    state = row.state.replace("_", " ")
    return PlaceShown(_name(row), number, row.hamlet or "", state, notes)


def _done(row: Any) -> str:
    reason = row.detail.get("reason")
    what = row.action.replace("_", " ")
    return f"{row.actor}: {what}{f' ({reason})' if reason else ''}"
