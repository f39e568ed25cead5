"""Who came to a class without a seat, and was written down by whoever called the roll.

They take no seat, and are told, so that nobody is in a class without knowing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from service.records.people import Person, Phone
from service.records.trainings import (
    LIVE_SEATS,
    Enrolment,
    EnrolmentEvent,
    SeatEvent,
    SeatState,
    Training,
)
from service.text.fold import fold, search_key
from service.text.roll import Added

from .class_people import who_is
from .desk import Desk, phone_of
from .roll_lists import ON_THE_LIST
from .seating import Seating
from .suppressions import is_erased
from .trainings import values_of


def may_be_added(desk: Desk, added: Added) -> bool:
    """Say whether somebody may be written down: not who had themself erased."""
    session = desk.unit.session
    known = select(Person.id).join(Phone, Phone.id == Person.phone_id)
    if session.scalar(known.where(Phone.msisdn == added.msisdn).limit(1)) is not None:
        return True
    return not is_erased(session, desk.words.key, added.msisdn, added.name)


def has_denied(desk: Desk, training: Training, added: Added) -> bool:
    """Say whether that number was written down for this class before, and said that it is wrong."""
    denied = select(Enrolment.id).join(Phone, Phone.id == Enrolment.phone_id)
    denied = denied.join(EnrolmentEvent, EnrolmentEvent.enrolment_id == Enrolment.id).where(
        Phone.msisdn == added.msisdn,
        Enrolment.training_id == training.id,
        Enrolment.state == SeatState.LEFT,
        EnrolmentEvent.event == SeatEvent.WALKED_IN,
    )
    return desk.unit.session.scalar(denied.limit(1)) is not None


def place_at(desk: Desk, training: Training, added: Added) -> Enrolment | None:
    """Return the place on the list that somebody has who is added, by their phone and name."""
    places = _places_at(desk, training, added.msisdn)
    on_list = [one for one in places if one.state in ON_THE_LIST]
    return next((one for one in on_list if _is_of(desk, one, added)), None)


def walk_in(desk: Desk, seating: Seating, added: Added) -> Enrolment:
    """Write somebody down who came, and tell them; who waited for a seat waits no more."""
    training = seating.training
    phone = phone_of(desk.unit, added.msisdn)
    holder = desk.unit.session.get(Person, phone.holder_id) if phone.holder_id else None
    is_holder = not added.name or (holder is not None and _called(holder) == _key(added.name))
    waiting = [
        one
        for one in seating.enrolments.values()
        if one.phone_id == phone.id and one.state in LIVE_SEATS and _is_of(desk, one, added)
    ]
    if waiting:
        place = waiting[0]
        seating.book.give_up(place.id, SeatState.WALKED_IN)
        seating.save()
    else:
        place = Enrolment(
            training_id=training.id,
            phone_id=phone.id,
            person_id=holder.id if holder and is_holder else None,
            name=None if holder and is_holder else added.name or None,
            who="" if is_holder else _key(added.name),
            state=SeatState.WALKED_IN,
        )
        desk.unit.session.add(place)
        desk.unit.session.flush()
    event = seating.note(place, SeatEvent.WALKED_IN)
    seating.tell(place, "sms.walked_in", event)
    return place


def deny(desk: Desk, training: Training) -> Mapping[str, str] | None:
    """Take the speaker off a class they were written down for; None when they were not."""
    seating = Seating(desk.unit, desk.words, training.id)
    places = _places_at(desk, seating.training, desk.msisdn)
    walked_in = [one for one in places if one.state == SeatState.WALKED_IN]
    if not walked_in:
        return None
    said = values_of(desk.unit.session, training, desk.language)
    said["who"] = who_is(desk.unit.session, walked_in[0])
    for place in walked_in:
        place.state, place.attended, place.changed_at = SeatState.LEFT, None, seating.now
        seating.note(place, SeatEvent.LEFT)
    return said


def _places_at(desk: Desk, training: Training, msisdn: str) -> Sequence[Enrolment]:
    return desk.unit.session.scalars(
        select(Enrolment)
        .join(Phone, Phone.id == Enrolment.phone_id)
        .where(Phone.msisdn == msisdn, Enrolment.training_id == training.id)
        .order_by(Enrolment.state != SeatState.SEATED, Enrolment.id)
        .execution_options(populate_existing=True)
    ).all()


def _is_of(desk: Desk, place: Enrolment, added: Added) -> bool:
    """Say whether a place is that of who is added: a number without a name is its holder's."""
    if not added.name:
        return place.who == ""
    person = desk.unit.session.get(Person, place.person_id) if place.person_id else None
    return _key(added.name) in {place.who, _called(person)}


def _called(person: Person | None) -> str:
    return _key(person.name or "") if person else ""


def _key(name: str) -> str:
    return search_key(fold(name).text)
