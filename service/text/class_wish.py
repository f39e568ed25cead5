"""A class as somebody proposes it in one line: "5/12 19h nha van hoa 25".

Day, hour and seats are taken out by their shape; the words that are left are the house.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Final

from .fold import fold

LONGEST_PLACE: Final = 40
_NOON: Final = 12
_LAST_AT_NOON: Final = 2
"""The hour up to which "trua" is behind noon: "1h trua"."""
_DAY: Final = re.compile(
    r"(?:\bngay )?(?<![\d/])\d{1,2}(?: ?[/.-] ?| thang )\d{1,2}"
    r"(?:(?: ?[/.-] ?| nam )(?:\d{4}|\d{2})(?!\d))?(?![\d/]|[hg]\b|h\d)"
)
_PART: Final = r"sang|trua|chieu|toi"
_HOUR: Final = re.compile(
    rf"(?:\b({_PART}) )?(?:\bluc )?\b(\d{{1,2}}) ?(?:(?:h|g|gio\b)(\d{{2}}| ?ruoi\b)?"
    rf"(?: (00|15|30|45)(?= .*\d)|\b)(?: ?phut\b)?|:(\d{{2}})\b)(?: ({_PART})\b)?"
)
_WEEKDAY: Final = re.compile(r"\b(?:thu [2-7]|t[2-7]|chu nhat|cn)\b,?")
_SENT_TO: Final = re.compile(r"\bgui \d{3,6}$")
_SEATS: Final = re.compile(
    r"(?<!\d)(\d{1,4})(?: (?:cho ngoi|cho|nguoi|ghe|suat|hoc vien|ba con))?$"
)
_NUMBERED: Final = re.compile(r"\b(?:xom|khu|to|ban|so|thon|duong|nha|truong|phong|tang) \d+$")
"""What a number at the end may belong to: "nha van hoa xom 3" has no seats."""
_EDGES: Final = re.compile(
    r"^(?:tai|o|luc|vao|ngay|mon|ve|hoc|dia diem)\b|\b(?:tai|o|luc|vao|ngay)$"
)
_SIGNS: Final = " .,:;-"


@dataclass(frozen=True, slots=True)
class ClassWish:
    """What a line says of a class; what it does not say is empty."""

    day: str
    """As it was typed, for service.text.days."""
    at: time | None
    hour: str
    """The hour as it was typed: there is none such when this stands and `at` does not."""
    place: str
    seats: int | None


def read_wish(words: str) -> ClassWish:
    """Read what a line says of a class besides what is learnt in it."""
    left = " ".join(fold(words).text.split())
    left = _SENT_TO.sub("", left.rstrip(" .")).strip()
    day = _DAY.search(left.lower())
    if day is not None:
        left = _without(left, day)
    hour = _HOUR.search(left.lower())
    if hour is not None:
        left = _without(left, hour)
    if weekday := _WEEKDAY.search(left.lower()):
        left = _without(left, weekday)
    left = left.strip(_SIGNS)
    seats = None if _NUMBERED.search(left.lower()) else _SEATS.search(left.lower())
    if seats is not None:
        left = _without(left, seats)
    return ClassWish(
        day=day[0] if day else "",
        at=_time(hour) if hour else None,
        hour=hour[0].strip() if hour else "",
        place=_house(left),
        seats=int(seats[1]) if seats else None,
    )


def _without(words: str, found: re.Match[str]) -> str:
    parts = (words[: found.start()].strip(_SIGNS), words[found.end() :].strip(_SIGNS))
    return " ".join(part for part in parts if part)


def _house(words: str) -> str:
    before = None
    while before != words:
        before, words = words, _EDGES.sub("", words).strip(_SIGNS)
    return words[:LONGEST_PLACE].strip(_SIGNS)


def _time(found: re.Match[str]) -> time | None:
    """Return an hour of the day, "7h toi" being 19h; None for one that clocks do not have."""
    hour, part = int(found[2]), found[1] or found[6] or ""
    minutes = found[3] or found[4] or found[5] or "0"
    minute = 30 if minutes.strip() == "ruoi" else int(minutes)
    if hour < _NOON and (part in {"chieu", "toi"} or (part == "trua" and hour <= _LAST_AT_NOON)):
        hour += _NOON
    try:
        return time(hour, minute)
    except ValueError:
        return None
