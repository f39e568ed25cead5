"""The seats of one class, and the row behind them: who has one, who is offered one, who is next.

Pure: it is filled from the rows of a class that is locked, and tells what to write back. A seat is
held from the moment it is offered, so that nobody is promised what somebody else may take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.records.trainings import HELD, SeatState
from service.text.waking import Hours, after

AHEAD, ORDINARY, BEHIND = -1, 0, 1
"""Ranks in the row; within one, who asked first."""
LAST_OFFER = timedelta(minutes=30)
"""Before the class begins: later nobody can still answer and come."""
OFFER_LASTS = (
    (timedelta(days=3), timedelta(hours=12)),
    (timedelta(days=1), timedelta(hours=4)),
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(), timedelta(minutes=20)),
)
"""How far off a class is at least, and how long an offer stands then, in waking time."""


@dataclass(slots=True)
class Place:
    """Somebody's place in a class."""

    id: int
    state: SeatState
    rank: int = ORDINARY
    offered_until: datetime | None = None

    @property
    def turn(self) -> tuple[int, int]:
        """What orders the row."""
        return self.rank, self.id


@dataclass(slots=True)
class SeatBook:
    """The places of one class."""

    seats: int
    places: dict[int, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, seats: int, places: Iterable[Place]) -> SeatBook:
        """Return the book of a class with these places."""
        return cls(seats, {place.id: place for place in places})

    @property
    def held(self) -> list[Place]:
        """Whoever has a seat or is offered one."""
        return [place for place in self.places.values() if place.state in HELD]

    @property
    def row(self) -> list[Place]:
        """Whoever waits, the next one first."""
        waiting = [p for p in self.places.values() if p.state is SeatState.WAITING]
        return sorted(waiting, key=lambda place: place.turn)

    @property
    def free(self) -> int:
        """Seats nobody holds; never fewer than none."""
        return max(0, self.seats - len(self.held))

    def may_sit(self) -> bool:
        """Say whether somebody new gets a seat at once: one is free, and nobody waits for it."""
        return self.free > 0 and not self.row

    def enter(self, place_id: int, rank: int = ORDINARY) -> Place:
        """Give somebody new a seat, else a place in the row."""
        state = SeatState.SEATED if self.may_sit() else SeatState.WAITING
        place = Place(place_id, state, rank)
        self.places[place_id] = place
        return place

    def number_in_row(self, place_id: int) -> int:
        """Return who many-th somebody is who waits, from 1."""
        return [place.id for place in self.row].index(place_id) + 1

    def accept(self, place_id: int, now: datetime) -> bool:
        """Take the seat somebody was offered; late only if nobody else waits for it."""
        place = self.places[place_id]
        if place.state is SeatState.OFFERED and place.offered_until and now <= place.offered_until:
            self._set(place, SeatState.SEATED)
            return True
        if place.state is SeatState.OFFERED:
            self._set(place, SeatState.LAPSED)
        if place.state is SeatState.LAPSED and self.may_sit():
            self._set(place, SeatState.SEATED)
            return True
        return False

    def give_up(self, place_id: int, state: SeatState) -> None:
        """Let somebody go: LEFT, DECLINED or ENDED."""
        self._set(self.places[place_id], state)

    def lapse(self, now: datetime) -> list[Place]:
        """End the offers whose time is over; return them."""
        over = [p for p in self.places.values() if p.offered_until and p.offered_until < now]
        for place in over:
            self._set(place, SeatState.LAPSED)
        return sorted(over, key=lambda place: place.turn)

    def offer(self, until: datetime) -> list[Place]:
        """Offer every free seat to the next in the row; return those who are offered one."""
        chosen = self.row[: self.free]
        for place in chosen:
            place.state, place.offered_until = SeatState.OFFERED, until
        return chosen

    def resize(self, seats: int) -> list[Place]:
        """Have more or fewer seats; return who lost one and is first in the row now.

        Offers are taken back before seats are, and of either the latest first.
        """
        self.seats = seats
        held = sorted(self.held, key=lambda place: (place.state is SeatState.OFFERED, place.turn))
        lost = held[seats:]
        for place in lost:
            self._set(place, SeatState.WAITING)
            place.rank = AHEAD
        return lost

    @staticmethod
    def _set(place: Place, state: SeatState) -> None:
        place.state, place.offered_until = state, None


def offer_ends(now: datetime, starts_at: datetime, waking: Hours) -> datetime | None:
    """Return until when a seat may be offered; None when the class is too near.

    The nearer it is, the shorter; nobody's time runs while people sleep.
    """
    last = starts_at - LAST_OFFER
    if now >= last:
        return None
    lasts = next(lasts for far, lasts in OFFER_LASTS if starts_at - now >= far)
    return min(after(now, lasts, [waking]), last)
