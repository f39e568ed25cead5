"""The one table of what a message's class means. A new lane is a row here and a Procfile line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from service.records.messages import MessageClass


class Resend(Enum):
    """What may be done by machine when nobody knows whether a message left.

    Of 69 such messages after 50 kills 67 had in fact been sent, so the default is not to.
    """

    NEVER = "never"
    """An operator decides, seeing both risks."""
    WHEN_QUIET = "when quiet"
    """Once, after half an hour without a report while reports of others come in as usual."""
    AT_ONCE = "at once"
    """Once, straight away: a second copy does less harm than none."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What follows from a class."""

    lane: str
    priority: int
    """Smaller goes first within the lane."""
    valid_for: timedelta
    """How long it is still worth sending."""
    resend: Resend
    grouped: bool
    """Same words to many numbers share one call to the carrier.

    One unanswered call then makes that many unknowns, which reports settle; what must not be in
    doubt goes one by one.
    """
    capped: bool
    """Counts against, and is stopped by, the caps on spending."""
    by_day_only: bool
    """Leaves between 07:00 and 22:00 only (Decree 91/2020 for promo; our policy for notices)."""
    refusable: bool
    """Never leaves for a number that has refused news (TC), not even when it waits already."""


RULES: Mapping[MessageClass, Rules] = {
    MessageClass.EMERGENCY: Rules(
        "emergency",
        0,
        timedelta(hours=6),
        Resend.AT_ONCE,
        grouped=True,
        capped=False,
        by_day_only=False,
        refusable=False,
    ),
    MessageClass.REPLY: Rules(
        "reply",
        0,
        timedelta(hours=24),
        Resend.WHEN_QUIET,
        grouped=False,
        capped=True,
        by_day_only=False,
        refusable=False,
    ),
    MessageClass.ALERT: Rules(
        "reply",
        1,
        timedelta(hours=24),
        Resend.AT_ONCE,
        grouped=False,
        capped=True,
        by_day_only=False,
        refusable=False,
    ),
    MessageClass.NOTICE: Rules(
        "bulk",
        0,
        timedelta(hours=72),
        Resend.NEVER,
        grouped=True,
        capped=True,
        by_day_only=True,
        refusable=True,
    ),
    MessageClass.PROMO: Rules(
        "bulk",
        1,
        timedelta(hours=24),
        Resend.NEVER,
        grouped=True,
        capped=True,
        by_day_only=True,
        refusable=True,
    ),
}

LANES = tuple(dict.fromkeys(rules.lane for rules in RULES.values()))
"""Every lane; each has a queue of wake-ups and a worker of its own."""


def classes_of(lane: str) -> tuple[MessageClass, ...]:
    """Return the classes that travel in a lane."""
    return tuple(name for name, rules in RULES.items() if rules.lane == lane)
