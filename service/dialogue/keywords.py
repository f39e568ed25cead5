"""What an SMS means: the word it begins with, whatever its marks, case or spacing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.text.fold import search_key

TOKEN = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+|\?")
"""Letters and digits apart, so that "NV1", "nv. 1" and "NV 1" are the same.

A letter keeps the marks that some phones send behind it.
"""
BETWEEN = " \t\n.,:;!?/=+-"
"""What may stand between a keyword and the words behind it, and belongs to neither."""


@dataclass(frozen=True, slots=True)
class Match:
    """A keyword found at the beginning of a text; `rest` is what stands behind it, as typed."""

    intent: str
    rest: str


class Keywords:
    """A table of words and what they mean; the longest one at the beginning wins."""

    def __init__(self, aliases: Mapping[str, Iterable[str]]) -> None:
        self._meanings = {
            spelling(alias): intent for intent, words in aliases.items() for alias in words
        }
        self._longest = max(map(len, self._meanings), default=0)

    def match(self, text: str) -> Match | None:
        """Return the keyword a text begins with, None when it begins with none."""
        return self._match(text, 0)

    def find(self, text: str) -> Match | None:
        """Return the first keyword anywhere in a text; `rest` is the text without it."""
        for token in TOKEN.finditer(text):
            if (found := self._match(text, token.start())) is not None:
                return Match(found.intent, f"{text[: token.start()]}{found.rest}".strip())
        return None

    def _match(self, text: str, start: int) -> Match | None:
        found: Match | None = None
        begins = ""
        for token in TOKEN.finditer(text, start):
            begins = _joined(begins, token.group())
            if len(begins) > self._longest:
                break
            if (intent := self._meanings.get(begins)) is not None:
                found = Match(intent, text[token.end() :].lstrip(BETWEEN).rstrip())
        return found


def spelling(text: str) -> str:
    """Return a text as it is compared: folded, lower case, without what stands between words."""
    spelt = ""
    for token in TOKEN.findall(text):
        spelt = _joined(spelt, token)
    return spelt


def _joined(before: str, token: str) -> str:
    """Join words as if typed without a space; two numbers stay two."""
    apart = " " if before[-1:].isdigit() and token[0].isdigit() else ""
    return f"{before}{apart}{search_key(token)}"


def faults(name: str, source: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Return what is wrong with a table of words, called by its `name`.

    A word with two meanings, a meaning nobody knows, one that no word has, and what is no word.
    """
    found, owners = [], dict[str, str]()
    meanings = set(known)
    found += [f"{name}: {meaning!r} is unknown" for meaning in sorted(set(source) - meanings)]
    found += [f"{name}: no word means {meaning!r}" for meaning in sorted(meanings - set(source))]
    for intent, aliases in source.items():
        if not isinstance(aliases, list) or not aliases:
            found.append(f"{name}: {intent}: should be a list of words")
            continue
        for alias in aliases:
            spelt = spelling(alias) if isinstance(alias, str) else ""
            if not isinstance(alias, str):
                found.append(f"{name}: {intent}: {alias!r} should stand in quotes")
            elif not spelt:
                found.append(f"{name}: {intent}: {alias!r} has no letter or digit")
            elif owners.setdefault(spelt, intent) != intent:
                found.append(f"{name}: {alias!r} means both {owners[spelt]} and {intent}")
    return found
