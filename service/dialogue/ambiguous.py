"""Vietnamese words that mean something else without their marks, and the phrases that are clear.

A native reader sees at once which of several words is meant when it has its marks, and may not when
it has none. The list is that of docs/texts.md, section 2, where each word's meanings stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

OF_LANGUAGES: Final = ("language.", "spoken.", "call.")
"""Only in texts under these prefixes are Tay and Dao clearly peoples and languages."""

AMBIGUOUS: Final[Mapping[str, tuple[str, ...]]] = {
    "dung": (),
    "bao": ("bao gio",),
    "nhan": ("nhan viec", "da nhan", "tin nhan", "loi nhan", "nguoi nhan", "{leader} nhan"),
    "dong": ("dong y", "di dong", "dong dat"),
    "dang cho": (),
    "chay": ("chay nha",),
    "chuyen": ("soan chuyen", "chuyen 3"),
    "nam": (),
    "hai": (),
    "ba": ("ba con",),
    "tay": ("van tay",),
    "dao": ("lua dao",),
    "can gap": (),
    "ve dau": (),
    "mat": ("mat khau",),
    "bam khong": ("bam khong duoc",),
    "phim khong": (),
}
"""A word or two -> the phrases in which it can only mean one thing.

"khong" is the number 0 only where a key is to be pressed, and clear everywhere else.
"""

_STRANGERS: Final = re.compile(r"\bquy khach\b|\bban\b(?! hang)(?!\.)")
"""How strangers speak to people; "ban" is "you" unless something is sold or somebody busy."""


def unclear_words(key: str, words: str) -> tuple[str, ...]:
    """Return the words of a Vietnamese text without marks that could be read as others."""
    said = words.lower()
    return tuple(
        word
        for word, clear in AMBIGUOUS.items()
        if not (word in {"tay", "dao"} and key.startswith(OF_LANGUAGES))
        and re.search(rf"\b{word}\b", _without(said, clear))
    )


def speaks_like_a_stranger(words: str) -> bool:
    """Say whether a Vietnamese text speaks to people as a shop does, and not as a neighbour."""
    return _STRANGERS.search(words.lower()) is not None


def _without(said: str, phrases: tuple[str, ...]) -> str:
    for phrase in phrases:
        said = re.sub(rf"(?<!\w){re.escape(phrase)}\b", "", said)
    return said
