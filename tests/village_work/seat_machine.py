"""The book of seats under anything at all: what is owed to those in it holds after every step.

The machine remembers of everybody what they were told, in its own words, and compares; how the book
finds out is nothing to it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.records.trainings import SeatState
from service.text.local_time import VIETNAM
from service.text.waking import Hours
from service.village.seat_book import AHEAD, BEHIND, LAST_OFFER, ORDINARY, SeatBook, offer_ends

BEGINS = datetime(2026, 12, 1, 9, 0, tzinfo=VIETNAM)
WAKING = Hours(6 * 60, 21 * 60)
HELD = {SeatState.SEATED, SeatState.OFFERED}
GONE = {SeatState.LEFT, SeatState.DECLINED, SeatState.LAPSED, SeatState.ENDED}


class SeatMachine(RuleBasedStateMachine):
    """One class, from its first place to its beginning."""

    steps: ClassVar[Counter[str]] = Counter()

    @initialize(seats=st.integers(0, 6), hours=st.integers(1, 200), people=st.integers(0, 12))
    def opens(self, seats: int, hours: int, people: int) -> None:
        self.now = BEGINS
        self.starts_at = BEGINS + timedelta(hours=hours)
        self.book = SeatBook.of(seats, ())
        self.last = 0
        self.told: dict[int, SeatState] = {}
        """What everybody was told last."""
        self.until: dict[int, datetime] = {}
        """Until when whoever was offered a seat may take it."""
        self.rank: dict[int, int] = {}
        for _ in range(people):
            self._register(ORDINARY)

    # -- what people do

    @rule(missed=st.booleans())
    def register(self, missed: bool) -> None:
        self._register(BEHIND if missed else ORDINARY)
        self.steps["register"] += 1

    def _register(self, rank: int) -> None:
        had_room = self._held() < self.book.seats and not self._row()
        self.last += 1
        place = self.book.enter(self.last, rank)
        self.rank[self.last] = rank
        self._tell(self.last, SeatState.SEATED if had_room else SeatState.WAITING)
        assert place.state is self.told[self.last]
        if not had_room:
            ahead = [i for i in self._row() if i != self.last and self._turn(i) < (rank, self.last)]
            assert self.book.number_in_row(self.last) == len(ahead) + 1

    @precondition(lambda self: self._live())
    @rule(which=st.data())
    def cancel(self, which: st.DataObject) -> None:
        self._go(which.draw(st.sampled_from(self._live())), SeatState.LEFT)
        self.steps["cancel"] += 1

    @precondition(lambda self: self._in(SeatState.SEATED) and self._row())
    @rule(which=st.data())
    def pass_a_seat_on(self, which: st.DataObject) -> None:
        """Chance alone seldom frees a seat and offers it."""
        self._go(which.draw(st.sampled_from(self._in(SeatState.SEATED))), SeatState.LEFT)
        self.steps["cancel"] += 1
        self.offer()

    @precondition(lambda self: self._in(SeatState.OFFERED))
    @rule(which=st.data())
    def decline(self, which: st.DataObject) -> None:
        self._go(which.draw(st.sampled_from(self._in(SeatState.OFFERED))), SeatState.DECLINED)
        self.steps["decline"] += 1

    @precondition(lambda self: self._live())
    @rule(which=st.data())
    def erase(self, which: st.DataObject) -> None:
        """Forget a phone, with all its household's places."""
        household = st.lists(st.sampled_from(self._live()), min_size=1, max_size=4, unique=True)
        for place_id in which.draw(household):
            self._go(place_id, SeatState.LEFT)
        self.steps["erase"] += 1

    @precondition(lambda self: self._in(SeatState.OFFERED))
    @rule(which=st.data(), seconds=st.sampled_from([None, 0, 1]))
    def accept(self, which: st.DataObject, seconds: int | None) -> None:
        """Take the seat: at once, in the last second, or one too late."""
        if seconds is not None:
            self.wait_to_the_second(seconds)
        place_id = which.draw(st.sampled_from(self._in(SeatState.OFFERED)))
        in_time = self.now <= self.until[place_id]
        others_wait = bool(self._row())
        taken = self.book.accept(place_id, self.now)
        if in_time:
            assert taken, "an offer stands until its time is over"
        elif others_wait:
            assert not taken, "late: others wait for the seat"
        self._tell(place_id, SeatState.SEATED if taken else SeatState.LAPSED)
        self.steps["accept" if in_time else "accept unswept"] += 1

    @precondition(lambda self: self._in(SeatState.LAPSED))
    @rule(which=st.data())
    def accept_late(self, which: st.DataObject) -> None:
        place_id = which.draw(st.sampled_from(self._in(SeatState.LAPSED)))
        may = self._held() < self.book.seats and not self._row()
        taken = self.book.accept(place_id, self.now)
        assert taken == may, "after its time an offer is good only while nobody waits"
        if taken:
            self._tell(place_id, SeatState.SEATED)
        self.steps["accept late"] += 1

    # -- what the clock and the coordinator do

    @rule(minutes=st.sampled_from([1, 20, 21, 60, 241, 720]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.steps["wait"] += 1

    @precondition(lambda self: self._in(SeatState.OFFERED))
    @rule(seconds=st.integers(-1, 1))
    def wait_to_the_second(self, seconds: int) -> None:
        """Wait until the very moment at which the next offer ends."""
        ends = min(self.until[i] for i in self._in(SeatState.OFFERED))
        self.now = max(self.now, ends + timedelta(seconds=seconds))
        self.steps["wait"] += 1

    @precondition(lambda self: self._in(SeatState.OFFERED))
    @rule()
    def wait_until_an_offer_lapsed(self) -> None:
        """Chance alone seldom waits so long."""
        self.wait_to_the_second(1)
        self.lapse()
        self.offer()

    @precondition(lambda self: self._in(SeatState.OFFERED))
    @rule()
    def lapse(self) -> None:
        over = [i for i in self._in(SeatState.OFFERED) if self.until[i] < self.now]
        assert {place.id for place in self.book.lapse(self.now)} == set(over)
        for place_id in over:
            self._tell(place_id, SeatState.LAPSED)
        self.steps["lapse" if over else "look"] += 1

    @precondition(lambda self: self._row())
    @rule()
    def offer(self) -> None:
        until = offer_ends(self.now, self.starts_at, WAKING)
        if until is None:
            assert self.now >= self.starts_at - LAST_OFFER
            return
        assert self.now < until <= self.starts_at - LAST_OFFER
        free, row = max(0, self.book.seats - self._held()), self._row()
        chosen = [place.id for place in self.book.offer(until)]
        assert chosen == row[:free], "each free seat goes to the next, and none is forgotten"
        for place_id in chosen:
            self._tell(place_id, SeatState.OFFERED)
            self.until[place_id] = until
        assert self.book.free == 0 or not self.book.row
        self.steps["offer" if chosen else "look"] += 1

    @rule(hours=st.integers(-9, 60))
    def move(self, hours: int) -> None:
        self.starts_at = max(self.starts_at + timedelta(hours=hours), self.now)
        self.steps["move"] += 1

    @rule(seats=st.integers(0, 8))
    def resize(self, seats: int) -> None:
        seated, offered = self._in(SeatState.SEATED), self._in(SeatState.OFFERED)
        lost = [place.id for place in self.book.resize(seats)]
        assert len(lost) == max(0, len(seated) + len(offered) - seats)
        taken_back = [i for i in lost if i in offered]
        assert len(taken_back) == len(lost) or set(taken_back) == set(offered), (
            "no seat is taken from anybody while one is only on offer"
        )
        for place_id in lost:
            self.rank[place_id] = AHEAD
            self._tell(place_id, SeatState.WAITING)
        self.steps["shrink" if lost else "resize"] += 1

    # -- what holds

    @invariant()
    def no_seat_is_held_twice(self) -> None:
        assert len(self.book.held) <= self.book.seats
        assert self.book.free == self.book.seats - len(self.book.held)

    @invariant()
    def everybody_is_where_they_were_told(self) -> None:
        assert {i: place.state for i, place in self.book.places.items()} == self.told
        assert all(i == place.id for i, place in self.book.places.items())

    @invariant()
    def nobody_is_in_two_states(self) -> None:
        held, row = [p.id for p in self.book.held], [p.id for p in self.book.row]
        gone = [i for i, state in self.told.items() if state in GONE]
        assert sorted(held + row + gone) == sorted(self.told)

    @invariant()
    def the_row_is_in_order(self) -> None:
        row = [place.id for place in self.book.row]
        assert row == self._row()
        assert [self.book.number_in_row(i) for i in row] == list(range(1, len(row) + 1))

    @invariant()
    def who_was_moved_back_is_before_all_others(self) -> None:
        first = [self.rank[i] == AHEAD for i in self._row()]
        assert first == sorted(first, reverse=True)

    @invariant()
    def an_offer_says_until_when_and_nothing_else_does(self) -> None:
        for i, place in self.book.places.items():
            is_offered = self.told[i] is SeatState.OFFERED
            assert (place.offered_until is not None) == is_offered
            assert not is_offered or place.offered_until == self.until[i]

    # -- what the machine remembers

    def _in(self, *states: SeatState) -> list[int]:
        return [i for i, state in self.told.items() if state in states]

    def _live(self) -> list[int]:
        return self._in(SeatState.SEATED, SeatState.OFFERED, SeatState.WAITING)

    def _held(self) -> int:
        return len(self._in(*HELD))

    def _turn(self, place_id: int) -> tuple[int, int]:
        return self.rank[place_id], place_id

    def _row(self) -> list[int]:
        return sorted(self._in(SeatState.WAITING), key=self._turn)

    def _tell(self, place_id: int, state: SeatState) -> None:
        self.told[place_id] = state

    def _go(self, place_id: int, state: SeatState) -> None:
        self.book.give_up(place_id, state)
        self._tell(place_id, state)
