"""The seats of one class while its row is locked: what changes, and who is told of it.

Everything that gives, takes or offers a seat goes through here, one class at a time, so that of
fifty who want the last seat one gets it. A seat that falls free is offered to the next in the row
in the same transaction; what that leaves over, the clock does (service.village.seat_offers).

Locks: a class before phones, classes by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.outbox.classes import RULES
from service.records.messages import MessageClass
from service.records.moments import now_by
from service.records.people import Phone
from service.records.trainings import (
    HELD,
    LIVE_SEATS,
    Enrolment,
    EnrolmentEvent,
    SeatEvent,
    SeatState,
    Training,
    TrainingState,
)
from service.records.unit import Unit
from service.text.class_times import said_until
from service.text.phones import Msisdn
from service.text.waking import Hours, awake_at

from .class_messages import (
    CANCELLED,
    OFFER,
    of_phone,
    of_place,
    withdraw_of_class,
    withdraw_of_places,
)
from .class_people import by_phone, named, who_is
from .desk import Desk, Words
from .seat_book import AHEAD, Place, SeatBook, offer_ends
from .trainings import is_open, values_of

MOST_WAITING = 100
"""People in one row: longer, a seat is a promise nobody can keep; hold the class again."""
IN_BOOK = (*LIVE_SEATS, SeatState.LAPSED)


class Seating:
    """The seats of one class, locked until the transaction ends."""

    def __init__(self, unit: Unit, words: Words, training_id: int, *, spared: int = 0) -> None:
        """Lock a class and read its places; `spared` is a phone that is answered, not written to.

        Raises NoResultFound when there is no such class.
        """
        self._unit, self._words, self._spared = unit, words, spared
        session = unit.session
        self.training: Training = session.get_one(
            Training, training_id, with_for_update=True, populate_existing=True
        )
        found = session.scalars(
            select(Enrolment)
            .where(Enrolment.training_id == training_id, Enrolment.state.in_(IN_BOOK))
            .execution_options(populate_existing=True)
        ).all()
        self.enrolments: dict[int, Enrolment] = {one.id: one for one in found}
        self.now = now_by(session)
        self.book = SeatBook.of(self.training.seats, (_place(one) for one in found))

    @property
    def session(self) -> Session:
        """The session the class is locked in."""
        return self._unit.session

    @property
    def waking(self) -> Hours:
        """When people are awake."""
        return self._words.ladders.waking

    # -- what people do

    def enter(self, enrolment: Enrolment) -> None:
        """Give a new enrolment, which is added here, a seat or a place in the row."""
        enrolment.state = SeatState.WAITING
        self.session.add(enrolment)
        self.session.flush()
        self.enrolments[enrolment.id] = enrolment
        place = self.book.enter(enrolment.id, enrolment.rank)
        is_seated = place.state is SeatState.SEATED
        self.note(enrolment, SeatEvent.SEATED if is_seated else SeatEvent.QUEUED)
        self.save()

    def accept(self, enrolment: Enrolment) -> bool:
        """Take the seat that was offered; False when it is too late and others wait for it."""
        before = enrolment.state
        taken = self.book.accept(enrolment.id, self.now)
        if taken:
            self.note(enrolment, SeatEvent.ACCEPTED)
        elif before == SeatState.OFFERED:
            self.note(enrolment, SeatEvent.LAPSED)
        self.save()
        self.offer_free()
        return taken

    def leave(self, enrolment: Enrolment, *, declines: bool = False) -> None:
        """Let somebody go who does not come; what falls free is offered to the next."""
        state = SeatState.DECLINED if declines else SeatState.LEFT
        self.book.give_up(enrolment.id, state)
        self.note(enrolment, SeatEvent.DECLINED if declines else SeatEvent.LEFT)
        self.save()
        self.offer_free()

    def number_in_row(self, enrolment: Enrolment) -> int:
        """Return which place in the row somebody has, from 1."""
        return self.book.number_in_row(enrolment.id)

    # -- what the clock and the coordinator do

    def lapse(self) -> int:
        """End the offers nobody answered in time, tell whose they were; return how many."""
        over = self.book.lapse(self.now)
        self.save()
        self._say_lapsed(self.enrolments[place.id] for place in over)
        return len(over)

    def let_lapse(self, enrolment: Enrolment) -> None:
        """End the seat of somebody who did not answer whether they come, and tell them."""
        self.book.give_up(enrolment.id, SeatState.LAPSED)
        self.save()
        self._say_lapsed([enrolment])

    def _say_lapsed(self, lapsed: Iterable[Enrolment]) -> None:
        for enrolment in lapsed:
            self.tell(enrolment, "sms.class_lapsed", self.note(enrolment, SeatEvent.LAPSED))

    def offer_free(self) -> int:
        """Offer every free seat to the next in the row; return how many were offered.

        Who cannot be written to is passed over as if they had not answered. Where it is the turn of
        the phone that is spared, the clock does it, and writes to it.
        """
        offered = 0
        while is_open(self.session, self.training) and self.book.free and self.book.row:
            until = offer_ends(self.now, self.training.starts_at, self.waking)
            if until is None or self._is_spared(self.book.row[: self.book.free]):
                break
            for place in self.book.offer(until):
                enrolment = self.enrolments[place.id]
                if self.tell_offer(enrolment, OFFER, until):
                    offered += 1
                else:
                    self.book.give_up(place.id, SeatState.LAPSED)
                    self.note(enrolment, SeatEvent.LAPSED)
            self.save()
        return offered

    def _is_spared(self, places: Iterable[Place]) -> bool:
        return any(self.enrolments[place.id].phone_id == self._spared for place in places)

    def resize(self, seats: int) -> None:
        """Have more or fewer seats; who loses one is told, and is the first in the row."""
        self.training.seats = seats
        lost = self.book.resize(seats)
        self.save()
        for place in lost:
            enrolment = self.enrolments[place.id]
            enrolment.rank, enrolment.confirmed_at = AHEAD, None
            event = self.note(enrolment, SeatEvent.MOVED_BACK)
            self.tell(enrolment, "sms.class_moved_back", event)
        self.session.flush()
        self.offer_free()

    def end_row(self) -> int:
        """Tell whoever still waits that there will be no seat for them; return how many.

        Once the class is over nobody is told any more: they know.
        """
        late = self._end(p for p in self.book.places.values() if p.state in _UNSEATED)
        for enrolment in late if self.now < self.training.ends_at else ():
            self.tell(enrolment, "sms.class_row_over", self.note(enrolment, SeatEvent.ENDED))
        return len(late)

    def cancel(self) -> int:
        """Cancel the class and tell everybody who registered; return how many."""
        self.training.state = TrainingState.CANCELLED
        ended = self._end(p for p in self.book.places.values() if p.state in LIVE_SEATS)
        withdraw_of_class(self.session, self.training.id, [one.id for one in ended])
        for enrolment in ended:
            self.note(enrolment, SeatEvent.ENDED)
        if self.now < self.training.ends_at:
            self.tell_households(ended, CANCELLED, "cancelled")
        return len(ended)

    def live(self) -> list[Enrolment]:
        """Return who has a seat, is offered one, or waits."""
        return [one for one in self.enrolments.values() if one.state in LIVE_SEATS]

    def _end(self, places: Iterable[Place]) -> list[Enrolment]:
        ended = sorted(places, key=lambda place: place.turn)
        for place in ended:
            self.book.give_up(place.id, SeatState.ENDED)
        self.save()
        return [self.enrolments[place.id] for place in ended]

    # -- writing it down

    def note(self, enrolment: Enrolment, event: SeatEvent) -> EnrolmentEvent:
        """Write down what happened to somebody's place."""
        line = EnrolmentEvent(
            enrolment_id=enrolment.id, training_id=enrolment.training_id, event=event
        )
        self.session.add(line)
        self.session.flush()
        return line

    def save(self) -> None:
        """Write the book's places back; what is still to be said of a seat given up is not."""
        gone = []
        for place in self.book.places.values():
            enrolment = self.enrolments[place.id]
            if (enrolment.state, enrolment.offered_until) != (place.state, place.offered_until):
                if enrolment.state in HELD and enrolment.state != place.state:
                    gone.append(enrolment.id)
                enrolment.state, enrolment.offered_until = place.state, place.offered_until
                enrolment.changed_at = self.now
        self.session.flush()
        withdraw_of_places(self.session, self.training.id, gone)

    def tell(self, enrolment: Enrolment, key: str, event: EnrolmentEvent) -> bool:
        """Write to somebody about their place, in waking hours; say whether they will hear."""
        said = {"who": who_is(self.session, enrolment)}
        return self.write(enrolment.phone_id, key, f"{self._about(enrolment)}:{event.id}", said)

    def tell_offer(self, enrolment: Enrolment, key: str, until: datetime) -> bool:
        """Offer somebody a seat until a moment, after which it is not said any more."""
        enrolment.offered_at = self.now
        cause = f"{self._about(enrolment)}:{self.note(enrolment, SeatEvent.OFFERED).id}"
        said = {"who": who_is(self.session, enrolment)}
        return self.write(enrolment.phone_id, key, cause, said, until=until)

    def tell_households(self, members: Iterable[Enrolment], key: str, what: str) -> int:
        """Write once to each phone of which several may be named; return of how many people."""
        told = 0
        for phone_id, people in by_phone(members).items():
            cause = f"{of_phone(self.training.id, phone_id)}:{what}"
            said = named(who_is(self.session, people[0]), people)
            told += len(people) * self.write(phone_id, key, cause, said)
        return told

    def write(
        self,
        phone_id: int,
        key: str,
        cause: str,
        said: Mapping[str, str],
        *,
        until: datetime | None = None,
    ) -> bool:
        """Write to a phone about this class, in waking hours; say whether it will be heard."""
        if phone_id == self._spared:
            return True
        phone = self.session.get_one(Phone, phone_id)
        desk = Desk(self._unit, self._words, Msisdn(phone.msisdn), "clock", cause)
        language = desk.language_of(phone)
        values = {**values_of(self.session, self.training, language), **said}
        values |= {"class_until": said_until(until, language)} if until else {}
        wakes = awake_at(self.now, self.waking)
        starts_at = self.training.starts_at
        due_at = wakes if self.now < wakes < starts_at else None
        # Carriers may be down for days: that a class is cancelled is worth knowing until it begins.
        worth = starts_at if starts_at > wakes + RULES[MessageClass.ALERT].valid_for else None
        return desk.tell(
            phone,
            key,
            values,
            message_class=MessageClass.ALERT,
            due_at=due_at,
            valid_until=until or worth,
        )

    def _about(self, enrolment: Enrolment) -> str:
        return of_place(self.training.id, enrolment.id)


_UNSEATED = (SeatState.OFFERED, SeatState.WAITING)


def _place(enrolment: Enrolment) -> Place:
    state = SeatState(enrolment.state)
    return Place(enrolment.id, state, enrolment.rank, enrolment.offered_until)
