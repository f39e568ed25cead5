"""Invented classes for practice, always some days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.moments import now_by
from service.records.trainings import Audience, Course, Training, TrainingState
from service.text.codes import hamlet_code
from service.text.local_time import VIETNAM, in_vietnam

from .area_keeping import commune_by_code
from .areas import find_area
from .trainings import free_number


def load_demo_classes(session: Session, source: Mapping[str, Any]) -> int:
    """Enter the classes of data/demo.yaml whose course has none to come; return how many."""
    courses = {entry["code"]: _put_course(session, entry) for entry in source["courses"]}
    commune = commune_by_code(session, source["commune"])
    entered = 0
    for entry in source["classes"]:
        hamlet = find_area(session, hamlet_code(entry["hamlet"])) if "hamlet" in entry else commune
        course_id = courses[entry["course"]]
        if hamlet is None or _has_one_to_come(session, course_id):
            continue
        starts_at = _moment(now_by(session), entry)
        session.add(
            Training(
                number=free_number(session),
                course_id=course_id,
                area_id=hamlet.id,
                place=entry["place"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=entry["minutes"]),
                seats=entry["seats"],
                state=TrainingState.OPEN,
            )
        )
        session.flush()
        entered += 1
    return entered


def _moment(now: datetime, entry: Mapping[str, Any]) -> datetime:
    day = in_vietnam(now).date() + timedelta(days=entry["in_days"])
    return datetime.combine(day, time.fromisoformat(entry["at"]), VIETNAM)


def _put_course(session: Session, entry: Mapping[str, Any]) -> int:
    values = {
        "title": entry["title"],
        "topic": entry["topic"],
        "audience": entry.get("audience", Audience.VILLAGERS),
        "bring": entry.get("bring", ""),
    }
    row = insert(Course).values(code=entry["code"], **values)
    kept = row.on_conflict_do_update(index_elements=["code"], set_=values).returning(Course.id)
    course_id: int = session.execute(kept).scalar_one()
    return course_id


def _has_one_to_come(session: Session, course_id: int) -> bool:
    to_come = exists().where(
        Training.course_id == course_id,
        Training.state == TrainingState.OPEN,
        Training.starts_at > now_by(session),
    )
    return bool(session.execute(select(to_come)).scalar_one())
