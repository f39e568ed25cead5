"""Whether a translation keeps what may not change: gaps, words people text, numbers, signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from .languages import Language
from .scamlike import scamlike
from .texts import DEFAULT_LANGUAGE, GAP, INSTEAD_IN_SMS, SMS_PREFIXES, Texts

_LIKE_A_GAP: Final = re.compile(r"\{[^{}]*\}?|\}")
_WORD: Final = r"([A-Z0-9]+(?: [A-Z]{2,})*)"
_TEXTED: Final = re.compile(rf"\b[Ss]oan {_WORD}\b(?:(?: \([^)]*\))? hoac {_WORD}\b)?")
_NUMBER: Final = re.compile(r"\b\d{3,}")
_BREAK: Final = re.compile(r"[\n\r\v\f\u0085\u2028\u2029]")


def kept(vietnamese: str) -> tuple[str, ...]:
    """Return the words of a Vietnamese text that stay the same in every language.

    What people are to text, and numbers: the service understands no others, and a wrong number
    rings at a stranger's.
    """
    texted = (word for pair in _TEXTED.findall(vietnamese) for word in pair if word)
    return tuple(dict.fromkeys((*texted, *_NUMBER.findall(GAP.sub("", vietnamese)))))


def lost_words(key: str, words: str, texts: Texts) -> tuple[str, ...]:
    """Return what the Vietnamese text of a key has that must be kept, and these words have not."""
    plain = GAP.sub("", words)
    must = kept(texts.written(key, DEFAULT_LANGUAGE))
    return tuple(word for word in must if not re.search(rf"(?<!\w){word}(?![0-9A-Z])", plain))


def unfaithful(key: str, words: str, texts: Texts, language: Language) -> Iterator[str]:
    """Yield what is wrong with the words of a language for a key, whatever their length."""
    if _BREAK.search(words):
        yield "holds a line break"
    gaps = frozenset(GAP.findall(texts.written(key, DEFAULT_LANGUAGE)))
    yield from _gap_faults(words, gaps)
    plain = GAP.sub("", words)
    yield from (f"{word} is not there" for word in lost_words(key, words, texts))
    if lost := language.unwritable(plain):
        yield f"{' '.join(lost)} cannot be shown by a keypad phone"
    if key.startswith(SMS_PREFIXES):
        signs = _LIKE_A_GAP.sub("", language.on_phones(plain))
        if refused := sorted(set(signs) & set(INSTEAD_IN_SMS)):
            yield f"{' '.join(refused)} may be refused in an SMS"
    yield from scamlike(language.on_phones(words))


def _gap_faults(words: str, gaps: frozenset[str]) -> Iterator[str]:
    there = frozenset(GAP.findall(words))
    misspelt = _LIKE_A_GAP.findall(GAP.sub("", words))
    for gap in misspelt:
        yield f"{gap} is no gap{_did_you_mean(gap.strip('{} '), gaps - there)}"
    for gap in sorted(there - gaps):
        yield f"{{{gap}}} does not belong here{_did_you_mean(gap, gaps - there)}"
    for gap in sorted(gaps - there):
        yield f"{{{gap}}} is not there"


def _did_you_mean(gap: str, missing: frozenset[str]) -> str:
    near = get_close_matches(gap.lower(), sorted(missing), n=1)
    return f"; did you mean {{{near[0]}}}?" if near else ""
