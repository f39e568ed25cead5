"""Reminders of a class: the day before, and two hours before, each phone once.

A reminder asks whether its people come, so that a seat nobody will sit on is offered to the next;
it is marked in the transaction that writes it, so that two clocks remind once, and a clock set back
does not remind again. The seats of numbers nobody knows, who did not answer, go to whoever waits:
senders can be invented, and no class must be filled with them. Nobody is written to at night:
before a class that begins early in the morning the day before is enough. Whoever has just
registered, or has just heard of a change, knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.records.people import Phone
from service.records.trainings import Enrolment, SeatState
from service.records.unit import Units
from service.text.local_time import in_vietnam
from service.text.waking import awake_at

from .class_messages import (
    EVE,
    EVE_OF_SEVERAL,
    EVE_UNKNOWN,
    SOON,
    SOON_CONFIRMED,
    SOON_OF_SEVERAL,
    of_phone,
)
from .class_people import by_phone, named, who_is
from .class_rounds import BY_DAY, for_each_class
from .desk import Words
from .seat_book import LAST_OFFER
from .seating import Seating
from .trainings import is_open

EVE_FROM = time(9)
SOON_BEFORE = timedelta(hours=2)
KNOWS_FOR = timedelta(hours=12)
"""Whoever registered no longer ago is not reminded of it the day before."""
ANSWERED_WITHIN = timedelta(hours=3)
"""Nobody loses a seat who was asked so shortly before."""
KNOWS_SOON_FOR = timedelta(hours=2)
"""The same, of the reminder two hours before."""

DUE = text("""
    SELECT DISTINCT t.id FROM trainings t
    JOIN enrolments e ON e.training_id = t.id AND e.state = 'seated'
    WHERE t.state = 'open' AND t.starts_at > clock_timestamp()
      AND (e.eve_told_at IS NULL
           AND (t.starts_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
               = (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date + 1
           AND e.changed_at <= clock_timestamp() - :knows_for
           OR e.soon_told_at IS NULL AND t.starts_at <= clock_timestamp() + :soon_before)
    LIMIT :most
""")


def remind_classes(units: Units, words: Words) -> int:
    """Write the reminders that are due; return to how many phones."""
    about = {"knows_for": KNOWS_FOR, "soon_before": SOON_BEFORE}
    return for_each_class(units, words, DUE, about, _remind)


def is_eve(now: datetime, starts_at: datetime) -> bool:
    """Say whether it is the day before, late enough in the morning and not yet night."""
    here, there = in_vietnam(now), in_vietnam(starts_at)
    is_day_before = there.date() - here.date() == timedelta(days=1)
    return is_day_before and here.time() >= EVE_FROM and awake_at(now, BY_DAY) == now


def is_soon(now: datetime, starts_at: datetime) -> bool:
    """Say whether a class begins in two hours, and a seat that is given up can still be offered."""
    is_near = starts_at - SOON_BEFORE <= now < starts_at - LAST_OFFER
    return is_near and awake_at(now, BY_DAY) == now


def _remind(seating: Seating) -> int:
    training, now = seating.training, seating.now
    if not is_open(seating.session, training):
        return 0
    if is_soon(now, training.starts_at):
        _pass_on_unanswered(seating)
        known = training.starts_at - SOON_BEFORE - KNOWS_SOON_FOR
        return _tell(seating, lambda one: one.soon_told_at is None and one.changed_at <= known)
    if is_eve(now, training.starts_at):
        known = now - KNOWS_FOR
        return _tell(seating, lambda one: one.eve_told_at is None and one.changed_at <= known)
    return 0


def _pass_on_unanswered(seating: Seating) -> None:
    """Let those who wait have the seats of unknown numbers that were asked and did not answer."""
    asked_before = seating.now - ANSWERED_WITHIN
    silent = [
        one
        for one in seating.enrolments.values()
        if one.state == SeatState.SEATED
        and one.confirmed_at is None
        and one.eve_told_at is not None
        and one.eve_told_at <= asked_before
        and not is_known(seating.session, one.phone_id)
    ]
    silent.sort(key=lambda one: one.id)
    for enrolment in silent[::-1][: len(seating.book.row)]:
        seating.let_lapse(enrolment)
    seating.offer_free()


def is_known(session: Session, phone_id: int) -> bool:
    """Say whether somebody who agreed to be remembered has this phone."""
    return session.get_one(Phone, phone_id).holder_id is not None


def _tell(seating: Seating, is_due: Callable[[Enrolment], bool]) -> int:
    """Remind each phone of which somebody is due, once, of all of its people who have a seat."""
    starts_at = seating.training.starts_at
    is_last = is_soon(seating.now, starts_at)
    until = starts_at if is_last else _night_after(seating.now)
    told = 0
    seated = [one for one in seating.enrolments.values() if one.state == SeatState.SEATED]
    for phone_id, people in by_phone(seated).items():
        if not any(map(is_due, people)):
            continue
        key = _soon_text(people) if is_last else _eve_text(seating.session, people)
        what = f"{seating.training.changes}:{'soon' if is_last else 'eve'}"
        said = named(who_is(seating.session, people[0]), people)
        cause = f"{of_phone(seating.training.id, phone_id)}:{what}"
        told += seating.write(phone_id, key, cause, said, until=until)
        for one in people:
            if is_last:
                one.soon_told_at = seating.now
            else:
                one.eve_told_at = seating.now
    seating.session.flush()
    return told


def _eve_text(session: Session, people: Sequence[Enrolment]) -> str:
    if people[1:]:
        return EVE_OF_SEVERAL
    return EVE if is_known(session, people[0].phone_id) else EVE_UNKNOWN


def _soon_text(people: Sequence[Enrolment]) -> str:
    """Return what is said two hours before: who has answered the day before is not asked again."""
    if all(one.confirmed_at for one in people):
        return SOON_CONFIRMED
    return SOON_OF_SEVERAL if people[1:] else SOON


def _night_after(now: datetime) -> datetime:
    """Return when it is night: a reminder that could not leave by day does not leave then."""
    midnight = in_vietnam(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(minutes=BY_DAY.ends)
