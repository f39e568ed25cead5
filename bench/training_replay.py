"""A class replayed from its history, by rules of the judge's own: seats, row, turns and times."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from service.text.waking import Hours, after

from .training_history import Happened, History, Placed

SWEEP = timedelta(seconds=12)
"""The clock looks every 10 s; the rest is for doing what it finds."""
SOON = timedelta(seconds=1)
"""Within it lies what is written in one transaction."""
LONGEST_ROW = 100
WAKING = Hours(6 * 60, 21 * 60)
LAST = timedelta(minutes=30)
"""Before the class begins: then rows end, and nothing is offered any more."""
STANDS = (
    (timedelta(days=3), timedelta(hours=12)),
    (timedelta(days=1), timedelta(hours=4)),
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(), timedelta(minutes=20)),
)
"""What is promised: how far off a class is at least, and how long an offer stands then."""
SEAT, OFFER, ROW, LAPSED, GONE = "seated", "offered", "waiting", "lapsed", "gone"
BECOMES = {
    "seated": (("",), SEAT),
    "queued": (("",), ROW),
    "offered": ((ROW,), OFFER),
    "accepted": ((OFFER, LAPSED), SEAT),
    "declined": ((OFFER,), GONE),
    "lapsed": ((OFFER,), LAPSED),
    "left": ((SEAT, OFFER, ROW), GONE),
    "moved_back": ((SEAT, OFFER), ROW),
    "ended": ((SEAT, OFFER, ROW), GONE),
}
"""Event -> the states it may befall, and the state it leads to."""
STANDS_AS = {"left": GONE, "declined": GONE, "ended": GONE}


class Harm(NamedTuple):
    """Something that should not have happened, and to which place or message."""

    name: str
    about: int
    detail: str


@dataclass
class Replay:
    """The class from moment to moment."""

    history: History
    harms: list[Harm] = field(default_factory=list)
    number: dict[int, int] = field(default_factory=dict)
    """Event by which somebody came to wait -> their place in the row then."""
    until: dict[int, datetime] = field(default_factory=dict)
    """Event of an offer -> until when it was to stand."""
    delays: list[float] = field(default_factory=list)
    """Seconds from a seat's falling free to its being offered, no clock being dead meanwhile."""
    delays_after_outage: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    most_held: int = 0
    held: int = 0
    """Seats held after the last event."""
    held_to_the_last: int = 0
    """Seats held as long as any could still be offered."""
    most_waiting: int = 0
    """Who had a seat and was moved back not counted."""
    rows: list[int] = field(default_factory=list)
    """Length of the row after each event."""

    def __post_init__(self) -> None:
        self._places: dict[int, Placed] = {one.id: one for one in self.history.places}
        self._state: dict[int, str] = {}
        self._rank: dict[int, int] = {}
        self._offer: dict[int, datetime] = {}
        self._free: deque[datetime] = deque()
        self._row_since: datetime | None = None
        self._at: list[datetime] = []
        self._then: list[tuple[tuple[int, ...], dict[int, str]]] = []

    def harm(self, name: str, about: int, detail: object) -> None:
        """Note a harm."""
        self.harms.append(Harm(name, about, str(detail)))

    # -- what it was like at a moment

    def row_at(self, at: datetime) -> tuple[int, ...]:
        """Return who waited at a moment, the next one first."""
        index = bisect_right(self._at, at) - 1
        return self._then[index][0] if index >= 0 else ()

    def states_at(self, at: datetime, phone_id: int) -> dict[int, str]:
        """Return how the places of a phone stood at a moment."""
        index = bisect_right(self._at, at) - 1
        states = self._then[index][1] if index >= 0 else {}
        return {i: s for i, s in states.items() if self._places[i].phone_id == phone_id}

    # -- going through it

    def run(self) -> None:
        """Go through all events."""
        events = self.history.events
        for number, event in enumerate(events):
            if event.event in BECOMES:
                follows = events[number + 1] if number + 1 < len(events) else None
                self._step(event, follows)
        closes = min(self.history.ended_at, self.history.starts_at - LAST)
        if self._row_since is not None and self._free:
            self._offered_at(closes, 0, counts=False)
        for place in self.history.places:
            stands = STANDS_AS.get(place.state, place.state)
            if stands != self._state.get(place.id):
                self.harm("state", place.id, f"{place.state}, not {self._state.get(place.id)}")
            if self.history.ended_at > self.history.starts_at and stands in {ROW, OFFER}:
                self.harm("end", place.id, place.state)
            self.outcomes[place.state] += 1

    def _step(self, event: Happened, follows: Happened | None) -> None:
        place, row = event.place_id, self._row()
        before = self._state.get(place, "")
        allowed, becomes = BECOMES[event.event]
        if before not in allowed:
            self.harm("order", place, f"{event.event} while {before or 'new'}")
        if event.event in {"seated", "accepted"} and before != OFFER and row:
            self.harm("turn", place, f"{event.event} while {len(row)} wait")
        if event.event == "offered" and row[:1] != [place]:
            self.harm("turn", place, f"offered before {row[:1]}")
        self._time(event)
        self._state[place] = becomes
        self._rank.setdefault(place, max(0, self._places[place].rank))
        if event.event == "moved_back":
            self._rank[place] = -1
        self._seats(event, before, becomes, follows)
        self._remember(event)

    def _time(self, event: Happened) -> None:
        """Hold what happened to an offer against until when it was to stand."""
        place, at = event.place_id, event.at
        if event.event == "offered":
            far = self.history.starts_at - at
            stands = next((lasts for least, lasts in STANDS if far >= least), timedelta())
            ends = min(after(at, stands, [WAKING]), self.history.starts_at - LAST)
            self._offer[place] = self.until[event.id] = ends
        ends = self._offer.get(place, at)
        if event.event == "lapsed" and at < ends - SOON:
            self.harm("early", place, f"lapsed at {at}, not {ends}")
        if event.event == "lapsed" and at - self._excused(ends) > SWEEP:
            self.harm("late", place, f"lapsed {at - ends} late")

    def _seats(self, event: Happened, before: str, becomes: str, follows: Happened | None) -> None:
        held = sum(state in {SEAT, OFFER} for state in self._state.values())
        seats = [seats for since, seats in self.history.seats if since < event.id][-1]
        is_shrinking = event.event == "moved_back" and follows and follows.event == "moved_back"
        self.held, self.most_held = held, max(self.most_held, held)
        if event.at < self.history.starts_at - LAST:
            self.held_to_the_last = held
        if held > seats and not is_shrinking:
            self.harm("seats", event.place_id, f"{held} of {seats} after {event}")
        if event.event == "queued" and len(self._row()) > LONGEST_ROW:
            self.harm("row", event.place_id, f"{len(self._row())} wait")
        at = event.at
        if before in {SEAT, OFFER} and becomes not in {SEAT, OFFER}:
            lapsed_at = self._offer.get(event.place_id, at)
            self._free.append(lapsed_at if event.event == "lapsed" else at)
        elif event.event == "offered":
            self._offered_at(at, event.place_id)
        elif becomes == SEAT and before != OFFER and self._free:
            self._free.popleft()
        while len(self._free) > max(0, seats - held):
            self._free.popleft()  # the class has fewer seats now
        while len(self._free) < seats - held:
            self._free.append(at)  # nobody had these yet, or it has more
        if not self._row():
            self._row_since = None
        elif self._row_since is None:
            self._row_since = at

    def _offered_at(self, at: datetime, place: int, *, counts: bool = True) -> None:
        if not self._free:
            return
        since = max(self._free.popleft(), self._row_since or at)
        excused = self._excused(since)
        if at - excused > SWEEP:
            self.harm("late", place, f"a seat lay free for {at - since}")
        if counts:
            delays = self.delays if excused == since else self.delays_after_outage
            delays.append(max(0.0, (at - since).total_seconds()))

    def _excused(self, since: datetime) -> datetime:
        """Return until when nothing could be done, since the clock that was at it was dead."""
        until = since
        for outage in self.history.outages:
            if outage.begins <= until + SWEEP and until <= outage.ends:
                until = outage.ends
        return until

    def _remember(self, event: Happened) -> None:
        row = self._row()
        self.rows.append(len(row))
        self.most_waiting = max(self.most_waiting, sum(self._rank[i] >= 0 for i in row))
        if event.event in {"queued", "moved_back"}:
            self.number[event.id] = row.index(event.place_id) + 1
        self._at.append(event.at)
        self._then.append((tuple(row), dict(self._state)))

    def _row(self) -> list[int]:
        waiting = [place for place, state in self._state.items() if state == ROW]
        return sorted(waiting, key=lambda place: (self._rank[place], place))
