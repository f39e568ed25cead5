"""A row that is long enough for a second class: the coordinator hears of it, once, and a leader."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from service.outbox.alarms import close_alarm, raise_alarm
from service.records.people import Person, Phone
from service.records.trainings import TrainingState
from service.records.unit import Units

from .areas import area_by_id
from .class_rounds import for_each_class
from .desk import Words
from .roll_reminders import leads_at
from .seating import Seating

ALARM = "class_wanted"
FEWEST = 8
"""People in a row for whom a teacher comes again."""
AT_LEAST_BEFORE = timedelta(days=1)
"""Before the class: later it is on people's minds how to hold this one."""

# A row is long with half the class's seats again in it.
LONG = text("""
    SELECT t.id FROM trainings t
    WHERE t.state = 'open' AND t.more_wanted_at IS NULL
      AND t.starts_at >= clock_timestamp() + :at_least_before
      AND (SELECT count(*) FROM enrolments w WHERE w.training_id = t.id AND w.state = 'waiting')
          >= greatest(:fewest, (t.seats + 1) / 2)
    ORDER BY t.id LIMIT :most
""")
# An alarm names its class by number, as people do; a number that was given to another class since
# is no reason to leave it open.
SHORT = text("""
    SELECT a.about FROM alarms a
    WHERE a.name = :alarm AND a.closed_at IS NULL AND NOT EXISTS (
        SELECT FROM trainings t
        WHERE a.about = 'class ' || t.number AND t.retired_at IS NULL AND t.state = 'open'
          AND t.more_wanted_at IS NOT NULL AND t.starts_at > clock_timestamp()
          AND (SELECT count(*) FROM enrolments w
               WHERE w.training_id = t.id AND w.state = 'waiting')
              >= greatest(:fewest, (t.seats + 1) / 2))
    LIMIT :most
""")


def watch_rows(units: Units, words: Words) -> int:
    """Suggest to hold again what many wait for, and end what is suggested no more.

    Return for how many classes it was suggested now.
    """
    about = {"at_least_before": AT_LEAST_BEFORE, "fewest": FEWEST}
    suggested = for_each_class(units, words, LONG, about, _suggest)
    with units.open() as unit:
        now_short = {"alarm": ALARM, "fewest": FEWEST, "most": 1000}
        for about_class in unit.session.scalars(SHORT, now_short).all():
            close_alarm(unit.session.connection(), ALARM, about_class)
    return suggested


def long_enough(seats: int, waiting: int) -> bool:
    """Say whether a row is long enough to hold a class a second time."""
    return waiting >= max(FEWEST, (seats + 1) // 2)


def _suggest(seating: Seating) -> int:
    training, waiting = seating.training, len(seating.book.row)
    is_early = training.starts_at - AT_LEAST_BEFORE >= seating.now
    if training.state != TrainingState.OPEN or training.more_wanted_at or not is_early:
        return 0
    if not long_enough(training.seats, waiting):
        return 0
    training.more_wanted_at = seating.now
    about, detail = f"class {training.number}", f"{waiting} people wait"
    raise_alarm(seating.session.connection(), ALARM, about, detail)
    phone = _suggests(seating)
    if phone is not None:
        cause = f"class:{training.id}:more"
        seating.write(phone.id, "sms.class_more_wanted", cause, {"waiting": str(waiting)})
    return 1


def _suggests(seating: Seating) -> Phone | None:
    """Return the phone of who proposed the class, else of who leads the team of its place."""
    session, training = seating.session, seating.training
    person = session.get(Person, training.proposed_by) if training.proposed_by else None
    if person is not None and person.phone_id:
        return session.get(Phone, person.phone_id)
    leads = leads_at(session, area_by_id(session, training.area_id))
    return leads.phone if leads else None
