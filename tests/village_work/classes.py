"""Courses and classes as tests need them, made as the coordinator makes them: by rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from service.village.seat_offers import offer_seats
from tests.village import World


def course(world: World, code: str = "vneid-1", **more: Any) -> int:
    """Enter a course; return its id."""
    fields = {"title": "VNeID cho người lớn tuổi", "topic": "vneid", "audience": "villagers"}
    fields |= {"bring": "căn cước, điện thoại", "needed": 1, "certificate": None, "guide": None}
    row = world.rows("SELECT id FROM courses WHERE code = :code", code=code)
    if row:
        return int(row[0].id)
    world.do(
        """
        INSERT INTO courses (code, title, topic, audience, bring, needed, certificate, guide)
        VALUES (:code, :title, :topic, :audience, :bring, :needed, :certificate, :guide)
        """,
        **{"code": code, **fields, **more},
    )
    return course(world, code)


def training(
    world: World,
    number: int = 12,
    *,
    seats: int = 25,
    hamlet: str = "00018",
    in_days: float = 2,
    of: str = "vneid-1",
    **more: Any,
) -> int:
    """Enter a class that begins in so many days; return its id."""
    now: datetime = world.one("SELECT clock_timestamp() AS now").now
    starts_at = more.pop("starts_at", now + timedelta(days=in_days))
    world.do(
        """
        INSERT INTO trainings (number, course_id, area_id, place, starts_at, ends_at, seats, state)
        SELECT :number, :course_id, id, 'nhà văn hóa', :starts_at, :ends_at, :seats, :state
        FROM areas WHERE code = :hamlet AND kind = 'hamlet'
        """,
        number=number,
        course_id=course(world, of),
        hamlet=hamlet,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        seats=seats,
        state=more.get("state", "open"),
    )
    return int(world.one("SELECT max(id) AS id FROM trainings").id)


def states(world: World, number: int = 12) -> list[str]:
    """How those who registered for a class stand, in the order in which they did."""
    rows = world.rows(
        """
        SELECT e.state FROM enrolments e JOIN trainings t ON t.id = e.training_id
        WHERE t.number = :number ORDER BY e.id
        """,
        number=number,
    )
    return [row.state for row in rows]


def look(world: World) -> int:
    """Do what the clock does about seats; return for how many classes."""
    world.arrive()
    return offer_seats(world.runtime.units, world.runtime.words)
