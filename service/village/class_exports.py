"""Who registered for a class and who came, as a table to keep or to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.trainings import Training
from service.text.class_moments import shown_moment
from service.text.mask import mask_msisdn

from .class_audit import note_done
from .trainings import course_of

NOBODYS = "+999"
COLUMNS = (
    *("class", "course", "at", "place", "roll_number", "name", "number", "hamlet"),
    *("state", "registered_at", "said_they_come", "came", "certificate"),
)
ROWS = text("""
    SELECT e.roll_number, coalesce(e.name, h.name, '') AS name, f.msisdn, a.code AS hamlet,
           e.state, e.created_at, e.confirmed_at, e.attended, e.certificate
    FROM enrolments e JOIN phones f ON f.id = e.phone_id
    LEFT JOIN people h ON h.id = e.person_id LEFT JOIN areas a ON a.id = h.area_id
    WHERE e.training_id = :id
    ORDER BY e.roll_number NULLS LAST,
             CASE e.state WHEN 'seated' THEN 0 WHEN 'walked_in' THEN 1 WHEN 'offered' THEN 2
                          WHEN 'waiting' THEN 3 ELSE 4 END, e.rank, e.id
""")
CAME = {True: "yes", False: "no", None: ""}


def export(
    session: Session, training: Training, *, by: str = "", full_numbers: bool = False
) -> Sequence[Sequence[Any]]:
    """Return the rows of a class, by COLUMNS; numbers in full are on record, with who read them."""
    course = course_of(session, training)
    head = (training.number, course.code, shown_moment(training.starts_at), training.place)
    rows = [
        (*head, *_cells(row, full_numbers=full_numbers))
        for row in session.execute(ROWS, {"id": training.id})
    ]
    if by:
        about = {"rows": len(rows), "full_numbers": full_numbers}
        note_done(session, training, by, "class_exported", **about)
    return rows


def _cells(row: Any, *, full_numbers: bool) -> tuple[Any, ...]:
    is_erased = row.msisdn.startswith(NOBODYS)
    shown = row.msisdn.replace("+84", "0", 1) if full_numbers else mask_msisdn(row.msisdn)
    return (
        row.roll_number or "",
        "(not kept)" if is_erased else row.name,
        "" if is_erased else shown,
        row.hamlet or "",
        row.state,
        shown_moment(row.created_at),
        shown_moment(row.confirmed_at),
        CAME[row.attended],
        row.certificate or "",
    )
