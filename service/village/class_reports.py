"""Figures about classes, hamlet by hamlet: docs/classes.md defines each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.text.local_time import midnight_of
from service.text.weeks import Period

ELSEWHERE = "?"
"""Stands for people of whom no hamlet is known, since they never said."""

# One read for all hamlets. A class was held when it was not cancelled and is over. A place in it is
# counted where the person lives, else the phone's holder; learners are told apart as
# service.village.class_certificates does.
FIGURES = text("""
    WITH held AS (
        SELECT t.id, t.area_id, t.called_at FROM trainings t
        WHERE t.state = 'open' AND t.ends_at <= clock_timestamp()
          AND t.starts_at >= :begins AND t.starts_at < :ends
    ), places AS (
        SELECT e.*, coalesce(h.area_id, o.area_id) AS lives_in,
               CASE WHEN f.msisdn NOT LIKE '+999%' THEN
                   coalesce('h' || coalesce(h.household_id, o.household_id), 'p' || e.phone_id)
               END AS household,
               CASE WHEN e.who <> '' THEN concat('f', e.phone_id, ':', e.who)
                    ELSE coalesce('p' || coalesce(e.person_id, f.holder_id), 'f' || e.phone_id)
               END AS learner
        FROM enrolments e JOIN held ON held.id = e.training_id
        JOIN phones f ON f.id = e.phone_id
        LEFT JOIN people h ON h.id = e.person_id LEFT JOIN people o ON o.id = f.holder_id
    ), by_place AS (
        SELECT lives_in AS area_id,
               count(*) FILTER (WHERE state <> 'walked_in') AS registered,
               count(*) FILTER (WHERE attended) AS came,
               count(*) FILTER (WHERE attended AND state = 'walked_in') AS walked_in,
               count(*) FILTER (WHERE NOT attended) AS missed,
               count(*) FILTER (WHERE state IN ('waiting', 'offered', 'lapsed', 'ended'))
                   AS never_seated,
               count(DISTINCT learner) FILTER (WHERE attended) AS people,
               count(DISTINCT household) FILTER (WHERE attended) AS reached,
               sum(rating) AS stars, count(rating) AS ratings
        FROM places GROUP BY lives_in
    ), held_there AS (
        SELECT area_id, count(*) AS held, count(*) FILTER (WHERE called_at IS NULL) AS uncalled
        FROM held GROUP BY area_id
    ), living AS (
        SELECT p.area_id,
               count(DISTINCT coalesce('h' || p.household_id, 'p' || p.phone_id)) AS households
        FROM people p WHERE p.area_id IS NOT NULL
          AND (p.household_id IS NOT NULL OR p.phone_id IS NOT NULL)
        GROUP BY p.area_id
    ), known AS (
        SELECT area_id FROM by_place UNION SELECT area_id FROM held_there
        UNION SELECT area_id FROM living
    )
    SELECT a.code, a.kind, trim(a.title || ' ' || a.name) AS name, c.code AS commune,
           coalesce(t.held, 0) AS held, coalesce(t.uncalled, 0) AS uncalled,
           coalesce(b.registered, 0) AS registered, coalesce(b.came, 0) AS came,
           coalesce(b.walked_in, 0) AS walked_in, coalesce(b.missed, 0) AS missed,
           coalesce(b.never_seated, 0) AS never_seated, coalesce(b.people, 0) AS people,
           coalesce(b.reached, 0) AS reached, coalesce(l.households, 0) AS households,
           coalesce(b.stars, 0) AS stars, coalesce(b.ratings, 0) AS ratings
    FROM known k
    LEFT JOIN areas a ON a.id = k.area_id
    LEFT JOIN areas c ON c.id = CASE a.kind WHEN 'hamlet' THEN a.parent_id ELSE a.id END
    LEFT JOIN by_place b ON b.area_id IS NOT DISTINCT FROM k.area_id
    LEFT JOIN held_there t ON t.area_id IS NOT DISTINCT FROM k.area_id
    LEFT JOIN living l ON l.area_id IS NOT DISTINCT FROM k.area_id
    WHERE CAST(:commune AS text) IS NULL OR c.code = :commune
    ORDER BY a.code NULLS LAST
""")
FINISHED = text("""
    SELECT c.code, c.title, c.needed, n.people, n.finished, n.certificates
    FROM courses c CROSS JOIN LATERAL (
        SELECT count(*) AS people, count(*) FILTER (WHERE w.came >= c.needed) AS finished,
               count(w.certificate) AS certificates
        FROM (SELECT count(DISTINCT t.id) AS came, max(e.certificate) AS certificate,
                     max(t.starts_at) AS last_at
              FROM enrolments e JOIN trainings t ON t.id = e.training_id
              JOIN phones f ON f.id = e.phone_id
              WHERE t.course_id = c.id AND e.attended AND t.starts_at < :ends
              GROUP BY CASE WHEN e.who <> '' THEN concat('f', e.phone_id, ':', e.who)
                            ELSE coalesce('p' || coalesce(e.person_id, f.holder_id),
                                          'f' || e.phone_id) END) w
        WHERE w.last_at >= :begins) n
    WHERE n.people > 0 ORDER BY c.code
""")


@dataclass(slots=True)
class Figures:
    """Figures of the classes of some days; counts, so that they can be added up."""

    held: int = 0
    uncalled: int = 0
    registered: int = 0
    came: int = 0
    walked_in: int = 0
    missed: int = 0
    never_seated: int = 0
    people: int = 0
    reached: int = 0
    households: int = 0
    stars: int = 0
    ratings: int = 0

    def add(self, other: Figures) -> None:
        """Add another hamlet's."""
        for one in fields(Figures):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def share(self) -> float | None:
        """Which part of the households known was reached; None where none is known."""
        return self.reached / self.households if self.households else None

    @property
    def rating(self) -> float | None:
        """The average of the answers from 1 to 5; None without any."""
        return self.stars / self.ratings if self.ratings else None

    def as_json(self) -> dict[str, Any]:
        """Return them as values for scripts and files."""
        shown = {name: value for name, value in asdict(self).items() if name != "stars"}
        share, rating = self.share, self.rating
        shown["share_of_households"] = None if share is None else round(share, 3)
        shown["rating"] = None if rating is None else round(rating, 2)
        return shown


@dataclass(frozen=True, slots=True)
class Line:
    """A hamlet, or a commune whose classes or people are of no hamlet, with its figures."""

    code: str
    name: str
    commune: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Finish:
    """How many people came to a course in the period, and how many of them finished it."""

    course: str
    title: str
    needed: int
    people: int
    finished: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, for some days."""

    lines: Sequence[Line]
    total: Figures
    courses: Sequence[Finish]


def report(session: Session, period: Period, commune: str | None = None) -> Report:
    """Return the figures of the classes that began in a period, of a commune by its code or all.

    Courses are told for all communes together.
    """
    begins, ends = _between(period)
    about = {"begins": begins, "ends": ends, "commune": commune}
    lines = list(_lines(session, about))
    total = Figures()
    for line in lines:
        total.add(line.figures)
    finished = session.execute(FINISHED, {"begins": begins, "ends": ends})
    courses = [Finish(r.code, r.title, r.needed, r.people, r.finished, r.certificates)
               for r in finished]  # fmt: skip
    return Report(lines, total, courses)


def _lines(session: Session, about: dict[str, Any]) -> Iterator[Line]:
    for row in session.execute(FIGURES, about).mappings():
        figures = Figures(**{one.name: row[one.name] for one in fields(Figures)})
        code = row["code"] or ELSEWHERE
        code = f"xa:{code}" if row["kind"] == "commune" else code
        yield Line(code, row["name"] or "hamlet not known", row["commune"] or "", figures)


def _between(period: Period) -> tuple[datetime, datetime]:
    return midnight_of(period.begins), midnight_of(period.ends + timedelta(days=1))
