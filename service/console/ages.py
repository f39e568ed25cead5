"""How long something takes or has waited, in words: one unit, or two where the second matters."""

from __future__ import annotations

from datetime import timedelta

from .frame import words

MINUTES_OF_AN_HOUR, HOURS_SAID, HOURS_OF_A_DAY = 60, 48, 24
MINUTE = timedelta(minutes=1)


def age_in_words(age: timedelta | None) -> str:
    """Return "45 minutes", "2 h 05", "3 days"; a dash where there is none."""
    if age is None:
        return "–"
    minutes = max(age // MINUTE, 0)
    if minutes < MINUTES_OF_AN_HOUR:
        return words()("age.minutes", n=minutes)
    hours, minutes = divmod(minutes, MINUTES_OF_AN_HOUR)
    if hours < HOURS_SAID:
        return words()("age.hours", n=hours, minutes=f"{minutes:02}")
    return words()("age.days", n=hours // HOURS_OF_A_DAY, hours=hours % HOURS_OF_A_DAY)
