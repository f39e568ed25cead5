"""A class at another time or place: everybody who registered hears of it once."""

from __future__ import annotations

from datetime import datetime

from service.records.areas import Area
from service.records.trainings import SeatState

from .class_messages import CHANGED, OFFER_CHANGED, withdraw_of_class
from .seat_book import LAST_OFFER, offer_ends
from .seating import Seating
from .trainings import is_open


class CannotMove(ValueError):
    """The class is over, has begun, is not held, or would be in the past; nothing was changed."""


def move(seating: Seating, starts_at: datetime, ends_at: datetime, place: str, area: Area) -> int:
    """Hold a class at another time or place and tell everybody who registered; return how many.

    Of another end alone nobody is told, since nobody was told the first. Reminders start anew with
    another time, and whoever is offered a seat hears anew until when. Raises CannotMove.
    """
    training, now = seating.training, seating.now
    if not is_open(seating.session, training):
        raise CannotMove("the class has begun, or is not held")
    if starts_at <= now:
        raise CannotMove("the class would be in the past")
    if ends_at <= starts_at:
        raise CannotMove("the class would end before it begins")
    is_another_time = training.starts_at != starts_at
    is_changed = is_another_time or (training.place, training.area_id) != (place, area.id)
    training.starts_at, training.ends_at = starts_at, ends_at
    training.place, training.area_id = place, area.id
    if not is_changed:
        return 0
    training.changes += 1
    seating.session.flush()
    withdraw_of_class(seating.session, training.id, [one.id for one in seating.live()])
    if is_another_time:
        _start_anew(seating)
    told = _tell(seating)
    seating.offer_free()
    return told


def _start_anew(seating: Seating) -> None:
    """Forget what was asked about the time before; give offers the time that is right now."""
    starts_at, waking = seating.training.starts_at, seating.waking
    until = offer_ends(seating.now, starts_at, waking) or starts_at - LAST_OFFER
    for enrolment in seating.live():
        enrolment.eve_told_at = enrolment.soon_told_at = enrolment.confirmed_at = None
        enrolment.changed_at = seating.now  # they hear of it now, and are not reminded at once
        if enrolment.state == SeatState.OFFERED:
            seating.book.places[enrolment.id].offered_until = until
    seating.save()


def _tell(seating: Seating) -> int:
    """Tell those who have a place, each phone once; those who are asked, each what they may do."""
    offered = [one for one in seating.live() if one.state == SeatState.OFFERED]
    others = [one for one in seating.live() if one.state != SeatState.OFFERED]
    told = seating.tell_households(others, CHANGED, f"change{seating.training.changes}")
    for enrolment in offered:
        if enrolment.offered_until:
            told += seating.tell_offer(enrolment, OFFER_CHANGED, enrolment.offered_until)
    return told
