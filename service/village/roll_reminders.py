"""Whoever is to call the roll of a class is reminded once, half an hour after its end."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.records.areas import Area
from service.records.people import Phone
from service.records.teams import Role
from service.records.trainings import Enrolment, SeatState, Training, TrainingState
from service.records.unit import Units
from service.text.local_time import in_vietnam

from .areas import area_by_id
from .class_rounds import for_each_class
from .desk import Words
from .seating import Seating
from .teams import Responder, responders_of, teams_of

AFTER = timedelta(minutes=30)
WITHIN = timedelta(days=1)
"""Later people are not remembered by face; the coordinator has the list."""
FROM, UNTIL = time(7), time(22)
"""Later in the evening than villagers: who has just taught is up, and knows who came."""

DUE = text("""
    SELECT t.id FROM trainings t
    WHERE t.state = 'open' AND t.called_at IS NULL AND t.roll_asked_at IS NULL
      AND t.ends_at <= clock_timestamp() - :after AND t.ends_at > clock_timestamp() - :within
      AND EXISTS (SELECT FROM enrolments e
                  WHERE e.training_id = t.id AND e.state = 'seated' AND e.created_at < t.starts_at)
    ORDER BY t.id LIMIT :most
""")


def remind_rolls(units: Units, words: Words) -> int:
    """Remind of the rolls nobody called; return of how many."""
    return for_each_class(units, words, DUE, {"after": AFTER, "within": WITHIN}, _remind)


def leads_at(session: Session, place: Area) -> Responder | None:
    """Return who leads the team of a place, else that of the place around it; deputies, too."""
    area: Area | None = place
    while area is not None:
        for team in teams_of(session, area):
            there = responders_of(session, team.id)
            for role in (Role.LEADER, Role.DEPUTY):
                for member in there:
                    if member.role is role:
                        return member
        area = area_by_id(session, area.parent_id) if area.parent_id else None
    return None


def _remind(seating: Seating) -> int:
    training, session = seating.training, seating.session
    is_uncalled = training.called_at is None and training.roll_asked_at is None
    if training.state != TrainingState.OPEN or not is_uncalled:
        return 0
    if not FROM <= in_vietnam(seating.now).time() < UNTIL:
        return 0
    training.roll_asked_at = seating.now
    phone = _caller(session, training)
    if phone is None:
        return 0
    seated = select(func.count()).where(
        Enrolment.training_id == training.id, Enrolment.state == SeatState.SEATED
    )
    said = {"enrolled": str(session.execute(seated).scalar_one())}
    return seating.write(phone.id, "sms.class_roll_due", f"class:{training.id}:roll", said)


def _caller(session: Session, training: Training) -> Phone | None:
    if training.teacher_phone_id is not None:
        return session.get(Phone, training.teacher_phone_id)
    leads = leads_at(session, area_by_id(session, training.area_id))
    return leads.phone if leads else None
