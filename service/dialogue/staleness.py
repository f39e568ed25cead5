"""Whether a translation still says what the Vietnamese says now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from .texts import DEFAULT_LANGUAGE, Texts

DIGITS: Final = 12
"""Hex digits of a digest: two texts of a catalogue never have the same one by chance."""
LETTER: Final = "v"
"""What a digest begins with, so that no spreadsheet program takes it for a number."""


def digest(key: str, words: str) -> str:
    """Return what stands for a text in a table; another key or another sign gives another."""
    return LETTER + sha256(f"{key}\n{words}".encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Seen:
    """Digests of the Vietnamese a translator had before them, and of what they wrote for it."""

    source: str
    translation: str

    def __str__(self) -> str:
        return f"{self.source} {self.translation}"

    @classmethod
    def read(cls, written: str) -> Self:
        """Read what str() made; raises ValueError for anything else."""
        source, translation = written.split()
        return cls(source, translation)


def stale_keys(texts: Texts, language: str, seen: Mapping[str, Seen]) -> Iterator[str]:
    """Yield the texts whose Vietnamese has changed since they were translated, in their order.

    One that has itself been changed since, by hand, is taken to follow the Vietnamese of that day;
    of one that never came by a table nothing is known.
    """
    for key in texts.listed(language):
        if (then := seen.get(key)) is None or key not in texts.keys(DEFAULT_LANGUAGE):
            continue
        untouched = then.translation == digest(key, texts.written(key, language))
        if untouched and then.source != digest(key, texts.written(key, DEFAULT_LANGUAGE)):
            yield key
