"""Judges a reading: does each lane move, and if not, since when and why. Pure.

Stuck means waiting with no progress, not deep. Progress is a carrier's answer about a message,
be it a refusal of that one message: then the others pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.outbox.brakes import LONGEST_PAUSE
from service.outbox.breaker import STRAIGHT_FAILURES
from service.outbox.switches import CARRIER, LANE, REROUTE

from .health import AWAY, NOT_USED
from .room_facts import Reason, State, Verdict, Why
from .room_reading import CLOCK_SILENT, SILENT, Kind, Reading

PROGRESS = timedelta(seconds=60)
"""A lane in which nothing was answered for so long makes no progress."""
REFUSED_FOR = timedelta(seconds=10)
"""The same where the carrier is known to refuse."""
A_MOMENT = timedelta(seconds=2)
"""A clock that lives has begun by then what is due."""
OWN_FAULTS = frozenset({"no_route", "bad_request", "carrier_busy"})
"""Faults one message may have alone: a lane that holds but few of those is not stuck."""
PATIENCE = {"emergency": 5.0, "reply": 10.0, "bulk": 180.0}
"""Minutes in which what waits should have left at the present pace; else the lane is slow."""
STOPS = frozenset({
    Why.READ_ONLY, Why.SENDING_OFF, Why.LANE_PAUSED, Why.CARRIER_HALTED, Why.CARRIER_PAUSED,
    Why.NO_WORKER,
})  # fmt: skip
"""With one of these nothing leaves, whatever left a moment ago."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reading holds of one lane."""

    reading: Reading
    lane: str
    waiting: int
    morning: int
    oldest: datetime | None
    in_flight: int
    dead: int
    dead_since: datetime | None
    workers: int
    answered_at: datetime | None
    in_five: int
    in_hour: int

    @property
    def quiet_since(self) -> datetime:
        """Since when something could have left and nothing did."""
        moments = [self.oldest or self.dead_since or self.reading.now, *self._fresh_starts()]
        return max(moment for moment in moments if moment is not None)

    def _fresh_starts(self) -> Iterator[datetime | None]:
        yield self.answered_at
        row = self.reading.workers.get(self.lane)
        yield row.started_at if row else None
        standing = self.reading.standing
        yield standing.changed_at if standing.is_on else None
        for switch in self.reading.turned:
            if switch.is_on or switch.name.startswith(REROUTE):
                yield switch.since


def see(reading: Reading, lane: str) -> Seen:
    """Gather one lane's figures."""
    waits = [row for row in reading.waiting if row.lane == lane]
    now_waits = [row for row in waits if row.kind is not Kind.MORNING]
    attempts = [row for row in reading.attempts if row.lane == lane]
    flight, worker = reading.in_flight.get(lane), reading.workers.get(lane)
    answered = [row.last_at for row in attempts if row.outcome in {"accepted", "refused"}]
    return Seen(
        reading=reading,
        lane=lane,
        waiting=sum(row.n for row in now_waits),
        morning=sum(row.n for row in waits if row.kind is Kind.MORNING),
        oldest=min((row.since for row in now_waits), default=None),
        in_flight=flight.n if flight else 0,
        dead=flight.dead if flight else 0,
        dead_since=flight.dead_since if flight and flight.dead else None,
        workers=worker.alive if worker else 0,
        answered_at=max(answered, default=None),
        in_five=sum(row.in_five for row in attempts),
        in_hour=sum(row.in_hour for row in attempts),
    )


def judge(seen: Seen) -> Verdict:
    """Return how a lane stands."""
    reasons = [
        *room_stops(seen.reading), *by_hand(seen), *_paused(seen), *_own_reasons(seen),
    ]  # fmt: skip
    if not seen.waiting and not seen.in_flight:
        state = State.MORNING if seen.morning else State.EMPTY
    else:
        state = _state(seen, reasons)
    if seen.morning:
        values = {"lane": seen.lane, "messages": seen.morning, "until": seen.reading.morning}
        reasons.append(Reason(Why.QUIET_HOURS, values))
    since = seen.quiet_since if state is State.STUCK else None
    return Verdict(state, since, tuple(reasons))


def _state(seen: Seen, reasons: list[Reason]) -> State:
    """Judge a lane that has something to do; say why where no brake does."""
    keys = {reason.key for reason in reasons}
    if not seen.waiting:
        stands = keys & {Why.NO_WORKER, Why.HELD_BY_DEAD}
        return State.STUCK if stands else State.MOVING
    if keys & STOPS:
        return State.STUCK
    now = seen.reading.now
    if seen.answered_at is not None and seen.answered_at > now - PROGRESS:
        pace = list(_pace(seen)) or list(_left_behind(seen))
        reasons += pace
        return State.SLOW if pace or reasons else State.MOVING
    if keys & {Why.HELD_BY_DEAD, Why.CAP_REACHED}:
        return State.STUCK
    quiet_for = now - seen.quiet_since
    refusing = next((r for r in reasons if r.key is Why.CARRIER_REFUSES), None)
    if refusing is not None:
        if refusing.values["only_some"]:
            return State.SLOW
        return State.STUCK if quiet_for >= REFUSED_FOR else State.SLOW
    if quiet_for < PROGRESS:
        return State.MOVING
    reasons.append(Reason(Why.UNEXPLAINED, {"lane": seen.lane}))
    return State.STUCK


def room_stops(reading: Reading) -> Iterator[Reason]:
    """Yield what stops every lane."""
    standing = reading.standing
    if standing.read_only:
        yield Reason(Why.READ_ONLY)
    if standing.is_on is False:
        values = {"by": standing.changed_by, "reason": standing.reason or ""}
        yield Reason(Why.SENDING_OFF, {**values, "since": standing.changed_at})


def by_hand(seen: Seen) -> Iterator[Reason]:
    """Yield what somebody has paused for this lane: itself, or the carrier it goes by."""
    for row in seen.reading.turned:
        about = {"by": row.by, "reason": row.reason, "since": row.since}
        if row.is_on:
            continue
        if row.name == LANE + seen.lane:
            yield Reason(Why.LANE_PAUSED, {"lane": seen.lane, **about})
        carrier = row.name.removeprefix(CARRIER)
        if row.name.startswith(CARRIER) and seen.reading.in_turn(carrier):
            yield Reason(Why.CARRIER_HALTED, {"carrier": carrier, **about})


def _paused(seen: Seen) -> Iterator[Reason]:
    """A pause that is over still counts while nothing has got through after it."""
    now = seen.reading.now
    for row in seen.reading.pauses:
        if not seen.reading.in_turn(row.carrier):
            continue
        unbroken = seen.answered_at is None or seen.answered_at < row.since
        lingers = row.until > now - LONGEST_PAUSE and seen.waiting and unbroken
        if row.until > now or lingers:
            about = {"carrier": row.carrier, "code": row.code}
            yield Reason(Why.CARRIER_PAUSED, {**about, "since": row.since, "until": row.until})


def _own_reasons(seen: Seen) -> Iterator[Reason]:
    """Yield what is the matter with this lane alone.

    A worker may be too busy to say that it lives; what it sends says so as well.
    """
    now = seen.reading.now
    sends = seen.answered_at is not None and seen.answered_at > now - SILENT
    if not seen.workers and not sends:
        row = seen.reading.workers.get(seen.lane)
        since = row.last_beat if row else None
        values = {"lane": seen.lane, "since": since, "held": seen.in_flight}
        yield Reason(Why.NO_WORKER, values)
    elif seen.dead:
        values = {"lane": seen.lane, "messages": seen.dead, "since": seen.dead_since}
        yield Reason(Why.HELD_BY_DEAD, values)
    capped = [r for r in seen.reading.waiting if r.lane == seen.lane and r.kind is Kind.CAP]
    for waits in capped:
        about: dict[str, Any] = {
            "lane": seen.lane,
            "period": (waits.code or "").removeprefix("cap_"),
        }
        about |= {"messages": waits.n, "since": waits.changed_at, "until": waits.next_due}
        yield Reason(Why.CAP_REACHED, about)
    brakes = (room_stops(seen.reading), by_hand(seen), _paused(seen))
    if seen.workers and not any(True for brake in brakes for _ in brake):
        yield from _refusing(seen)


def _refusing(seen: Seen) -> Iterator[Reason]:
    """The carrier takes nothing of this lane, though nothing is paused for it (yet)."""
    now = seen.reading.now
    if seen.answered_at is not None and seen.answered_at > now - PROGRESS:
        return
    failed = [row for row in seen.reading.attempts if row.lane == seen.lane and _is_failure(row)]
    latest = max(failed, key=lambda row: row.last_at, default=None)
    put_back = [r for r in seen.reading.waiting if r.lane == seen.lane and r.kind is Kind.AGAIN]
    messages = sum(row.n for row in put_back)
    if latest is not None and latest.last_at > now - timedelta(hours=1):
        after = seen.answered_at is None or seen.answered_at < latest.last_at
        enough = seen.waiting or sum(row.in_five for row in failed) >= STRAIGHT_FAILURES
        if after and enough:
            alone = latest.code in OWN_FAULTS and latest.messages < STRAIGHT_FAILURES
            about = {
                "lane": seen.lane,
                "code": latest.code,
                "messages": max(messages, latest.messages),
            }
            yield Reason(Why.CARRIER_REFUSES, {**about, "only_some": alone})
            return
    if put_back and messages == seen.waiting:
        about = {"lane": seen.lane, "code": put_back[0].code, "messages": messages}
        yield Reason(Why.CARRIER_REFUSES, {**about, "only_some": True})


def _is_failure(row: Any) -> bool:
    """A worker that died is no fault of the carrier's."""
    return row.outcome in {"not_taken", "unknown"} and row.code != "worker_lost"


def _pace(seen: Seen) -> Iterator[Reason]:
    """Say when what waits would take too long; a pace is measured since something waited."""
    begun = [seen.oldest or seen.reading.now, seen.reading.now - timedelta(minutes=5)]
    minutes = max((seen.reading.now - max(begun)).total_seconds(), 15.0) / 60
    needed = seen.waiting / max(seen.in_five / minutes, 0.1)
    if needed > PATIENCE.get(seen.lane, PATIENCE["reply"]):
        yield Reason(
            Why.PACE, {"lane": seen.lane, "messages": seen.waiting, "minutes": round(needed)}
        )


def _left_behind(seen: Seen) -> Iterator[Reason]:
    """Say when what has waited longest does so for too long, though others leave in time."""
    waited = (seen.reading.now - (seen.oldest or seen.reading.now)).total_seconds() / 60
    if waited > PATIENCE.get(seen.lane, PATIENCE["reply"]):
        yield Reason(Why.LEFT_BEHIND, {"lane": seen.lane, "minutes": round(waited)})


def whole(reading: Reading, lanes: dict[str, Verdict], redis: str = NOT_USED) -> Verdict:
    """Return the verdict on all: the worst state, every reason once.

    Without Redis all goes on, a little later; it is named, and never the reason of a lane.
    """
    found: list[Reason] = []
    for verdict in lanes.values():
        found += [reason for reason in verdict.reasons if reason not in found]
    found += [*_clock(reading), *_unreported(reading), *_rerouted(reading)]
    if redis == AWAY:
        found.append(Reason(Why.REDIS_AWAY))
    state = max((v.state for v in lanes.values()), key=list(State).index, default=State.EMPTY)
    stuck = [v.since for v in lanes.values() if v.since is not None]
    return Verdict(state, min(stuck, default=None), tuple(found))


def _clock(reading: Reading) -> Iterator[Reason]:
    """No clock lives and the timetable is overdue, or one lives and does nothing."""
    row, now = reading.standing, reading.now
    silent = row.clock_beat is None or row.clock_beat < now - CLOCK_SILENT
    overdue = not row.lines or row.overdue_since < now - A_MOMENT
    stands = row.newest_due is not None and row.newest_due < now - 2 * PROGRESS
    if (silent and overdue and not row.busy) or stands:
        yield Reason(Why.CLOCK_GONE, {"since": row.clock_beat if silent else row.newest_due})


def _rerouted(reading: Reading) -> Iterator[Reason]:
    row = reading.rerouted
    if row is not None:
        about = {"by": row.by, "reason": row.reason, "since": row.since}
        yield Reason(Why.REROUTED, {"carrier": row.name.removeprefix(REROUTE), **about})


def _unreported(reading: Reading) -> Iterator[Reason]:
    """A carrier takes messages and says of none what became of it."""
    for row in reading.shares:
        if row.unheard >= 2 * STRAIGHT_FAILURES:
            about = {"carrier": row.carrier, "messages": row.unheard}
            yield Reason(Why.NO_REPORTS, {**about, "since": row.unheard_since})
