"""How typed words are compared: without marks, case and gaps, and the ways they are misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.text.fold import search_key
from service.text.short import in_full
from service.text.telex import without_telex

TOKEN = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+|\?")
"""Letters and digits apart, so that "NV1", "nv. 1" and "NV 1" are the same.

A letter keeps the marks that some phones send behind it.
"""
BETWEEN = " \t\n.,:;!?/=+-"
"""What may stand between a keyword and the words behind it, and belongs to neither."""

_LETTER_FOR_DIGIT = str.maketrans("01", "oi")
_DIGIT_IN_WORD = re.compile(r"(?<=[a-z])[01]|[01](?=[a-z])")
_DIGIT_FOR_LETTER = str.maketrans("oil", "011")
_NUMBER_WITH_LETTERS = re.compile(r"\b[oil]*\d[\doil]*\b")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first words of a text, up to where one of them ends, in the ways they may be read."""

    end: int
    words: tuple[str, ...]
    """Each as typed, folded."""

    @property
    def typed(self) -> str:
        """As typed, run together."""
        return _joined(self.words)

    @property
    def lettered(self) -> str:
        """With letters where 0 and 1 stand for them."""
        return _joined(map(_with_letters, self.words))

    @property
    def cleaned(self) -> tuple[str, ...]:
        """Each word with letters for digits, in full and without Telex keys."""
        return tuple(without_telex(in_full(_with_letters(word))) for word in self.words)

    @property
    def readings(self) -> tuple[str, str, str]:
        """All three run together, the surest first."""
        return self.typed, self.lettered, _joined(self.cleaned)


def beginnings(text: str, start: int, before: int | None, longest: int) -> Iterator[Beginning]:
    """Yield the words from `start` on, one group of letters or number more each time.

    Ends when they are longer than `longest` letters however they are read, or when the next would
    begin at `before` or later.
    """
    words: list[str] = []
    end = -1
    for token in TOKEN.finditer(text, start):
        if before is not None and token.start() >= before:
            return
        key = search_key(token.group())
        if token.start() == end:
            words[-1] += key
        else:
            words.append(key)
        end = token.end()
        beginning = Beginning(end, tuple(words))
        if len("".join(beginning.cleaned)) > longest:
            return
        yield beginning


def spelling(text: str) -> str:
    """Return a text as it is compared: folded, lower case, without what stands between words."""
    return _joined(search_key(token) for token in TOKEN.findall(text))


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text, folded."""
    return [search_key(token) for token in TOKEN.findall(text)]


def with_digits(text: str) -> str:
    """Fold a text and put digits where O, I and l stand in a number: "0OO18" is 00018."""
    return _NUMBER_WITH_LETTERS.sub(
        lambda number: number[0].translate(_DIGIT_FOR_LETTER), search_key(text)
    )


def _with_letters(word: str) -> str:
    return _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_LETTER_FOR_DIGIT), word)


def _joined(words: Iterable[str]) -> str:
    """Join words as if typed without a space; two numbers stay two."""
    joined = ""
    for word in words:
        apart = " " if joined[-1:].isdigit() and word[:1].isdigit() else ""
        joined += apart + word
    return joined
