"""Telex keys that stayed visible: a phone without Vietnamese makes "hoox trowj" of "hỗ trợ".

Telex types a mark as a letter behind the vowel: s f r x j are the five tones, a doubled vowel is a
circumflex, w a horn or breve, dd is đ. What comes out here is the word without its marks.
"""

from __future__ import annotations

import re
from typing import Final

VOWELS: Final = "aeiouy"
_DOUBLED: Final = re.compile("aa|ee|oo|dd(?=.)")
_FIRST_VOWEL: Final = re.compile(f"[{VOWELS}]")
# s, r and x begin a syllable and never end one; f and j are no letters of Vietnamese. So behind a
# vowel they are tones, unless the next syllable begins there: the r of "hotrowj" stays.
_TONE: Final = re.compile(f"[sfrxj]+(?![{VOWELS}])")


def without_telex(word: str) -> str:
    """Return a word as if typed without marks; `word` is folded and in small letters.

    Deterministic, and a second try only: "sos" and "stops" lose an s by it.
    """
    word = _DOUBLED.sub(lambda pair: pair[0][0], word)
    # w alone types ư, behind a, o or u it only changes them
    word = word.replace("w", "" if _FIRST_VOWEL.search(word) else "u")
    vowel = _FIRST_VOWEL.search(word)
    if vowel is None:
        return word
    return word[: vowel.end()] + _TONE.sub("", word[vowel.end() :])
