"""What the operators' room knows, as values: a page, a terminal or an alarm says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .room_codes import Group


class State(StrEnum):
    """How a lane stands, from the best to the worst."""

    EMPTY = "empty"
    MORNING = "waits_for_morning"
    """All that waits may leave by day only, and it is night."""
    MOVING = "moving"
    SLOW = "slow"
    STUCK = "stuck"
    """Something waits and nothing leaves, however little it is."""


WORST = tuple(State)


class Why(StrEnum):
    """Why a lane does not move as it should, or what else is wrong; room_words says each."""

    READ_ONLY = "database_read_only"
    SENDING_OFF = "sending_off"
    LANE_PAUSED = "lane_paused_by_hand"
    CARRIER_HALTED = "carrier_paused_by_hand"
    CARRIER_PAUSED = "carrier_paused"
    NO_WORKER = "no_worker"
    HELD_BY_DEAD = "held_by_dead"
    CAP_REACHED = "cap_reached"
    CARRIER_REFUSES = "carrier_refuses"
    PACE = "pace"
    LEFT_BEHIND = "left_behind"
    """Others leave, and one has waited too long."""
    UNEXPLAINED = "unexplained"
    QUIET_HOURS = "quiet_hours"
    CLOCK_GONE = "clock_gone"
    NO_REPORTS = "no_reports"
    REDIS_AWAY = "redis_away"
    REROUTED = "rerouted"
    """Messages go by the second carrier, as somebody decided."""


QUIET = frozenset({Why.QUIET_HOURS, Why.REROUTED})
"""Reasons for which nobody need look."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and its values: who, since and until when, how many, which code."""

    key: Why
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How something stands, since when it has been stuck, and why."""

    state: State
    since: datetime | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nobody need look: it moves, has nothing to do, or waits for the morning."""
        return self.state not in {State.SLOW, State.STUCK} and all(
            reason.key in QUIET for reason in self.reasons
        )


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """One lane."""

    lane: str
    verdict: Verdict
    waiting: int
    """Due, or put back to be tried again; not what is planned for later."""
    waiting_for_morning: int
    oldest_seconds: float
    """How long the oldest of `waiting` has waited since it was due at first."""
    in_flight: int
    per_minute: float
    """Handed over in the last five minutes, in each."""
    per_minute_in_hour: float
    workers: int


@dataclass(frozen=True, slots=True)
class Share:
    """What became of messages a carrier took, by its reports; the rest has had no word yet."""

    carrier: str
    network: str | None
    of: str
    """`last_hundred`, `hour`, or `reports_hour`: of those reported on in the last hour."""
    taken: int
    delivered: int
    undelivered: int

    @property
    def share(self) -> float | None:
        """Delivered of all, 0 to 1; None of nothing."""
        return self.delivered / self.taken if self.taken else None


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One kind of failed attempts of the last hour."""

    code: str
    group: Group
    attempts: int
    messages: int
    """How many messages met it: so many people are affected."""
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """One glance."""

    at: datetime
    verdict: Verdict
    """Of all: the worst lane's state, and every reason once."""
    lanes: tuple[LaneFacts, ...]
    shares: tuple[Share, ...]
    errors: tuple[ErrorKind, ...]
    rates_over_minutes: float
    """How far back the newest attempts reach that were looked at, at most an hour."""
