"""What the clock does about seats: offers end, free seats are offered, rows end before a class."""

from __future__ import annotations

from sqlalchemy import text

from service.records.unit import Units

from .class_rounds import for_each_class
from .desk import Words
from .seat_book import LAST_OFFER
from .seating import Seating

# A seat is offered when it falls free; this finds what a kill, or a change of the database by hand,
# left between the two, and what time alone brings.
TO_DO = text("""
    SELECT t.id FROM trainings t
    WHERE t.state = 'open' AND EXISTS (
        SELECT FROM enrolments o WHERE o.training_id = t.id AND o.state = 'offered'
          AND o.offered_until < clock_timestamp())
    UNION
    SELECT t.id FROM trainings t
    WHERE t.state = 'open' AND EXISTS (
        SELECT FROM enrolments w WHERE w.training_id = t.id AND w.state IN ('waiting', 'offered'))
      AND (t.starts_at <= clock_timestamp() + :last_offer
           OR t.seats > (SELECT count(*) FROM enrolments h
                         WHERE h.training_id = t.id AND h.state IN ('seated', 'offered')))
    LIMIT :most
""")


def offer_seats(units: Units, words: Words) -> int:
    """Do what is due, each class in a transaction of its own; return for how many classes."""
    return for_each_class(units, words, TO_DO, {"last_offer": LAST_OFFER}, _see_to)


def _see_to(seating: Seating) -> bool:
    if seating.now >= seating.training.ends_at:
        return bool(seating.end_row())
    lapsed = seating.lapse()
    if seating.now >= seating.training.starts_at - LAST_OFFER:
        return bool(seating.end_row() or lapsed)
    return bool(seating.offer_free() or lapsed)
