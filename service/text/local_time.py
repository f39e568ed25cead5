"""Vietnam's time, in which people are told when something is; inside, all time is UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh; without summer time since 1975, so that no tables of zones are needed."""


def in_vietnam(moment: datetime) -> datetime:
    """Return an aware moment as clocks in Vietnam show it."""
    return moment.astimezone(VIETNAM)


def day_in_vietnam(moment: datetime) -> date:
    """Return which day it is in Vietnam at an aware moment."""
    return in_vietnam(moment).date()


def midnight_of(day: date) -> datetime:
    """Return the moment at which a day begins in Vietnam."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
