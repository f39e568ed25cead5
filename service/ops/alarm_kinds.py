"""Every alarm there is: whom it is for, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from service.records.watching import Severity

from .signals import BLIND, SIGNALS

PAGE, TICKET, NOTE = Severity
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is true of all alarms of one name."""

    severity: Severity
    """The worst it can be."""
    forgotten_after: timedelta | None = None
    """For what happens and is no state: closed so long after it happened last, or when somebody
    has acknowledged it. None where whatever raised it closes it."""
    tells_end: bool = True
    """Whether those who were told hear when it is over."""
    lasts: bool = True
    """Whether it goes on for a while; else each time it happens is one of its own."""


def _event(severity: Severity, after: timedelta) -> Kind:
    return Kind(severity, after, tells_end=False, lasts=False)


RAISED_ELSEWHERE: Mapping[str, Kind] = {
    "carrier_paused": Kind(PAGE),
    "cap_reached": Kind(PAGE, timedelta(minutes=70)),
    "work_failed": Kind(TICKET),
    # Whoever knocks can stop and begin as they like: of their stopping nobody is woken.
    "wrong_secret": Kind(PAGE, timedelta(minutes=10), tells_end=False),
    "console_guessing": Kind(TICKET),
    "console_reveals": _event(PAGE, DAY),
    "emergency_untold": _event(PAGE, 2 * DAY),
    "emergency_flood": _event(PAGE, DAY),
    "emergency_often": _event(TICKET, 2 * DAY),
    "nobody_to_ask": Kind(TICKET),
    "nobody_ahead": Kind(NOTE),
    "class_proposed": Kind(NOTE),
    "class_strangers": _event(TICKET, 7 * DAY),
    "class_wanted": Kind(NOTE),
    "pin_shut": _event(TICKET, 7 * DAY),
    "member_number_doubted": Kind(TICKET),
    "member_erased": _event(NOTE, 7 * DAY),
    "invites_too_many": _event(NOTE, 2 * DAY),
    "takes_too_many": _event(NOTE, 2 * DAY),
    "buried_in_requests": _event(TICKET, 2 * DAY),
    "numbers_used_up": _event(TICKET, DAY),
    "replies_withheld": _event(NOTE, timedelta(hours=1)),
    "flood": Kind(TICKET, timedelta(minutes=10)),
    "heard_too_much": _event(NOTE, DAY),
}
"""Alarms of raise_alarm(), by name."""

KINDS: Mapping[str, Kind] = {
    **{name: Kind(PAGE) for name in BLIND},
    **{name: Kind(signal.levels[0].severity) for name, signal in SIGNALS.items()},
    **RAISED_ELSEWHERE,
}
UNHEARD_OF = Kind(TICKET)
"""An alarm of another version."""
