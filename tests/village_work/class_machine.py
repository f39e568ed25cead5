"""People and a class on the real database, doing anything; beside them a model a page long.

The model knows seats, a row and offers, and nothing of how they are kept; after every step the
database must hold what the model does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench.training_replay import LAST, STANDS, WAKING
from service.text.waking import after
from service.village.seating import Seating
from tests.village import MORNING, TimedWorld, demo_village, empty_tables
from tests.village_work.classes import look, training

PEOPLE = [f"+8490000001{n:02}" for n in range(5)]
LATE = timedelta(days=1)
LASTS = timedelta(minutes=90)
LIVE = {"seated", "offered", "waiting"}
STATES = """
    SELECT f.msisdn, e.state, e.offered_until FROM enrolments e JOIN phones f ON f.id = e.phone_id
    ORDER BY e.id
"""


@dataclass(eq=False)
class Place:
    """A place as the model has it."""

    who: str
    state: str
    turn: tuple[int, int]
    until: datetime | None = None
    offered_at: datetime | None = None


@dataclass
class Model:
    """A class of so many seats."""

    seats: int
    starts_at: datetime
    places: list[Place] = field(default_factory=list)

    @property
    def row(self) -> list[Place]:
        return sorted((p for p in self.places if p.state == "waiting"), key=lambda p: p.turn)

    @property
    def free(self) -> int:
        return max(0, self.seats - sum(p.state in {"seated", "offered"} for p in self.places))

    def live(self, who: str) -> Place | None:
        return next((p for p in self.places if p.who == who and p.state in LIVE), None)

    def asked(self, who: str, now: datetime) -> Place | None:
        """Return the offer somebody can still answer, be it too late."""
        mine = [p for p in self.places if p.who == who and p.offered_at]
        mine = [p for p in mine if p.state in {"offered", "lapsed"}]
        mine = [p for p in mine if p.state == "offered" or now < p.offered_at + LATE]
        return max(mine, key=lambda p: p.offered_at, default=None) if now < self.starts_at else None

    def register(self, who: str, now: datetime) -> None:
        place = self.live(who)
        if now >= self.starts_at:
            return
        if place is not None:
            if place.state == "offered":
                self.take(place, now)  # they want to come
            return
        state = "seated" if self.free and not self.row else "waiting"
        self.places.append(Place(who, state, (0, len(self.places))))

    def give_up(self, place: Place, state: str, now: datetime) -> None:
        place.state, place.until = state, None
        self.offer(now)

    def offer(self, now: datetime) -> None:
        if now >= self.starts_at - LAST:
            return
        lasts = next(lasts for far, lasts in STANDS if self.starts_at - now >= far)
        until = min(after(now, lasts, [WAKING]), self.starts_at - LAST)
        for place in self.row[: self.free]:
            place.state, place.until, place.offered_at = "offered", until, now

    def take(self, place: Place, now: datetime) -> None:
        if self.live(place.who) not in {None, place}:
            return  # they registered again; that stands
        in_time = place.state == "offered" and now <= place.until
        if not in_time:
            place.state, place.until = "lapsed", None
        if in_time or (self.free and not self.row):
            place.state, place.until = "seated", None
            return
        self.offer(now)
        self.register(place.who, now)

    def look(self, now: datetime) -> None:
        is_over = now >= self.starts_at + LASTS
        for place in self.places:
            if place.state == "offered" and place.until < now and not is_over:
                place.state, place.until = "lapsed", None
        if now >= self.starts_at - LAST:
            for place in self.places:
                if place.state in {"offered", "waiting"}:
                    place.state, place.until = "ended", None
        self.offer(now)

    def resize(self, seats: int, now: datetime) -> None:
        held = [p for p in self.places if p.state in {"seated", "offered"}]
        held.sort(key=lambda p: (p.state == "offered", p.turn))
        for place in held[seats:]:
            place.state, place.until, place.turn = "waiting", None, (-1, place.turn[1])
        self.seats = seats
        self.offer(now)


class ClassMachine(RuleBasedStateMachine):
    """Five phones and a class of a few seats."""

    world: ClassVar[TimedWorld]
    steps: ClassVar[Counter[str]] = Counter()

    @initialize(
        seats=st.integers(1, 2), hours=st.sampled_from([8, 20, 40, 90]), people=st.integers(2, 5)
    )
    def first_day(self, seats: int, hours: int, people: int) -> None:
        world = self.world
        empty_tables(world.engine)
        world.time.turn_to(MORNING)
        demo_village(world)
        world.refresh()
        for msisdn in PEOPLE:
            world.do("INSERT INTO phones (msisdn) VALUES (:msisdn)", msisdn=msisdn)
        world.do("""
            INSERT INTO people (name, area_id, phone_id)
            SELECT 'Bà Thử ' || id, (SELECT min(id) FROM areas WHERE kind = 'hamlet'), id
            FROM phones WHERE holder_id IS NULL AND msisdn LIKE '+8490000001%'
        """)
        world.do("UPDATE phones p SET holder_id = h.id FROM people h WHERE h.phone_id = p.id")
        starts_at = world.time.now() + timedelta(hours=hours)
        self.training_id = training(world, seats=seats, starts_at=starts_at)
        self.model = Model(seats, starts_at)
        for who in PEOPLE[:people]:
            self.register(who)

    # -- what people do

    @rule(who=st.sampled_from(PEOPLE))
    def register(self, who: str) -> None:
        self._text(who, "LOP 12")
        self.model.register(who, self._now())

    @precondition(lambda self: self._in("seated"))
    @rule(pick=st.integers(0, 4))
    def free_a_seat(self, pick: int) -> None:
        seated = self._in("seated")
        self.cancel(seated[pick % len(seated)].who)

    @rule(who=st.sampled_from(PEOPLE))
    def cancel(self, who: str) -> None:
        place, now = self.model.live(who), self._now()
        self._text(who, "HUY LOP 12")
        if place is not None and now < self.model.starts_at:
            self.model.give_up(place, "left", now)

    @precondition(lambda self: self._in("offered", "lapsed"))
    @rule(digit=st.sampled_from("1112"), pick=st.integers(0, 4))
    def answer(self, digit: str, pick: int) -> None:
        """Answer an offer, be it over or not; a digit that answers nothing is not our matter."""
        now = self._now()
        asked = [place for who in PEOPLE if (place := self.model.asked(who, now))]
        if not asked:
            return
        place = asked[pick % len(asked)]
        self.steps[f"answer to one {place.state}"] += 1
        self._text(place.who, digit)
        if digit == "1":
            self.model.take(place, now)
        elif place.state == "offered":
            self.model.give_up(place, "declined", now)

    # -- what the clock and the coordinator do

    @rule(minutes=st.sampled_from([5, 21, 61, 241, 600]))
    def wait(self, minutes: int) -> None:
        self.world.time.let_pass(timedelta(minutes=minutes))
        self.steps["wait"] += 1

    @precondition(lambda self: self._in("offered"))
    @rule(seconds=st.sampled_from([-9, 9]), looks=st.booleans())
    def wait_for_an_offer_to_end(self, seconds: int, looks: bool) -> None:
        ends = min(p.until for p in self._in("offered")) + timedelta(seconds=seconds)
        if ends > self._now():
            self.world.time.turn_to(ends)
            self.steps["wait"] += 1
        if looks:
            self.look()

    @precondition(lambda self: self._in("offered", "waiting"))
    @rule()
    def look(self) -> None:
        look(self.world)
        self.model.look(self._now())
        self.steps["look"] += 1

    @rule(seats=st.integers(0, 4))
    def resize(self, seats: int) -> None:
        if self._now() >= self.model.starts_at:
            return
        with self.world.runtime.units.open() as unit:
            Seating(unit, self.world.runtime.words, self.training_id).resize(seats)
        self.model.resize(seats, self._now())
        self.steps["resize"] += 1

    # -- what holds

    @invariant()
    def the_database_holds_what_the_model_does(self) -> None:
        rows = self.world.rows(STATES)
        model = self.model.places
        assert [(row.msisdn, row.state) for row in rows] == [(p.who, p.state) for p in model]
        for row, place in zip(rows, model, strict=True):
            assert (row.offered_until is None) == (place.until is None)
            if place.until is not None:
                assert abs(row.offered_until - place.until) < timedelta(seconds=2)

    @invariant()
    def everything_that_happened_is_told_once(self) -> None:
        rows = self.world.rows("""
            SELECT v.id FROM enrolment_events v LEFT JOIN messages_out m
              ON m.idem_key LIKE 'class:%:' || v.enrolment_id || ':' || v.id || ':%'
            WHERE v.event IN ('offered', 'moved_back', 'ended')
            GROUP BY v.id HAVING count(m.id) <> 1
        """)
        assert rows == []

    def _in(self, *states: str) -> list[Place]:
        return [place for place in self.model.places if place.state in states]

    def _now(self) -> datetime:
        return self.world.time.now()

    def _text(self, who: str, words: str) -> None:
        self.steps[words] += 1
        self.world.phone(who).text(words)
