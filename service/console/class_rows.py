"""Classes as lists and one page show them: seats and rows as counts, nobody by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from .asked import After
from .scope import Places

# Totals are of all that is asked for; the rows are a page of it.
COMING = text("""
    WITH wanted AS MATERIALIZED (
        SELECT t.id, t.number, t.state, t.course_id, t.area_id, t.place, t.starts_at, t.ends_at,
               t.seats, t.teacher_name <> '' OR t.teacher_phone_id IS NOT NULL AS has_teacher,
               e.held, e.offered, e.waiting
        FROM trainings t
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state IN ('seated', 'offered')) AS held,
                   count(*) FILTER (WHERE state = 'offered') AS offered,
                   count(*) FILTER (WHERE state = 'waiting') AS waiting
            FROM enrolments WHERE training_id = t.id
              AND state IN ('seated', 'offered', 'waiting')) AS e
        WHERE t.state IN ('open', 'proposed')
          AND t.starts_at >= :begins AND t.starts_at < :ends
          AND (:everywhere OR t.area_id = ANY(:places)))
    SELECT w.*, c.title, c.topic, concat_ws(' ', nullif(a.title, ''), a.name) AS area,
           CASE WHEN a.kind = 'hamlet' THEN concat_ws(' ', nullif(p.title, ''), p.name) END
               AS commune,
           s.classes AS all_classes, s.seats AS all_seats, s.held AS all_held,
           s.waiting AS all_waiting, s.without_teacher
    FROM wanted w
    JOIN courses c ON c.id = w.course_id JOIN areas a ON a.id = w.area_id
    LEFT JOIN areas p ON p.id = a.parent_id
    CROSS JOIN (SELECT count(*) AS classes, sum(seats) AS seats, sum(held) AS held,
                       sum(waiting) AS waiting,
                       count(*) FILTER (WHERE NOT has_teacher) AS without_teacher
                FROM wanted) AS s
    WHERE CAST(:after_at AS timestamptz) IS NULL
       OR (w.starts_at, w.id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint))
    ORDER BY w.starts_at, w.id LIMIT :most
""")
ONE = text("""
    SELECT t.id, t.number, t.state, t.place, t.starts_at, t.ends_at, t.seats, t.changes,
           t.called_at, t.created_at, c.title, c.topic, c.audience, c.bring,
           t.teacher_name <> '' OR t.teacher_phone_id IS NOT NULL AS has_teacher,
           concat_ws(' ', nullif(a.title, ''), a.name) AS area,
           CASE WHEN a.kind = 'hamlet' THEN concat_ws(' ', nullif(p.title, ''), p.name) END
               AS commune
    FROM trainings t JOIN courses c ON c.id = t.course_id JOIN areas a ON a.id = t.area_id
    LEFT JOIN areas p ON p.id = a.parent_id
    WHERE t.id = :id AND (:everywhere OR t.area_id = ANY(:places))
""")
PEOPLE = text("""
    SELECT e.state, count(*) AS n,
           count(*) FILTER (WHERE e.confirmed_at IS NOT NULL) AS confirmed,
           count(*) FILTER (WHERE e.attended) AS came,
           count(*) FILTER (WHERE NOT e.attended) AS missed
    FROM enrolments e JOIN trainings t ON t.id = e.training_id
    WHERE e.training_id = :id AND (:everywhere OR t.area_id = ANY(:places))
    GROUP BY e.state
""")
INVITED = text("""
    SELECT concat_ws(' ', nullif(a.title, ''), a.name) AS area, i.invited_at
    FROM training_areas i JOIN areas a ON a.id = i.area_id JOIN trainings t ON t.id = i.training_id
    WHERE i.training_id = :id AND (:everywhere OR t.area_id = ANY(:places))
    ORDER BY a.name_key, a.id
""")


def coming(
    session: Session,
    places: Places,
    begins: datetime,
    ends: datetime,
    *,
    after: After | None = None,
    most: int,
) -> Sequence[Row[Any]]:
    """Return the classes that begin in a time, the next first; `all_` columns count all of them."""
    asked = {
        "begins": begins,
        "ends": ends,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "most": most,
        **places.bound(),
    }
    return session.execute(COMING, asked).all()


def one_class(
    session: Session, places: Places, training_id: int
) -> tuple[Row[Any], Mapping[str, Row[Any]], Sequence[Row[Any]]] | None:
    """Return a class, its people by how they stand to it, and who is invited.

    None when there is none, or it is not theirs.
    """
    asked = {"id": training_id, **places.bound()}
    found = session.execute(ONE, asked).one_or_none()
    if found is None:
        return None
    people = {row.state: row for row in session.execute(PEOPLE, asked)}
    return found, people, session.execute(INVITED, asked).all()
