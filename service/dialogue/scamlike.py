"""What makes a text read like a swindler's: links, unpriced numbers, shouting (docs/texts.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

SHOUTED: Final = frozenset(
    {
        "GOI", "NGAY", "KHAN", "CAP", "CHUA", "CALL", "NOW", "NOT", "EMERGENCY",
        "COI", "CHUNG", "LUA", "DAO", "KHONG", "BEWARE", "SCAMS", "NEVER",
        "OTP", "VNEID", "BHXH", "BHYT",
        "MOI",  # LOP MOI
    }
)  # fmt: skip
"""Words in capitals that are no keywords: warnings, names that are written so, and what stands
second in a keyword."""

FREE: Final = frozenset({"112", "156", "5656"})
"""Numbers people text to for nothing: rescue, and reports of unwanted messages."""

_LINK: Final = re.compile(
    r"https?:|\bwww\b|\b[a-z0-9-]+\.(?:vn|com|net|org|info|gov|edu|me|ly|xyz|top|io)\b"
)
_LURE: Final = re.compile(r"\b(?:link|click)\b")
_REFUSAL: Final = re.compile(r"\bkhong\b|\bnever\b|\bnot?\b")
_SENTENCE: Final = re.compile(r"[.:;!?]")
_CHARGED: Final = re.compile(r"\b1900[ .]?\d{4}\b|\b(?:gui|to) (\d{3,5})\b")
_PRICE: Final = re.compile(r"[^.\d]{0,12}\b\d[\d.]*d\b")
"""A price soon behind a number: "8079 (1000d)", "19009068 (1000d/phut)"."""
_GAP: Final = re.compile(r"\{\w+\}")
_CAPITALS: Final = re.compile(r"\b[A-Z]{3,}\b")


def scamlike(words: str) -> Iterator[str]:
    """Yield what no honest text has, in any language: links, and charged numbers without price."""
    if link := _LINK.search(words.lower()):
        yield f"{link[0]!r} looks like a link"
    for number in unpriced_numbers(words):
        yield f"{number} is charged and has no price behind it"


def pushing(words: str, is_keyword: Callable[[str], bool]) -> Iterator[str]:
    """Yield what sounds like a swindler in Vietnamese without marks or in English.

    Capitals that are no keyword and no warning, and links spoken of but not warned against.
    """
    for sentence in _SENTENCE.split(words.lower()):
        if (lure := _LURE.search(sentence)) and not _REFUSAL.search(sentence):
            yield f"{lure[0]!r} stands there without being warned against"
    for word in dict.fromkeys(_CAPITALS.findall(_GAP.sub("", words))):
        if word not in SHOUTED and not is_keyword(word):
            yield f"{word} is shouted and no keyword"


def unpriced_numbers(words: str) -> tuple[str, ...]:
    """Return the charged numbers that stand without their price.

    Every 1900 number, and every number of 3 to 5 digits one is to text to but those that are free;
    Decree 91/2020 wants the price of a charged service said.
    """
    return tuple(
        number[1] or number[0]
        for number in _CHARGED.finditer(words.lower())
        if number[1] not in FREE and not _PRICE.match(words.lower(), number.end())
    )
