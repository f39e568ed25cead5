"""The words of a table and what is known of each; the tables stand in the menus folder."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from .spelling import spelling

NOTHING: Final = "nothing"
"""Not a meaning but the lack of one: words that begin like a keyword and are none."""
POLITE: Final = "polite"
"""Words that people begin with before they come to the matter."""
COPIED: Final = "copied"
"""What our own messages say before a keyword, "soan GIUP", and people send along."""
NO_MEANINGS: Final = frozenset({NOTHING, POLITE, COPIED})
OR: Final = " or "
"""Between two meanings, of which nobody can say which is meant."""


class Care(enum.Enum):
    """What is made of a word when more than its argument stands behind it; named as in the file."""

    SURE = "words"
    ASK = "weak"
    NONE = "alone"
    KEEP = "sure"
    """It decides wherever it stands, and is part of what somebody says, so stays in it."""
    HINT = "said"
    """It is part of what somebody says, too, and decides only where nothing else does."""


@dataclass(frozen=True, slots=True)
class Also:
    """What a word means instead when an argument stands behind it; from leaders only, perhaps."""

    meaning: str
    argument: str
    leaders: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word or some words people type, spelt as `spelling` spells; one or two meanings."""

    spelt: str
    meanings: tuple[str, ...]
    several: bool
    """Typed as more than one word."""
    argument: str = "none"
    care: Care = Care.SURE
    exact: bool = False
    """No slip of a finger leads here: another word is too near."""
    also: tuple[Also, ...] = field(default=())


def read_words(source: Mapping[str, Any]) -> dict[str, Word]:
    """Return the words of a table without fault, by spelling."""
    words = {word.spelt: word for word in _words(source)}
    for meaning, entry in source.items():
        if isinstance(entry, dict) and "also" in entry:
            also = Also(meaning, entry.get("argument", "none"), bool(entry.get("leaders")))
            for alias in entry["also"]:
                word = words[spelling(alias)]
                words[word.spelt] = replace(word, also=(*word.also, also))
    return words


def _words(source: Mapping[str, Any]) -> Iterator[Word]:
    for name, entry in source.items():
        meanings = tuple(name.split(OR))
        group = entry if isinstance(entry, dict) else {Care.SURE.value: entry}
        exact = {spelling(alias) for alias in group.get("exact", ())}
        for care in Care:
            for alias in group.get(care.value, ()):
                spelt = spelling(alias)
                yield Word(
                    spelt,
                    meanings,
                    several=" " in alias,
                    argument=group.get("argument", "none"),
                    care=care,
                    exact=spelt in exact,
                )
