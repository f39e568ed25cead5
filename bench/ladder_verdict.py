"""What a judge of a simulation found: each harm, and the distribution of what has no target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import NamedTuple

HARMS = {
    "end": "requests that end neither accepted, ended nor at the desk",
    "state": "requests that stand otherwise than their history says",
    "late": "waits longer than their ladder and one sweep",
    "early": "steps before those told had had their time",
    "double": "requests accepted while somebody had them",
    "twice": "steps taken twice",
    "order": "steps out of their order",
    "had": "steps of requests that somebody had, or that had ended",
    "untold": "steps that told no phone by a message",
    "skipped": "steps passed over although somebody was there",
    "others": "steps that told others than the ladder names",
    "count": "steps that wrote down another number of people than they told",
    "away": "people told while they were away",
    "again": "phones told twice in a lap below the desk",
    "asker": "people told of what they asked for themselves",
}
"""What is never to happen: name -> how it is told."""


class Harm(NamedTuple):
    """Something that should not have happened, and to which request."""

    name: str
    request_id: int
    detail: str


@dataclass
class Verdict:
    """What was found."""

    harms: list[Harm] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    accepted_at: Counter[str] = field(default_factory=Counter)
    """Party of the step told last before somebody took it."""
    hours: list[float] = field(default_factory=list)
    """From asking to the first acceptance."""
    laps: Counter[int] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    latest: timedelta = timedelta()
    """The longest a step was behind its time, where no clock had been stopped or killed."""
    latest_after_outage: timedelta = timedelta()

    def count(self, name: str) -> int:
        """Count the harms of a kind."""
        return sum(harm.name == name for harm in self.harms)


def lines(verdict: Verdict) -> Iterator[str]:
    """Yield what has no target: the distribution."""
    hours = sorted(verdict.hours) or [0.0]
    ninth = hours[min(len(hours) - 1, len(hours) * 9 // 10)]
    yield f"ended: {_counted(verdict.outcomes)}"
    yield f"accepted after the step that told: {_counted(verdict.accepted_at)}"
    yield (
        f"hours from asking to acceptance: median {median(hours):.1f}, "
        f"nine of ten within {ninth:.1f}, longest {hours[-1]:.1f}"
    )
    laps = Counter({str(laps): times for laps, times in verdict.laps.items()})
    yield f"laps a request climbed: {_counted(laps)}"
    yield f"steps by whom they told: {_counted(verdict.steps)}"
    yield f"people told: {_counted(verdict.people)}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times:,}" for name, times in counts.most_common())
