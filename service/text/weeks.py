"""Days and weeks of Vietnam, as people and commands name them: 23/11/2026, 2026-W48."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from .local_time import day_in_vietnam

DAYS: Final = timedelta(days=6)
"""From a Monday to its Sunday."""
_WEEK: Final = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of Vietnam, the first and the last among them."""

    begins: date
    ends: date

    def __post_init__(self) -> None:
        if self.begins > self.ends:
            raise ValueError(f"{shown(self.begins)} is after {shown(self.ends)}")

    @property
    def week(self) -> str:
        """The week it begins in, as 2026-W48."""
        year, number, _ = self.begins.isocalendar()
        return f"{year}-W{number:02}"

    def __str__(self) -> str:
        if self.ends - self.begins == DAYS and self.begins.isoweekday() == 1:
            return f"week {self.week}, {shown(self.begins)} to {shown(self.ends)}"
        if self.begins == self.ends:
            return shown(self.begins)
        return f"{shown(self.begins)} to {shown(self.ends)}"


def week_of(day: date) -> Period:
    """Return the week, Monday to Sunday, that a day lies in."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return Period(monday, monday + DAYS)


def week_before(moment: datetime) -> Period:
    """Return the last week that is over in Vietnam at an aware moment."""
    return week_of(day_in_vietnam(moment) - timedelta(days=7))


def parse_week(written: str) -> Period:
    """Read "2026-W48"; raise ValueError, which says what is wrong, for what is no week."""
    found = _WEEK.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} should look like 2026-W48")
    year, number = int(found[1]), int(found[2])
    try:
        return week_of(date.fromisocalendar(year, number, 1))
    except (ValueError, OverflowError):
        raise ValueError(f"the year {year} has no week {number}") from None


def parse_day(written: str) -> date:
    """Read "2026-11-23" or "23/11/2026"; raise ValueError, which says what is wrong."""
    found = _DAY.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} should look like 2026-11-23 or 23/11/2026")
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"there is no day {written.strip()}") from None


def shown(day: date) -> str:
    """Return a day as it is written in Vietnam: 23/11/2026."""
    return f"{day:%d/%m/%Y}"
