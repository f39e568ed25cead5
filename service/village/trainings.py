"""Classes as people ask for them: by number, near me, and the words that say what one is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.records.areas import Area
from service.records.moments import now_by
from service.records.people import Person
from service.records.trainings import Audience, Course, Training, TrainingState
from service.text.class_times import said_when
from service.text.fold import fold

from .areas import area_by_id, shown_name
from .teams import is_member

MOST_LISTED = 16
FREE_NUMBER = text("""
    SELECT n FROM generate_series(10, 9999) AS n
    WHERE NOT EXISTS (SELECT FROM trainings WHERE number = n AND retired_at IS NULL)
      AND n NOT BETWEEN 111 AND 115
    ORDER BY n LIMIT 1
""")
"""The smallest that is free; never one that calls for rescue."""
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(79, 1)")
FREE_SEATS = text("""
    SELECT greatest(0, t.seats - count(e.id) FILTER (WHERE e.state IN ('seated', 'offered')))
               AS free,
           count(e.id) FILTER (WHERE e.state = 'waiting') AS waiting
    FROM trainings t LEFT JOIN enrolments e ON e.training_id = t.id
    WHERE t.id = :id GROUP BY t.id
""")
NEAR = text("""
    WITH RECURSIVE mine AS (
        SELECT id, parent_id, 0 AS far FROM areas WHERE id = :area_id
        UNION ALL
        SELECT a.id, a.parent_id, far + 1 FROM areas a JOIN mine ON a.id = mine.parent_id
    )
    SELECT t.id
    FROM trainings t JOIN courses c ON c.id = t.course_id
    JOIN areas held ON held.id = t.area_id
    WHERE t.state = 'open' AND t.starts_at > clock_timestamp()
      AND (c.audience = 'villagers' OR :is_member)
      AND CASE WHEN EXISTS (SELECT FROM training_areas i WHERE i.training_id = t.id)
               THEN EXISTS (SELECT FROM training_areas i JOIN mine ON mine.id = i.area_id
                            WHERE i.training_id = t.id)
               ELSE CASE held.kind WHEN 'hamlet' THEN held.parent_id ELSE held.id END
                    IN (SELECT id FROM mine) END
    ORDER BY coalesce((SELECT far FROM mine WHERE mine.id = t.area_id), 9), t.starts_at, t.id
    LIMIT :most
""")


def free_number(session: Session) -> int:
    """Return the number of the next class, keeping others from taking it until the commit."""
    session.execute(ONE_BY_ONE)
    return int(session.execute(FREE_NUMBER).scalar_one())


def training_by_number(session: Session, number: int) -> Training | None:
    """Return the class people call by a number; None where there is none."""
    found = select(Training).where(Training.number == number, Training.retired_at.is_(None))
    return session.scalars(found).one_or_none()


def course_of(session: Session, training: Training) -> Course:
    """Return the course a class is of."""
    return session.get_one(Course, training.course_id)


def is_open(session: Session, training: Training) -> bool:
    """Say whether people may still register for a class: it is held, and has not begun."""
    return training.state == TrainingState.OPEN and training.starts_at > now_by(session)


def may_see(session: Session, training: Training, person: Person | None) -> bool:
    """Say whether somebody may know of a class: those for teams are invisible to others."""
    if training.state in {TrainingState.PROPOSED, TrainingState.REFUSED}:
        return False
    course = course_of(session, training)
    return course.audience == Audience.VILLAGERS or is_member(session, person)


def near(session: Session, area: Area | None, person: Person | None) -> Sequence[Training]:
    """Return the classes the people of a place are invited to, their own hamlet's first."""
    about = {
        "area_id": area.id if area else None,
        "is_member": is_member(session, person),
        "most": MOST_LISTED,
    }
    ids = session.scalars(NEAR, about).all()
    return [session.get_one(Training, training_id) for training_id in ids]


def seats_left(session: Session, training: Training) -> tuple[int, int]:
    """Return how many seats nobody holds, and how many people wait; not to decide by."""
    row = session.execute(FREE_SEATS, {"id": training.id}).one()
    return int(row.free), int(row.waiting)


def values_of(
    session: Session, training: Training, language: str = DEFAULT_LANGUAGE
) -> dict[str, str]:
    """Return the values of a class for texts: number, course, time, place, what to bring."""
    course = course_of(session, training)
    return {
        "class": str(training.number),
        "course": fold(course.title).text,
        "topic": course.topic,
        "class_when": said_when(training.starts_at, language),
        "class_place": said_place(session, training),
        "bring": fold(course.bring).text,
        "bring_line": "some" if course.bring else "none",
    }


def said_place(session: Session, training: Training) -> str:
    """Return house and place as people say them, "nha van hoa Coc Phia", the place once."""
    area = area_by_id(session, training.area_id)
    house, name = fold(training.place).text, fold(area.name).text
    if not house:
        return shown_name(area)
    return house if name.lower() in house.lower() else f"{house} {name}"
