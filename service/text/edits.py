"""How far one spelling is from another, as fingers slip on a keypad."""

from __future__ import annotations


def one_slip_apart(one: str, other: str) -> bool:
    """Say whether one letter more, less or other, or two neighbours swapped, makes them the same.

    The same words are none apart, so not one. That is distance 1 of Damerau and Levenshtein
    (optimal string alignment).
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    left, right = one[same:], other[same:]
    swapped = left[1::-1] + left[2:] if len(left) > 1 else ""
    return right in {left[1:], swapped} or left[1:] in {right, right[1:]} or left == right[1:]
