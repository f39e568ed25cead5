"""Days as people type them: "3", "20/12", "tu 20/12 den 25/12", and as they are told to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from .fold import fold

FARTHEST: Final = timedelta(days=183)
"""How far ahead a day is believed; a date without year that would lie farther has passed."""
LONGEST_COUNT: Final = 4
"""Digits of a number of days that are read at all."""
_DATE: Final = re.compile(
    r"(?<![\d/])(\d{1,2})(?: ?([/.-]) ?| thang )(\d{1,2})"
    r"(?:(?: ?[/.-] ?| nam )(\d{4}|\d{2})(?![/.-]?\d))?(?!\d)",
    re.ASCII,
)
_KEYED: Final = re.compile(r"([0-3]?\d) ([01]?\d)|([0-3]\d)([01]\d)", re.ASCII)
_COUNT: Final = re.compile(r"\d+", re.ASCII)


class Wrong(Enum):
    """Why what was typed is no day."""

    NONE = "none"
    """No day stands there at all."""
    CALENDAR = "calendar"
    """The calendar has no such day: 31/2, 29/2 of an ordinary year."""
    PAST = "past"
    FAR = "far"
    BACKWARDS = "backwards"
    """The last day of a range lies before its first."""


class NoDay(ValueError):
    """What was typed is no day that can be meant; `typed` is the part that is none."""

    def __init__(self, wrong: Wrong, typed: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.typed = typed


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the days named, in their order, and the number in front of them."""

    days: tuple[date, ...]
    count: int | None


def read_days(words: str, today: date, *, in_order: bool = True) -> Typed:
    """Read up to two dates, and a number of days before them; raise NoDay for what is no date.

    A date without year is the next there is; the second of a range is the next after the first,
    unless they are not `in_order`: two days that are no range.
    """
    words = fold(words).text.lower()
    found = list(_DATE.finditer(words))[:2]
    days: list[date] = []
    for date_typed in found:
        try:
            days.append(_resolved(date_typed, days[0] if days and in_order else today))
        except NoDay as no_day:
            late = bool(days) and in_order and no_day.wrong is Wrong.PAST
            raise NoDay(Wrong.BACKWARDS, no_day.typed) if late else no_day from None
    number = _COUNT.search(words[: found[0].start()] if found else words)
    count = int(number[0][:LONGEST_COUNT]) if number else None
    return Typed(tuple(days), count)


def from_keys(typed: str) -> str:
    """Return a day typed on a call's keypad as one writes it: "2012" and "20 12" are 20/12."""
    found = _KEYED.fullmatch(" ".join(typed.split()))
    return f"{found[1] or found[3]}/{found[2] or found[4]}" if found else typed


def read_day(words: str, today: date) -> date:
    """Read one date; raise NoDay when there is none that can be meant."""
    days = read_days(words, today).days
    if not days:
        raise NoDay(Wrong.NONE, words.strip())
    return days[0]


def said_day(day: date, today: date) -> str:
    """Return a day as it is told: with its year only when that is another."""
    short = f"{day.day}/{day.month}"
    return short if day.year == today.year else f"{short}/{day.year}"


def _resolved(typed: re.Match[str], today: date) -> date:
    day, month, year = int(typed[1]), int(typed[3]), typed[4]
    years = [int(year) % 100 + 2000] if year else [today.year, today.year + 1]
    there = [found for each in years if (found := _date(each, month, day))]
    if not there or (not year and there[0].year > today.year and there[0] > today + FARTHEST):
        raise NoDay(Wrong.CALENDAR, typed[0])
    ahead = [found for found in there if found >= today]
    if not ahead or (ahead[0] > today + FARTHEST and ahead[0] is not there[0]):
        raise NoDay(Wrong.PAST, typed[0])
    if ahead[0] > today + FARTHEST:
        raise NoDay(Wrong.FAR, typed[0])
    return ahead[0]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
