"""Somebody answers an offer that is over: what they have since, or a place behind the others."""

from __future__ import annotations

from service.records.trainings import LIVE_SEATS, Enrolment

from .seat_book import ORDINARY
from .seating import Seating


def place_since(seating: Seating, lapsed: Enrolment) -> Enrolment | None:
    """Return the place of somebody who registered again after their offer lapsed."""
    same = (lapsed.phone_id, lapsed.who)
    others = (o for o in seating.enrolments.values() if o is not lapsed and o.state in LIVE_SEATS)
    return next((one for one in others if (one.phone_id, one.who) == same), None)


def queue_again(seating: Seating, lapsed: Enrolment) -> Enrolment:
    """Let somebody whose offer lapsed wait again, behind the others: they still want to come."""
    again = Enrolment(
        training_id=lapsed.training_id,
        phone_id=lapsed.phone_id,
        person_id=lapsed.person_id,
        name=lapsed.name,
        who=lapsed.who,
        rank=max(lapsed.rank, ORDINARY),
    )
    seating.enter(again)
    return again
