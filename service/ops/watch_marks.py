"""For how long a signal has been bad or well: thresholds, for-how-long and hysteresis. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.records.watching import Severity

from .signals import SIGNALS, Level
from .watch_room import Value

FORGOTTEN_AFTER = timedelta(minutes=2)
"""A mark that nobody has looked after for so long says nothing about what lay between."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Since when a level of a signal has been over its threshold, or clear again."""

    over_since: datetime | None = None
    """Later than it was found so, where it must last longer than its level says."""
    clear_since: datetime | None = None
    read_at: datetime | None = None
    value: float | None = None


Marks = Mapping[tuple[str, str], Mark]
"""By the name of the level ("replies_wait.page") and what it is about."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a signal stands about something after a look."""

    signal: str
    about: str
    severity: Severity | None
    """Of the worst level that has lasted long enough; None when none has."""
    is_over: bool
    """Whether any level is over its threshold, however shortly."""
    detail: str = ""
    is_calm: bool = False
    """A level still counts, but its value is well by now: it has only to stay so for a while."""


def level_name(signal: str, level: Level) -> str:
    """Return what the marks of a level are kept under."""
    return f"{signal}.{level.severity}"


def judge(value: Value, marks: Marks, now: datetime) -> tuple[Stand, dict[tuple[str, str], Mark]]:
    """Return how a signal stands, and the marks of its levels from now on."""
    signal = SIGNALS[value.signal]
    worst: Severity | None = None
    is_calm = True
    new: dict[tuple[str, str], Mark] = {}
    for level in reversed(signal.levels):
        key = (level_name(value.signal, level), value.about)
        mark = _next(marks.get(key, Mark()), value, level, now)
        new[key] = mark
        if _holds(mark, level, now):
            worst = level.severity
            is_calm = is_calm and new[key].clear_since is not None
    is_over = any(mark.over_since is not None for mark in new.values())
    calm = worst is not None and is_calm
    return Stand(value.signal, value.about, worst, is_over, value.detail, calm), new


def _next(mark: Mark, found: Value, level: Level, now: datetime) -> Mark:
    """Return a level's mark after its signal was found at a value."""
    fresh = replace(mark, read_at=now, value=found.value)
    if found.value is None:
        return fresh
    held = _holds(mark, level, now)
    if not held and mark.read_at is not None and mark.read_at < now - FORGOTTEN_AFTER:
        fresh = replace(fresh, over_since=None, clear_since=None)
    sign = -1 if SIGNALS[found.signal].is_floor else 1
    if sign * found.value > sign * level.over:
        more = 0.0 if found.lasting is None else found.lasting - level.lasting
        since = now + timedelta(seconds=more)
        return replace(fresh, over_since=min(fresh.over_since or since, since), clear_since=None)
    if not held:
        return replace(fresh, over_since=None, clear_since=None)
    if sign * found.value > sign * level.clear:
        return replace(fresh, clear_since=None)
    calm = fresh.clear_since or now
    if now - calm >= timedelta(seconds=level.calm):
        return replace(fresh, over_since=None, clear_since=None)
    return replace(fresh, clear_since=calm)


def _holds(mark: Mark, level: Level, now: datetime) -> bool:
    """Say whether a level has been over for so long that it counts."""
    return mark.over_since is not None and now - mark.over_since >= timedelta(seconds=level.lasting)
