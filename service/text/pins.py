"""PINs of six digits: which are one, and which are the first that anybody would try."""

from __future__ import annotations

from itertools import pairwise

LENGTH = 6
FIRST_YEAR, LAST_YEAR = 1930, 2039
"""Years somebody alive may have been born or married in, or may live in now."""
MOST_DAYS, MOST_MONTHS = 31, 12
FEWEST_DIGITS = 3
"""Different digits a PIN has at least."""
OWN_TAIL = 4
"""Digits from the end of the own number by which people remember it."""

LINES = ("123", "456", "789", "147", "258", "369", "159", "357")
"""Rows, columns and diagonals of a keypad."""
COMMON = frozenset({
    "102030", "123098", "123890", "124578", "134679", "135246", "142536", "146146", "147896",
    "159632", "175175", "200200", "246810", "314159", "420420", "520131", "520184", "523523",
    "963147", "987412", "112358", "135791", "101112", "121314", "141516", "102938", "192837",
    "213141", "010203", "123321", "686879", "397979", "393979", "787879", "366886", "138138",
})  # fmt: skip
"""Others that are chosen often: walks over the keypad, sums, and what brings luck."""


def is_pin(typed: str) -> bool:
    """Say whether something is six digits and nothing else."""
    return len(typed) == LENGTH and typed.isascii() and typed.isdigit()


def is_easy(pin: str, msisdn: str) -> bool:
    """Say whether a PIN is among those tried first: by anybody, or by who knows the number."""
    return (
        pin in COMMON
        or len(set(pin)) < FEWEST_DIGITS
        or _is_a_row(pin)
        or _repeats(pin)
        or _is_walked(pin)
        or _is_a_date(pin)
        or _is_of_number(pin, msisdn)
    )


def _is_a_row(pin: str) -> bool:
    """Say whether each digit is as far from the next: 123456, 975319, 890123."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1


def _repeats(pin: str) -> bool:
    """Say whether a part of it comes again: 121212, 789789, 112233, or from behind, 123321."""
    pairs = pin[::2] == pin[1::2]
    return pin[:3] == pin[3:] or pin[:2] * 3 == pin or pin == pin[::-1] or pairs


def _is_walked(pin: str) -> bool:
    """Say whether it is two lines of the keypad, in any direction."""
    lines = {*LINES, *(line[::-1] for line in LINES)}
    return pin[:3] in lines and pin[3:] in lines


def _is_a_date(pin: str) -> bool:
    """Say whether it is a day (010190, 900101) or has a year at an end (121990)."""
    if any(FIRST_YEAR <= int(four) <= LAST_YEAR for four in (pin[:4], pin[-4:])):
        return True
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    days = ((first, second), (third, second))
    return any(0 < day <= MOST_DAYS and 0 < month <= MOST_MONTHS for day, month in days)


def _is_of_number(pin: str, msisdn: str) -> bool:
    """Say whether it is a part of the own number, from before or behind."""
    written = f"0{msisdn[3:]}"
    return pin in written or pin in written[::-1] or written[-OWN_TAIL:] in pin
