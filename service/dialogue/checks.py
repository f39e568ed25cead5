"""What a typed answer must look like; pure, so that nothing has to be asked to refuse it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from service.text.codes import LENGTH
from service.text.fold import fold
from service.text.mask import scrub

from .model import Screen

MOST_WORDS = 120
"""Characters of free words kept from one screen; a keypad phone hardly sends more."""

MOST_NAME = 40
"""Characters kept of a name."""


SHORTEST_NAME = 2
MOST_DIGITS_OF_A_NAME = 3
"""Digits from which what was typed is a code, letters in it being slips: "lo 12" is a name."""
LONGEST_NAME = 60
"""Letters of a place's name that are looked at, the larger place behind it among them."""
_LETTER = re.compile("[A-Za-z0-9]")
_BETWEEN = str.maketrans("", "", " .-")
_LIKE_DIGITS = str.maketrans("OoIl", "0011")


class NotAccepted(Exception):
    """The answer does not pass; `text` is the key of the sentence that says what to type."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def hamlet(typed: str) -> str:
    """A hamlet's code, or a name; secrets hidden, for people type anything where they begin.

    A code is four to six digits, so that one too few or too many can be set right; spaces and dots
    between them are forgiven, and the letters that look like 0 and 1. A name has two letters.
    """
    kept = " ".join(typed.split())
    digits = kept.translate(_BETWEEN)
    if sum(sign.isdecimal() for sign in digits) >= MOST_DIGITS_OF_A_NAME:
        digits = digits.translate(_LIKE_DIGITS)
    if digits.isascii() and digits.isdecimal():
        if LENGTH - 1 <= len(digits) <= LENGTH + 1:
            return digits
    elif len(_LETTER.findall(fold(kept).text)) >= SHORTEST_NAME:
        return scrub(kept).text[:LONGEST_NAME]
    raise NotAccepted("error.hamlet_code_shape")


def words(typed: str) -> str:
    """Free words, one character at least, secrets hidden; what is too long is cut."""
    kept = " ".join(typed.split())
    if not kept:
        raise NotAccepted("error.words_empty")
    return scrub(kept).text[:MOST_WORDS]  # in this order: half a secret is none to scrub()


def person(typed: str) -> str:
    """A name or a number of somebody; what is too long is cut."""
    kept = " ".join(typed.split())
    if not any(character.isalnum() for character in kept):
        raise NotAccepted("error.person_empty")
    return scrub(kept).text[:MOST_NAME]


def name(typed: str) -> str:
    """A name, of which at least one letter is typed: digits alone are a line, or a slip."""
    if not any(character.isalpha() for character in typed):
        raise NotAccepted("error.person_empty")
    return person(typed)


CHECKS: Mapping[str, Callable[[str], str]] = {
    "hamlet": hamlet,
    "words": words,
    "person": person,
    "name": name,
}
_SAYS: Mapping[str | None, frozenset[str]] = {
    None: frozenset(),
    "hamlet": frozenset({"error.hamlet_code_shape"}),
    "words": frozenset({"error.words_empty"}),
    "person": frozenset({"error.person_empty"}),
    "name": frozenset({"error.person_empty"}),
}
"""The sentences each check may refuse an answer with."""
NOT_A_CHOICE = "error.choice"
ERROR_TEXTS = frozenset({NOT_A_CHOICE}).union(*_SAYS.values())
"""Every sentence a check or the engine may show; the loader asks for each in every language."""
ABOUT_PREFIX = "about."
"""Texts under this prefix say what a call that dropped was about."""


def errors_of(screen: Screen) -> frozenset[str]:
    """Return the keys of all sentences that may be shown above this screen."""
    if screen.kind == "end":
        return frozenset()
    typed = _SAYS.get(screen.check, frozenset()) if screen.kind == "ask" else {NOT_A_CHOICE}
    lines = {NOT_A_CHOICE} if screen.lists else set[str]()
    return frozenset(typed).union(lines, *(leap.errors for leap in screen.leaps))


def texts_on(screen: Screen) -> frozenset[str]:
    """Return the keys of all texts that may be seen on a screen, or said of it in the next call."""
    about = {f"{ABOUT_PREFIX}{screen.about}"} if screen.about else set[str]()
    return errors_of(screen) | about | {screen.text, *(choice.text for choice in screen.choices)}
