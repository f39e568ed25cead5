"""How a request moves up by itself: who hears of it in which order, and how long each has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from service.text.waking import ALWAYS, Hours, after

from .faults import Fault, Where

ORDINARY: Final = "ordinary"
"""The ladder of every topic that no other names."""
UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST: Final = timedelta(days=7)
_WAIT: Final = re.compile(r"([1-9]\d{0,3})([mhd])")


class Party(StrEnum):
    """Whom a step of a ladder may tell, from the nearest to the farthest."""

    DUTY = "duty"
    """Whoever of the hamlet's team is on duty, else who takes over."""
    DEPUTY = "deputy"
    TEAM = "team"
    """All of the hamlet's team who have not heard yet."""
    NEIGHBOURS = "neighbours"
    """Who is on duty in each team named as a neighbour."""
    COMMUNE = "commune"
    DESK = "desk"
    """The province's; the last, and told again and again."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: whom it tells, and how long they have before the next."""

    tell: tuple[Party, ...]
    wait: timedelta
    again: bool = False
    """The last: `wait` is then how often it is told again."""


@dataclass(frozen=True, slots=True)
class Held:
    """How long somebody may have a request without a word: until reminded, until it is taken."""

    remind: timedelta = 2 * UNITS["d"]
    back: timedelta = 2 * UNITS["d"]
    """Counted from the reminder."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a kind of request, nearest first; `sleeps` tells whether the nights count."""

    name: str
    rungs: tuple[Rung, ...]
    sleeps: bool = True
    held: Held = Held()

    def due(self, told_at: datetime, rung: int, hours: Iterable[Hours]) -> datetime:
        """Return when those told at a rung have had their time; by day only, if it sleeps.

        `hours` are those of the people told. How often the last rung is told again is counted by
        the clock, since its days are days.
        """
        step = self.rungs[rung]
        if not self.sleeps:
            return told_at + step.wait
        if step.again:
            return after(told_at + step.wait, timedelta(), hours)
        return after(told_at, step.wait, hours)

    @property
    def last(self) -> int:
        """The number of its last rung, counted from 0."""
        return len(self.rungs) - 1


@dataclass(frozen=True, slots=True)
class Ladders:
    """All ladders, by name, and the common hours of waking."""

    waking: Hours
    by_name: Mapping[str, Ladder]
    by_topic: Mapping[str, str] = field(default_factory=dict)
    held: Held = Held()

    def of(self, topic: str) -> Ladder:
        """Return the ladder that requests of a topic climb."""
        return self.by_name[self.by_topic.get(topic, ORDINARY)]

    def named(self, name: str) -> Ladder:
        """Return a ladder by name; `ordinary` for one that a newer file has no more."""
        return self.by_name.get(name, self.by_name[ORDINARY])


NO_LADDERS: Final = Ladders(
    ALWAYS, {ORDINARY: Ladder(ORDINARY, (Rung((Party.DUTY,), UNITS["d"], again=True),))}
)


def read_ladders(source: Mapping[str, Any]) -> tuple[Ladders, list[Fault]]:
    """Return the ladders as far as they are well described, and what is wrong with the rest."""
    top = Where("ladder", ("ladder",))
    faults = [
        top.fault(f"unknown field {name!r}", name)
        for name in sorted(set(source) - {"waking", "held", "ladders"})
    ]
    waking = ALWAYS
    try:
        waking = Hours.parse(str(source.get("waking", "")))
    except ValueError as fault:
        faults.append(top.fault(f"waking: {fault}", "waking"))
    faults += _held_faults(top, source.get("held"))
    written = source.get("ladders")
    ladders, by_topic = dict(NO_LADDERS.by_name), dict[str, str]()
    if not isinstance(written, dict) or ORDINARY not in written:
        faults.append(top.fault(f"has no ladder {ORDINARY!r}", "ladders"))
        written = written if isinstance(written, dict) else {}
    for name, fields in written.items():
        where = Where(f"ladder {name}", ("ladder", "ladders", str(name)))
        found = list(_ladder_faults(where, fields))
        faults += found
        if not found:
            ladders[name] = _ladder(name, fields, _held(source.get("held")))
            faults += _named_twice(where, fields, by_topic)
            by_topic.update(dict.fromkeys(fields.get("topics", ()), name))
    return Ladders(waking, ladders, by_topic, _held(source.get("held"))), faults


def topic_faults(source: Mapping[str, Any], topics: Iterable[str]) -> Iterator[Fault]:
    """Yield every topic a ladder names that there is none of; `khancap` is an emergency call's."""
    known = {*topics, EMERGENCY}
    written = source.get("ladders")
    for name, fields in (written if isinstance(written, dict) else {}).items():
        named = fields.get("topics") if isinstance(fields, dict) else None
        for topic in named if isinstance(named, list) else ():
            if isinstance(topic, str) and topic not in known:
                where = Where(f"ladder {name}", ("ladder", "ladders", str(name)))
                yield where.fault(f"{topic!r} is no topic", "topics")


EMERGENCY: Final = "khancap"
"""The topic of a call for emergency help, which nobody chooses from the list of topics."""


def _held_faults(top: Where, written: Any) -> Iterator[Fault]:
    if written is None:
        return
    if not isinstance(written, dict) or set(written) != {"remind", "back"}:
        yield top.fault("'held' should have 'remind' and 'back', and nothing else", "held")
        return
    for name, lasts in written.items():
        if _wait(lasts) is None:
            yield top.fault(
                f"held, {name}: {lasts!r} should look like 30m, 4h or 1d, 7d at most", "held"
            )


def _held(written: Any) -> Held:
    """Return what is well described of it, and what is common else."""
    given = written if isinstance(written, dict) else {}
    remind, back = _wait(given.get("remind")), _wait(given.get("back"))
    return Held(remind or Held().remind, back or Held().back)


def _named_twice(where: Where, fields: Any, by_topic: Mapping[str, str]) -> Iterator[Fault]:
    for topic in fields.get("topics", ()):
        if topic in by_topic:
            yield where.fault(f"topic {topic!r} climbs {by_topic[topic]!r} already", "topics")


def _ladder_faults(where: Where, fields: Any) -> Iterator[Fault]:
    if not isinstance(fields, dict):
        yield where.fault("should be a group of fields")
        return
    for name in sorted(map(str, set(fields) - {"sleeps", "topics", "steps", "held"})):
        yield where.fault(f"unknown field {name!r}", name)
    if not isinstance(fields.get("sleeps", True), bool):
        yield where.fault("'sleeps' should be yes or no: true or false", "sleeps")
    topics = fields.get("topics", [])
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        yield where.fault("'topics' should be a list of topics in [ ]", "topics")
    yield from _held_faults(where, fields.get("held"))
    steps = fields.get("steps")
    if not isinstance(steps, list) or not steps:
        yield where.fault("has no 'steps'", "steps")
        return
    for number, step in enumerate(steps, start=1):
        inside = Where(f"{where.name}, step {number}", (*where.place, "steps", str(number)))
        yield from _step_faults(inside, step, is_last=number == len(steps))


def _step_faults(where: Where, step: Any, *, is_last: bool) -> Iterator[Fault]:
    lasts = "again" if is_last else "wait"
    if not isinstance(step, dict) or set(step) != {"tell", lasts}:
        yield where.fault(f"should have 'tell' and {lasts!r}, and nothing else")
        return
    told = _told(step["tell"])
    if not told:
        yield where.fault("tells nobody", "tell")
    for name in told:
        if name not in list(Party):
            yield where.fault(f"{name!r} is nobody to tell: {', '.join(Party)}", "tell")
    if is_last and tuple(told) != (Party.DESK,):
        yield where.fault("the last should tell the desk, which is told again and again", "tell")
    if _wait(step[lasts]) is None:
        yield where.fault(f"{step[lasts]!r} should look like 30m, 4h or 1d, 7d at most", lasts)


def _ladder(name: str, fields: Mapping[str, Any], common: Held) -> Ladder:
    rungs = []
    for step in fields["steps"]:
        wait = _wait(step.get("wait", step.get("again")))
        assert wait is not None
        told = tuple(Party(name) for name in _told(step["tell"]))
        rungs.append(Rung(told, wait, again="again" in step))
    held = _held(fields["held"]) if fields.get("held") else common
    return Ladder(name, tuple(rungs), sleeps=fields.get("sleeps", True), held=held)


def _told(written: Any) -> Sequence[Any]:
    return written if isinstance(written, list) else [written]


def _wait(written: Any) -> timedelta | None:
    found = _WAIT.fullmatch(str(written))
    wait = int(found[1]) * UNITS[found[2]] if found else None
    return wait if wait and wait <= LONGEST else None
