"""Numbers that people type behind a word: of a request, of a task, a hamlet's code."""

from __future__ import annotations

import re

from service.text.fold import search_key
from service.text.telex import without_telex

NUMBER = re.compile(r"\s*([\d*]+)", re.ASCII)
"""A number at the beginning; one that was masked before it came here is a number too."""
LONGEST_NUMBER = 5
"""Digits of the longest number of ours, a hamlet code; longer ones are phone numbers."""
NONE_OF_OURS = 0
NAMED = frozenset({"so", "viec", "yc", "ma"})
"""Words that name the thing before its number: "viec 3"."""
_WORD = re.compile(r"\W*([^\W\d_]+)\W*")
_SIGNS = " .,:;-"


def number_typed(typed: str) -> int:
    """Return a number that may be one of ours, NONE_OF_OURS for any other."""
    return int(typed) if typed.isdigit() and len(typed) <= LONGEST_NUMBER else NONE_OF_OURS


def number_first(rest: str) -> tuple[str | None, str]:
    """Return the number that words begin with, be it named ("viec 3"), and the words behind it."""
    behind = rest.lstrip(_SIGNS)
    while (word := _WORD.match(behind)) and without_telex(search_key(word[1])) in NAMED:
        behind = behind[word.end() :]
    number = NUMBER.match(behind)
    if number is None:
        return None, rest.lstrip(_SIGNS)
    return number[1], behind[number.end() :].lstrip(_SIGNS)
