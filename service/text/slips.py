"""What may have been meant by who made one slip on a keypad: a key wrong, lost, extra, swapped."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase, digits

from .codes import is_hamlet_code

SHORTEST_WORD = 4
"""Letters from which a slip is allowed for: of three, one wrong leaves too little."""


def code_slips(typed: str) -> list[str]:
    """Return the hamlet codes one slip away from some digits, in order, the digits not among them.

    A slip is a wrong digit, two neighbours swapped, a digit lost or one too many.
    """
    return sorted({code for code in _slips(typed, digits) if is_hamlet_code(code)} - {typed})


def word_slips(word: str) -> list[str]:
    """Return what is one slip away from a word of small letters, in order.

    Nothing for a word of fewer than four letters, or with a digit in it: "to 12" is not "to 13".
    """
    if len(word) < SHORTEST_WORD or not set(word) <= set(ascii_lowercase):
        return []
    return sorted(set(_slips(word, ascii_lowercase)) - {word})


def _slips(typed: str, keys: str) -> Iterator[str]:
    """Yield all strings one slip away, some of them more than once (Damerau's four mistakes)."""
    for place in range(len(typed) + 1):
        before, after = typed[:place], typed[place:]
        yield from (f"{before}{key}{after}" for key in keys)
        if after:
            yield f"{before}{after[1:]}"
            yield from (f"{before}{key}{after[1:]}" for key in keys)
        if len(after) > 1:
            yield f"{before}{after[1]}{after[0]}{after[2:]}"
