"""A text that answers a question by number: "1", "so 2 1234", "1 ạ"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.text.fold import search_key
from service.text.telex import without_telex

from .arguments import COURTESIES, is_courtesy
from .spelling import BETWEEN, TOKEN

MOST_DIGITS: Final = 5
"""Digits of the longest number of ours, a hamlet code; longer ones are phone numbers."""
NUMBER_DIGITS: Final = 4
"""Digits of a request's number."""
BEFORE: Final = frozenset({"so", "chon", "bam", "soan"})
NAMED: Final = frozenset({"so", "viec"})
TIGHT: Final = frozenset(".,:-")


@dataclass(frozen=True, slots=True)
class BareAnswer:
    """The digits somebody answers with, the number of what he answers about, and what he adds.

    `words` are as typed, and empty where they are only polite. Where they are not, the text may as
    well be a sentence that begins with a number: "2 me toi bi thuong".
    """

    digits: str
    number: str | None
    words: str


def bare_answer(text: str) -> BareAnswer | None:
    """Return the answer a text begins with, None when it begins with none.

    Prices, dates and hours are none, nor is OK, which people send to anything, nor "mot" and "hai",
    which are other words too.
    """
    tokens = [token for token in TOKEN.finditer(text) if token.group() != "?"]
    at = 0
    while at < len(tokens) and _word(tokens[at]) in BEFORE:
        at += 1
    if at == len(tokens) or not _is_number(tokens[at]):
        return None
    first, behind = tokens[at], tokens[at + 1 :]
    if behind and not _parted(text, first, behind[0]):
        return None
    number, last = _number(first, behind)
    words = text[last.end() :].lstrip(BETWEEN).rstrip()
    return BareAnswer(_word(first), number, "" if is_courtesy(words) else words)


def _word(token: re.Match[str]) -> str:
    return without_telex(search_key(token.group()))


def _is_number(token: re.Match[str]) -> bool:
    return token.group().isdecimal() and len(token.group()) <= MOST_DIGITS


def _parted(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether the first number ends here: not in "1h", "12/11" and "1.000", but in "1.1234"."""
    between = text[first.end() : second.start()]
    if not between:
        return _word(second) in COURTESIES
    if not second.group().isdecimal() or any(map(str.isspace, between)):
        return True
    return between in TIGHT and (len(first.group()), len(second.group())) == (1, NUMBER_DIGITS)


def _number(first: re.Match[str], behind: list[re.Match[str]]) -> tuple[str | None, re.Match[str]]:
    """Return the second number, None when there is none, and the last token of the answer."""
    at = 1 if behind and _word(behind[0]) in NAMED else 0
    if len(behind) <= at or not _is_number(behind[at]):
        return None, first
    second, after = behind[at], behind[at + 1 : at + 2]
    glued = after and after[0].start() == second.end() and _word(after[0]) not in COURTESIES
    return (None, first) if glued else (_word(second), second)
