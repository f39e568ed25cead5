"""When a class is, as somebody at a desk writes it: "2026-12-03 19:00", "3/12/2026 19h30"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from .local_time import VIETNAM, in_vietnam
from .weeks import parse_day

_TIME: Final = re.compile(r"(\d{1,2})(?::([0-5]\d)(?::00)?|h([0-5]\d)?)", re.IGNORECASE)
_SHAPE: Final = "should look like 2026-12-03 19:00 or 3/12/2026 19h30"


def parse_moment(written: str) -> datetime:
    """Read a day and an hour of Vietnam's clock; raise ValueError, which says what is wrong."""
    words = written.replace("T", " ").replace(",", " ").split()
    if len(words) != 2:  # noqa: PLR2004 - a day and an hour
        raise ValueError(f"{written!r} {_SHAPE}")
    time = _TIME.fullmatch(words[1])
    if time is None:
        raise ValueError(f"{written!r} {_SHAPE}")
    hour, minute = int(time[1]), int(time[2] or time[3] or 0)
    if hour > 23:  # noqa: PLR2004 - the last hour of a day
        raise ValueError(f"there is no hour {words[1]}")
    day = parse_day(words[0])
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)


def shown_moment(moment: datetime | None) -> str:
    """Return an aware moment as lists have it, by Vietnam's clock: "Thu 03/12/2026 19:00"."""
    return f"{in_vietnam(moment):%a %d/%m/%Y %H:%M}" if moment else ""


def shown_span(starts_at: datetime, ends_at: datetime) -> str:
    """Return when something begins and ends: "Thu 03/12/2026 19:00-20:30"."""
    if ends_at - starts_at > timedelta(hours=20):
        return f"{shown_moment(starts_at)} - {shown_moment(ends_at)}"
    return f"{shown_moment(starts_at)}-{in_vietnam(ends_at):%H:%M}"
