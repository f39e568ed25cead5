"""Hamlet codes: four digits and a check digit, short enough for a keypad and a card.

There is no official national code for hamlets (they are self-governing communities, not units of
government), so these are ours: 0001-9999 and a Luhn digit (ISO/IEC 7812-1 annex B), which notices
every single wrong digit and nearly every swap of neighbours.
"""

from __future__ import annotations

LENGTH = 5


def check_digit(digits: str) -> str:
    """Return the Luhn digit of a string of ASCII digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of 10..18 summed
    return str(-total % 10)


def hamlet_code(sequence: int) -> str:
    """Return the five digits of the hamlet with this sequence number, 1 to 9999."""
    if not 1 <= sequence <= 9999:  # noqa: PLR2004 - four digits
        raise ValueError(f"hamlet sequence {sequence} is not within 1 and 9999")
    digits = f"{sequence:04d}"
    return digits + check_digit(digits)


def is_hamlet_code(text: str) -> bool:
    """Say whether these are five ASCII digits whose last one fits."""
    if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
        return False
    return check_digit(text[:-1]) == text[-1]
