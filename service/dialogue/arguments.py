"""What stands behind a keyword: what the keyword asks for, or the rest of a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from service.text.telex import without_telex

from .spelling import with_digits, words_of

COURTESIES: Final = frozenset({"a", "ah", "ad", "di", "nha", "nhe", "nhi", "ok", "voi", "vs"})
"""Words that add politeness and nothing else: "1 ạ", "huỷ nhé", "cứu với"."""
THANKS: Final = frozenset({"cam on", "thanks", "tks"})

_NUMBER = re.compile(r"\W*(?:(?:so|viec|lop|yeu cau|yc|ma)\W*)*\d{1,5}(?!\w)")
"""A number of ours has five digits at most, longer ones are phones'; the thing may be named."""
_CODE = re.compile(r"\W*\d{4,6}(?!\w)")
_PHONE = re.compile(r"\W*(?:so\W*)?(?:\d[ .-]?){9,12}(?!\d)")
_HOURS = re.compile(r"\W*(?:tu\W*)?\d{1,2}\s*(?:h|g|gio|:)?\s*\d{0,2}\W+(?:(?:den|toi)\W*)?\d{1,2}")
"""Hours of a day: "6-20", "6h den 20h", "tu 6 toi 20"."""
_CHOICE = re.compile(r"\W*\w+")


def is_courtesy(rest: str) -> bool:
    """Say whether nothing but politeness and signs stands here."""
    words = " ".join(map(without_telex, words_of(rest)))
    for thanks in THANKS:
        words = words.replace(thanks, "")
    return COURTESIES.issuperset(words.split())


def _begins(pattern: re.Pattern[str], rest: str) -> bool:
    return pattern.match(with_digits(rest)) is not None


def _is_all(pattern: re.Pattern[str], rest: str) -> bool:
    said = with_digits(rest)
    found = pattern.match(said)
    return found is not None and is_courtesy(said[found.end() :])


SHAPES: Mapping[str, Callable[[str], bool]] = {
    "none": lambda _rest: False,
    "number": partial(_begins, _NUMBER),
    "code": partial(_is_all, _CODE),
    "phone": partial(_begins, _PHONE),
    "choice": partial(_is_all, _CHOICE),
    "hours": partial(_begins, _HOURS),
    "text": lambda rest: not is_courtesy(rest),
}
"""Whether words are an argument of a shape: none; a number of ours, words may follow; a code of 4
to 6 digits and nothing else; a phone number, words may follow; one number or word; hours of a day,
words may follow; free words."""


def is_plain_argument(shape: str, rest: str) -> bool:
    """Say whether words can only be an argument of this shape; free words could be anything."""
    return shape != "text" and SHAPES[shape](rest)
