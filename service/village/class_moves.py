"""Places in classes when a number changes hands.

They follow somebody to their new number, where they go by name if it is somebody else's phone. Of
a number that its owners have lost they are free: nobody could remind them, and whoever has the
number now is not to read their names.
"""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.records.people import Person, Phone
from service.records.trainings import HELD, LIVE_SEATS, Enrolment, SeatState
from service.text.fold import search_key

from .desk import Desk
from .enrolling import free_all
from .seating import Seating

LOCK_CLASSES = text("""
    SELECT id FROM trainings
    WHERE state = 'open' AND starts_at > clock_timestamp()
      AND id IN (SELECT training_id FROM enrolments
                 WHERE phone_id = ANY(:phone_ids) AND state IN ('seated', 'offered', 'waiting'))
    ORDER BY id FOR UPDATE
""")
END_LAPSED = text("""
    UPDATE enrolments SET state = 'left', changed_at = clock_timestamp()
    WHERE phone_id = :phone_id AND state = 'lapsed'
""")
"""An offer of late can be taken for a day, by whoever answers with the number."""


def lock_classes(session: Session, phone_ids: set[int]) -> None:
    """Lock the classes in which these phones have places, before the phones themselves."""
    session.execute(LOCK_CLASSES, {"phone_ids": sorted(phone_ids)})


def follow(desk: Desk, person: Person, old: Phone, new: Phone, *, shared: bool) -> None:
    """Let places follow from one number to another: all, or only theirs where others stay there."""
    session = desk.unit.session
    moved = select(Enrolment).where(Enrolment.phone_id == old.id).order_by(Enrolment.id)
    if shared:
        moved = moved.where(Enrolment.person_id == person.id)
    for place in session.scalars(moved).all():
        name, who = place.name, place.who
        if not who and new.holder_id != person.id and person.name:
            name, who = person.name, search_key(person.name)
        _leave_the_worse(desk, place, new, who)
        place.phone_id, place.name, place.who = new.id, name, who
        session.flush()


def part(desk: Desk, phone: Phone) -> None:
    """Give up what a number's owners of before had: it is somebody else's now."""
    free_all(desk, phone)
    desk.unit.session.execute(END_LAPSED, {"phone_id": phone.id})


def _leave_the_worse(desk: Desk, place: Enrolment, new: Phone, who: str) -> None:
    """Give up one of two places of the same person in a class, the one in the row if one is."""
    session = desk.unit.session
    found = select(Enrolment).where(
        Enrolment.training_id == place.training_id,
        Enrolment.phone_id == new.id,
        Enrolment.who == who,
        Enrolment.state.in_(LIVE_SEATS),
    )
    there = session.scalars(found).one_or_none()
    if there is None or place.state not in LIVE_SEATS:
        return
    keeps_moved = place.state in HELD and there.state == SeatState.WAITING
    seating = Seating(desk.unit, desk.words, place.training_id, spared=new.id)
    seating.leave(there if keeps_moved else place)
