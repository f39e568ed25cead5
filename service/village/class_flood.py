"""Many numbers nobody knows register for one class: senders can be invented, so somebody looks."""

from __future__ import annotations

from sqlalchemy import text

from service.outbox.alarms import raise_alarm

from .seating import Seating

MANY = 10
"""Of one class, within an hour."""
STRANGERS = text("""
    SELECT count(*) FROM enrolments e JOIN phones f ON f.id = e.phone_id
    WHERE e.training_id = :training_id AND f.holder_id IS NULL
      AND e.created_at > clock_timestamp() - interval '1 hour'
""")


def watch_strangers(seating: Seating) -> None:
    """Tell an operator when unknown numbers fill a class."""
    session, training = seating.session, seating.training
    count = session.execute(STRANGERS, {"training_id": training.id}).scalar_one()
    if count >= MANY:
        detail = f"{count} unknown numbers within an hour"
        raise_alarm(session.connection(), "class_strangers", f"class {training.number}", detail)
