"""What the room at a glance shows, as values of signals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.carriers.base import Fault, SendError

from .room_facts import LaneFacts, Reason, Room, State, Why

NEVER_SEEN_SECONDS = 45.0
"""How long a worker or clock may be missing that was stopped in good order, for a new version."""
BACKLOG = 100
"""Fewer messages than that are no backlog, however slowly they leave."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a signal was found at."""

    signal: str
    about: str
    value: float | None
    """None where it cannot be known: whatever was believed of it is still believed."""
    detail: str = ""
    lasting: float | None = None
    """Seconds it must last, where that is not as the signal says."""


def values_of(room: Room) -> Iterator[Value]:
    """Yield the values that a look at the room holds; what is well may be left out."""
    keys = {reason.key for reason in room.verdict.reasons}
    for reason in room.verdict.reasons:
        yield from _of_reason(reason)
    if Why.SENDING_OFF in keys or Why.READ_ONLY in keys:
        return
    for lane in room.lanes:
        yield from _of_lane(lane)


def _of_reason(reason: Reason) -> Iterator[Value]:
    """Yield what a reason of a verdict says for certain."""
    told = reason.values
    hold = NEVER_SEEN_SECONDS if told.get("since") is None else 0.0
    match reason.key:
        case Why.NO_WORKER:
            yield Value("worker_gone", told["lane"], 1, lasting=hold)
        case Why.CLOCK_GONE:
            yield Value("clock_gone", "clock", 1, lasting=hold)
        case Why.SENDING_OFF:
            yield Value("sending_off", "sending", 1)
        case Why.HELD_BY_DEAD:
            yield Value("leases_lost", told["lane"], told["messages"])
        case Why.NO_REPORTS:
            yield Value("reports_silent", told["carrier"], told["messages"])
        case Why.CARRIER_PAUSED if told["code"] not in ACCOUNT_CODES:
            yield Value("carrier_away", told["carrier"], 1, told["code"])
        case _:
            return


def _of_lane(lane: LaneFacts) -> Iterator[Value]:
    """Yield how long its messages wait, and whether any leaves."""
    stuck = lane.verdict.state is State.STUCK and lane.waiting > 0
    yield Value("nothing_leaves", lane.lane, float(stuck), f"{lane.waiting}")
    signal = "notices_wait" if lane.lane == "bulk" else "replies_wait"
    yield Value(signal, lane.lane, lane.oldest_seconds, f"{lane.waiting}")
    if lane.waiting >= BACKLOG and lane.per_minute > 0:
        yield Value("backlog_long", lane.lane, lane.waiting / lane.per_minute, f"{lane.waiting}")


def _codes(base: type[SendError]) -> Iterator[str]:
    for error in base.__subclasses__():
        if error.fault is Fault.ACCOUNT:
            yield error.code


ACCOUNT_CODES = frozenset(_codes(SendError))
"""Why a carrier refuses our account: whoever pauses it for that raises `carrier_paused` at once."""
