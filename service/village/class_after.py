"""After a class: one question how it was, and the guide that belongs to it, each phone once.

Whoever came is asked, half an hour after the end or in the morning. Where nobody called the roll
within a day everybody who had a seat is, without saying that they came. A household answers once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, text

from service.records.trainings import Enrolment, SeatState, Training, TrainingState
from service.records.unit import Units
from service.text.local_time import day_in_vietnam
from service.text.waking import awake_at

from .class_messages import of_phone
from .class_people import by_phone, named, who_is
from .class_rounds import BY_DAY, for_each_class
from .desk import Words
from .seating import Seating
from .trainings import course_of

REST = timedelta(minutes=30)
"""After the end, while people go home."""
ROLL_WITHIN = timedelta(days=1)
"""So long after the end the roll is waited for."""
ASKED_WITHIN = timedelta(days=3)
"""After it nobody is asked any more: they have forgotten."""

# Whoever registered after a class began had no seat in it: its time was changed by hand.
DUE = text("""
    SELECT DISTINCT t.id FROM trainings t JOIN enrolments e ON e.training_id = t.id
    WHERE t.state = 'open' AND t.ends_at <= clock_timestamp() - :rest
      AND t.ends_at > clock_timestamp() - :asked_within
      AND (t.called_at IS NOT NULL AND e.attended
           OR t.called_at IS NULL AND t.ends_at <= clock_timestamp() - :roll_within
              AND e.state = 'seated' AND e.created_at < t.starts_at)
      AND NOT EXISTS (SELECT FROM enrolments a
                      WHERE a.training_id = t.id AND a.phone_id = e.phone_id
                        AND a.rating_asked_at IS NOT NULL)
    LIMIT :most
""")


def ask_after_classes(units: Units, words: Words) -> int:
    """Ask how classes were that are over, and send their guides; return how many were asked."""
    about = {"rest": REST, "roll_within": ROLL_WITHIN, "asked_within": ASKED_WITHIN}

    def ask(seating: Seating) -> int:
        return _ask(seating, words)

    return for_each_class(units, words, DUE, about, ask)


def _ask(seating: Seating, words: Words) -> int:
    training, now = seating.training, seating.now
    is_over = training.ends_at + REST <= now < training.ends_at + ASKED_WITHIN
    if training.state != TrainingState.OPEN or not is_over or awake_at(now, BY_DAY) != now:
        return 0
    asked, guide = 0, _guide(seating, words)
    key = "sms.class_rate" if training.called_at else "sms.class_rate_unknown"
    found = seating.session.scalars(
        select(Enrolment)
        .where(Enrolment.training_id == training.id)
        .execution_options(populate_existing=True)
    ).all()
    answered = {one.phone_id for one in found if one.rating_asked_at}
    for phone_id, people in by_phone(_guests(training, found)).items():
        if phone_id in answered or (
            not training.called_at and now < training.ends_at + ROLL_WITHIN
        ):
            continue
        cause = f"{of_phone(training.id, phone_id)}:after"
        said = named(who_is(seating.session, people[0]), people)
        asked += seating.write(phone_id, key, cause, said)
        if guide:
            seating.write(phone_id, guide, cause, {})
        people[0].rating_asked_at = now  # one question to a phone, and one answer of it
    seating.session.flush()
    return asked


def _guests(training: Training, found: Sequence[Enrolment]) -> list[Enrolment]:
    """Return who came; who had a seat where nobody knows."""
    if training.called_at:
        return [one for one in found if one.attended]
    early = [one for one in found if one.created_at < training.starts_at]
    return [one for one in early if one.state == SeatState.SEATED]


def _guide(seating: Seating, words: Words) -> str | None:
    """Return the text of the guide of a class's course, unless its facts may be old."""
    name, today = course_of(seating.session, seating.training).guide, day_in_vietnam(seating.now)
    found = next((one for one in words.guides if one.id == name), None)
    return found.text if found and not found.is_expired(today) else None
