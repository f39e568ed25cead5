"""Hours in which people are awake, and waiting times counted in them alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .fold import fold
from .local_time import in_vietnam

DAY: Final = 24 * 60
"""Minutes of a day."""
_TYPED: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:(?:h|g|gio|:) ?([0-5]\d)?)? ?(?:-|den|toi|,| ) ?(\d{1,2})"
    r"(?:(?:h|g|gio|:) ?([0-5]\d)?)?(?!\w)",
    re.ASCII,
)
"""Hours as somebody types them: "6-20", "6h30 den 20h"."""
_SHAPE: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Part of every day by Vietnam's clock, in minutes after midnight: `begins` to `ends`."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins < self.ends <= DAY:
            raise ValueError("hours should begin before they end, on one day")

    @classmethod
    def parse(cls, written: str) -> Hours:
        """Read "06:00-21:00"; raise ValueError for what is none."""
        found = _SHAPE.fullmatch(written.strip())
        if found is None:
            raise ValueError(f"{written!r} should look like 06:00-21:00")
        begin_hour, begin, end_hour, end = map(int, found.groups())
        return cls(begin_hour * 60 + begin, end_hour * 60 + end)

    @classmethod
    def typed(cls, words: str) -> Hours:
        """Read hours as people type them, "6-20"; raise ValueError for what is none."""
        found = _TYPED.search(" ".join(fold(words).text.lower().split()))
        if found is None:
            raise ValueError("no hours")
        begin_hour, begin, end_hour, end = (int(part or 0) for part in found.groups())
        return cls(begin_hour * 60 + begin, end_hour * 60 + end)

    def __str__(self) -> str:
        (begin_hour, begin), (end_hour, end) = divmod(self.begins, 60), divmod(self.ends, 60)
        return f"{begin_hour:02}:{begin:02}-{end_hour:02}:{end:02}"


ALWAYS: Final = Hours(0, DAY)


def after(moment: datetime, waiting: timedelta, hours: Iterable[Hours]) -> datetime:
    """Return when `waiting` has passed since an aware moment, counted in these hours only.

    With several hours a minute counts that lies in any of them: somebody is awake. The result is
    in UTC and lies in the hours, so that nothing falls due at night. Raises ValueError for none.
    """
    parts = _joined(hours)
    midnight = in_vietnam(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    now, left = in_vietnam(moment), waiting
    while True:
        for part in parts:
            begins, ends = (midnight + timedelta(minutes=m) for m in (part.begins, part.ends))
            begins = max(begins, now)
            if begins >= ends:
                continue
            if begins + left < ends:
                return (begins + left).astimezone(moment.tzinfo)
            left -= ends - begins
        midnight += timedelta(days=1)


def awake_at(moment: datetime, hours: Hours) -> datetime:
    """Return the moment itself, or the next at which somebody with these hours is awake."""
    return after(moment, timedelta(), [hours])


def _joined(hours: Iterable[Hours]) -> list[Hours]:
    """Return hours in order, those that touch put together."""
    parts: list[Hours] = []
    for part in sorted(hours):
        if parts and part.begins <= parts[-1].ends:
            parts[-1] = Hours(parts[-1].begins, max(parts[-1].ends, part.ends))
        else:
            parts.append(part)
    if not parts:
        raise ValueError("nobody is ever awake")
    return parts
