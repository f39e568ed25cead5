"""When a class is, as it is said: "toi thu 5, 27/11, 19h"."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from .local_time import in_vietnam

VIETNAMESE: Final = "vi"
_WEEK: Final = ("thu 2", "thu 3", "thu 4", "thu 5", "thu 6", "thu 7", "CN")
_SHORT: Final = ("t2", "t3", "t4", "t5", "t6", "t7", "cn")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PARTS: Final = ((11, "sang"), (13, "trua"), (18, "chieu"), (24, "toi"))
"""Until which hour a part of the day lasts."""


def said_when(moment: datetime, language: str = VIETNAMESE) -> str:
    """Return an aware moment as day and hour by Vietnam's clock, 25 characters at most.

    In every language but Vietnamese as English has it: "Thu 27/11, 19:00".
    """
    there = in_vietnam(moment)
    if language != VIETNAMESE:
        return f"{_DAYS[there.weekday()]} {there.day}/{there.month}, {there:%H:%M}"
    part = next(name for until, name in _PARTS if there.hour < until)
    return f"{part} {_WEEK[there.weekday()]}, {there.day}/{there.month}, {said_hour(moment)}"


def said_short(moment: datetime, language: str = VIETNAMESE) -> str:
    """Return the same for a line of a list, 13 characters at most: "t5 27/11 19h"."""
    there = in_vietnam(moment)
    if language != VIETNAMESE:
        return f"{there.day}/{there.month} {there:%H:%M}"
    return f"{_SHORT[there.weekday()]} {there.day}/{there.month} {said_hour(moment)}"


def said_hour(moment: datetime, language: str = VIETNAMESE) -> str:
    """Return the hour of an aware moment: "19h", "19h30"; "19:30" in other languages."""
    there = in_vietnam(moment)
    if language != VIETNAMESE:
        return f"{there:%H:%M}"
    return f"{there.hour}h{there.minute:02}" if there.minute else f"{there.hour}h"


def said_until(moment: datetime, language: str = VIETNAMESE) -> str:
    """Return until when something stands: "19h30 27/11"."""
    there = in_vietnam(moment)
    return f"{said_hour(moment, language)} {there.day}/{there.month}"
