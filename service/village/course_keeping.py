"""Courses as coordinators see them: what there is, and who finished which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.text.mask import mask_msisdn

COURSES = text("""
    SELECT c.code, c.title, c.topic, c.audience, c.language, c.bring, c.guide, c.needed,
           c.certificate, c.is_offered AS offered,
           count(t.id) FILTER (WHERE t.state = 'open' AND t.ends_at > clock_timestamp())
               AS classes_ahead,
           count(t.id) FILTER (WHERE t.state = 'open' AND t.ends_at <= clock_timestamp())
               AS classes_held
    FROM courses c LEFT JOIN trainings t ON t.course_id = c.id
    WHERE CAST(:code AS text) IS NULL OR c.code = :code
    GROUP BY c.id ORDER BY c.code
""")
# A learner is a person, else a phone; and of a phone's household, whoever has the name: as
# service.village.class_certificates has it. Of whom nothing is kept any more is counted alone.
LEARNERS = text("""
    SELECT min(coalesce(e.name, h.name, '')) AS name, min(f.msisdn) AS msisdn,
           min(a.code) AS hamlet, count(DISTINCT t.id) AS came,
           max(e.certificate) AS certificate, max(t.ends_at) AS last_at
    FROM enrolments e JOIN trainings t ON t.id = e.training_id
    JOIN courses c ON c.id = t.course_id
    JOIN phones f ON f.id = e.phone_id AND f.msisdn NOT LIKE '+999%'
    LEFT JOIN people h ON h.id = CASE WHEN e.who = '' THEN coalesce(e.person_id, f.holder_id) END
    LEFT JOIN areas a ON a.id = h.area_id
    WHERE c.code = :code AND e.attended
    GROUP BY CASE WHEN e.who <> '' THEN concat('f', e.phone_id, ':', e.who)
                  ELSE coalesce('p' || coalesce(e.person_id, f.holder_id), 'f' || e.phone_id) END
    ORDER BY came DESC, last_at, name
""")
FORGOTTEN = text("""
    SELECT count(*) FROM enrolments e JOIN trainings t ON t.id = e.training_id
    JOIN courses c ON c.id = t.course_id
    JOIN phones f ON f.id = e.phone_id AND f.msisdn LIKE '+999%'
    WHERE c.code = :code AND e.attended
""")


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who came to classes of a course; the number is masked."""

    name: str
    number: str
    hamlet: str
    came: int
    finished: bool
    certificate: str | None

    def __str__(self) -> str:
        """The learner on one line."""
        place = f", {self.hamlet}" if self.hamlet else ""
        paper = f", certificate {self.certificate}" if self.certificate else ""
        return f"{self.name} ({self.number}){place}, came {self.came} times{paper}"


@dataclass(slots=True)
class CourseShown:
    """A course with its figures, and whoever learnt in it where that was asked for."""

    code: str
    title: str
    topic: str
    audience: str
    language: str
    bring: str
    guide: str | None
    needed: int
    certificate: str | None
    offered: bool
    classes_ahead: int
    classes_held: int
    forgotten: int = 0
    """How often somebody came of whom nothing is kept any more."""
    learners: list[Learner] = field(default_factory=list)

    def __str__(self) -> str:
        """The course on one line."""
        more = [f"for {self.audience}", self.topic, f"taught in {self.language}"]
        more += [f"{self.classes_ahead} ahead, {self.classes_held} held"]
        more += ["NOT OFFERED"] if not self.offered else []
        return f"{self.code:<20} {self.title} ({', '.join(more)})"

    def lines(self) -> Iterator[str]:
        """Yield the course with whoever finished it, line by line."""
        yield str(self)
        finish = f"finished after {self.needed} classes" if self.needed > 1 else "one class"
        yield f"  bring: {self.bring or '-'}; guide: {self.guide or '-'}; {finish}"
        yield f"  certificates: {f'{self.certificate}...' if self.certificate else 'none'}"
        for said, finished in (("finished it", True), ("began it", False)):
            people = [learner for learner in self.learners if learner.finished is finished]
            if people:
                yield f"{len(people)} {said}:"
                yield from (f"  {learner}" for learner in people)
        if self.forgotten:
            yield f"{self.forgotten} times somebody came of whom nothing is kept any more."
        if not (self.learners or self.forgotten):
            yield "Nobody has come to a class of it yet."

    def as_json(self) -> dict[str, Any]:
        """Return it as values for scripts."""
        return asdict(self)


def courses(session: Session) -> Sequence[CourseShown]:
    """Return all courses, by their codes."""
    return [CourseShown(**row) for row in session.execute(COURSES, {"code": None}).mappings()]


def course_called(session: Session, code: str) -> CourseShown | None:
    """Return a course with everybody who came to a class of it; None where there is none."""
    row = session.execute(COURSES, {"code": code}).mappings().one_or_none()
    if row is None:
        return None
    shown = CourseShown(**row)
    shown.forgotten = session.execute(FORGOTTEN, {"code": code}).scalar_one()
    for one in session.execute(LEARNERS, {"code": code}):
        shown.learners.append(
            Learner(
                name=one.name or "(no name)",
                number=mask_msisdn(one.msisdn),
                hamlet=one.hamlet or "",
                came=one.came,
                finished=one.came >= shown.needed,
                certificate=one.certificate,
            )
        )
    return shown
