"""Classes that would be in each other's way: one house, or one teacher, at one hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.text.class_moments import shown_moment
from service.text.fold import search_key

IN_THE_WAY = text("""
    SELECT t.number, t.place, t.area_id = :area_id AS is_there, f.msisdn AS teacher
    FROM trainings t LEFT JOIN phones f ON f.id = t.teacher_phone_id
    WHERE t.state IN ('open', 'proposed') AND t.starts_at < :ends_at AND t.ends_at > :starts_at
      AND t.id <> :but AND (t.area_id = :area_id OR f.msisdn = CAST(:teacher AS text))
    ORDER BY t.id
""")


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where a class would be held, and by whom."""

    area_id: int
    place: str
    starts_at: datetime
    ends_at: datetime
    teacher: str | None = None
    """The number of the teacher's phone."""
    but: int = 0
    """The id of the class itself, which is not in its own way."""


def clashes(session: Session, slot: Slot) -> Iterator[tuple[str, str]]:
    """Yield what is in the way of a class: the column it is told for, and the reason."""
    about = {
        "area_id": slot.area_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "teacher": slot.teacher,
        "but": slot.but,
    }
    when = shown_moment(slot.starts_at)
    for other in session.execute(IN_THE_WAY, about):
        if slot.teacher and other.teacher == slot.teacher:
            yield "teacher_phone", f"the teacher has class {other.number} at {when}"
        elif other.is_there and search_key(other.place) == search_key(slot.place):
            yield "at", f"class {other.number} is held there at {when}"
