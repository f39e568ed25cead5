"""The days a list of duties names: a day, several, from one to another, or days of the week."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from service.text.fold import search_key

AHEAD: Final = timedelta(days=366)
"""How far ahead a rota is taken; what lies farther is a slip in the year."""
WEEKS: Final = 8
"""For how many weeks days of the week count that are given without a first and last day."""
ONE_DAY: Final = timedelta(days=1)

_WEEKDAY: Final = re.compile(
    r"\b(?:(?:thu |t)(?P<number>[2-7])|(?P<sunday>cn|chu nhat)"
    r"|(?P<english>mon|tue|wed|thu|fri|sat|sun)[a-z]*)\b"
)
_ENGLISH: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}"
_SPAN: Final = re.compile(rf"(?P<first>{_DAY})(?: ?(?:-|\.\.|den|to) ?(?P<last>{_DAY}))?", re.ASCII)
_BETWEEN: Final = re.compile(r"[;,]| and | va ")


class NoDays(ValueError):
    """What is written names no days, or none that can be taken; the message says why."""


def days_of(written: str, today: date) -> list[date]:
    """Return the days that are meant, in order; raise NoDays.

    "01/12/2026", "2026-12-01; 03/12/2026", "01/12/2026 - 07/12/2026", "T2 T5" (for eight weeks) and
    "T2, CN 01/12/2026 - 31/12/2026".
    """
    key = search_key(written)
    weekdays = {_number(found) for found in _WEEKDAY.finditer(key)}
    pieces = [piece.strip() for piece in _BETWEEN.split(_WEEKDAY.sub(" ", key)) if piece.strip()]
    if not (weekdays or pieces):
        raise NoDays(f"{written!r} is no day; write 01/12/2026, 01/12/2026 - 07/12/2026 or T2 T5")
    if not pieces:
        return _within(today, today + WEEKS * 7 * ONE_DAY - ONE_DAY, weekdays)
    days: set[date] = set()
    for piece in pieces:
        first, last = _span(piece)
        if first < today:
            raise NoDays(f"{first:%d/%m/%Y} is past")
        if last > today + AHEAD:
            raise NoDays(f"{last:%d/%m/%Y} is more than a year ahead")
        days |= set(_within(first, last, weekdays))
    if not days:
        raise NoDays(f"{written!r}: no such day of the week lies between")
    return sorted(days)


def _number(found: re.Match[str]) -> int:
    """Return the day of a week, Monday 0: T2 is Monday, CN Sunday."""
    if found["number"]:
        return int(found["number"]) - 2
    return _ENGLISH.index("sun" if found["sunday"] else found["english"])


def _span(piece: str) -> tuple[date, date]:
    found = _SPAN.fullmatch(piece)
    if found is None:
        raise NoDays(f"{piece!r} is no day; write 01/12/2026, 01/12/2026 - 07/12/2026 or T2 T5")
    first = _day(found["first"])
    last = _day(found["last"]) if found["last"] else first
    if last < first:
        raise NoDays(f"{last:%d/%m/%Y} is before {first:%d/%m/%Y}")
    return first, last


def _day(written: str) -> date:
    numbers = [int(number) for number in re.split(r"[-/.]", written)]
    year, month, day = numbers if "-" in written else reversed(numbers)
    try:
        return date(year, month, day)
    except ValueError:
        raise NoDays(f"there is no day {written}") from None


def _within(first: date, last: date, weekdays: set[int]) -> list[date]:
    many = (last - first).days + 1
    days = (first + number * ONE_DAY for number in range(many))
    return [day for day in days if not weekdays or day.weekday() in weekdays]
