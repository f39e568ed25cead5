"""Numbers that people type behind a word: of a request, of a task, a hamlet's code, a phone."""

from __future__ import annotations

import re

from service.text.fold import search_key
from service.text.phones import InvalidNumber, Msisdn, parse
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


_PHONE = re.compile(
    r"\W*(?:so\W*)?(\(?(?:\+|00)?(?:84|0)\)?(?:[ .()-]{0,3}\d){9,10})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
"""A phone number at the beginning; one of before 2018 has a digit more."""
_LIKE_DIGITS = str.maketrans("OoIl", "0011")


def phone_first(rest: str) -> tuple[Msisdn | None, str]:
    """Return the phone number words begin with, None when it is none, and what stands behind it."""
    found = _PHONE.match(rest) or _PHONE.match(rest.translate(_LIKE_DIGITS))
    if found is None:
        return None, rest.strip()
    behind = rest[found.end() :].lstrip(" .,:;-").rstrip()
    try:
        return parse(found[1]), behind
    except InvalidNumber:
        return None, behind


def phone_last(words: str) -> tuple[str, Msisdn | None]:
    """Return words without the phone number they end with, and the number if there is one."""
    for place in range(len(words)):
        if words[place].isdigit() or words[place] in "+(":
            number, behind = phone_first(words[place:])
            if number is not None and not behind:
                return words[:place].strip(" .,:;-"), number
    return words.strip(), None
