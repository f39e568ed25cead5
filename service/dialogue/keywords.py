"""What an SMS means: the word it begins with, whatever its marks, case or spacing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.text.fold import search_key

TOKEN = re.compile(r"[^\W\d_]+|\d+|\?")
"""Letters and digits apart, so that "NV1", "nv. 1" and "NV 1" are the same."""


@dataclass(frozen=True, slots=True)
class Match:
    """A keyword found at the beginning of a text; `rest` is what stands behind it, as typed."""

    intent: str
    rest: str


class Keywords:
    """A table of words and what they mean; the longest one at the beginning wins."""

    def __init__(self, aliases: Mapping[str, Iterable[str]]) -> None:
        self._meanings = {
            tokens(alias): intent for intent, words in aliases.items() for alias in words
        }
        self._longest = max((len(alias) for alias in self._meanings), default=0)

    def match(self, text: str) -> Match | None:
        """Return the keyword a text begins with, None when it begins with none."""
        found = list(TOKEN.finditer(text))
        for length in range(min(self._longest, len(found)), 0, -1):
            begins = tuple(search_key(token.group()) for token in found[:length])
            if (intent := self._meanings.get(begins)) is not None:
                rest = text[found[length - 1].end() :]
                return Match(intent, rest.lstrip(" .,:;-=+").strip())
        return None

    def find(self, text: str) -> Match | None:
        """Return the first keyword anywhere in a text; `rest` is the text without it."""
        for token in TOKEN.finditer(text):
            if (found := self.match(text[token.start() :])) is not None:
                return Match(found.intent, f"{text[: token.start()]}{found.rest}".strip())
        return None


def tokens(text: str) -> tuple[str, ...]:
    """Return a text as it is compared: folded, lower case, letters and digits apart."""
    return tuple(search_key(token) for token in TOKEN.findall(text))


def faults(source: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Return what is wrong with a keyword table: a word with two meanings, an unknown intent."""
    found, owners = [], dict[tuple[str, ...], str]()
    for intent, entry in source.items():
        if intent not in set(known):
            found.append(f"{intent}: no such intent")
        aliases = entry.get("aliases") if isinstance(entry, dict) else entry
        if not isinstance(aliases, list) or not aliases:
            found.append(f"{intent}: has no aliases")
            continue
        for alias in aliases:
            spelt = tokens(str(alias))
            if not spelt:
                found.append(f"{intent}: {alias!r} has no letter or digit")
            elif owners.setdefault(spelt, intent) != intent:
                found.append(f"{alias!r} means both {owners[spelt]} and {intent}")
    return found
