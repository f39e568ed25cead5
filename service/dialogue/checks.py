"""What a typed answer must look like; pure, so that nothing has to be asked to refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.text.codes import is_hamlet_code

from .model import Screen

MOST_WORDS = 120
"""Characters of free words kept from one screen; a keypad phone hardly sends more."""


class NotAccepted(Exception):
    """The answer does not pass; `text` is the key of the sentence that says what to type."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def hamlet_code(typed: str) -> str:
    """Five digits, the last a check digit; spaces and dots between them are forgiven."""
    digits = typed.replace(" ", "").replace(".", "").replace("-", "")
    if len(digits) != 5 or not (digits.isascii() and digits.isdigit()):  # noqa: PLR2004 - five digits
        raise NotAccepted("error.hamlet_code_shape")
    if not is_hamlet_code(digits):
        raise NotAccepted("error.hamlet_code_digit")
    return digits


def words(typed: str) -> str:
    """Free words, one character at least; what is too long is cut."""
    kept = " ".join(typed.split())
    if not kept:
        raise NotAccepted("error.words_empty")
    return kept[:MOST_WORDS]


CHECKS: Mapping[str, Callable[[str], str]] = {"hamlet_code": hamlet_code, "words": words}
_SAYS: Mapping[str | None, frozenset[str]] = {
    None: frozenset(),
    "hamlet_code": frozenset({"error.hamlet_code_shape", "error.hamlet_code_digit"}),
    "words": frozenset({"error.words_empty"}),
}
"""The sentences each check may refuse an answer with."""
NOT_A_CHOICE = "error.choice"
ERROR_TEXTS = frozenset({NOT_A_CHOICE}).union(*_SAYS.values())
"""Every sentence a check or the engine may show; the loader asks for each in every language."""


def errors_of(screen: Screen) -> frozenset[str]:
    """Return the keys of all sentences that may be shown above this screen."""
    if screen.kind == "end":
        return frozenset()
    typed = _SAYS.get(screen.check, frozenset()) if screen.kind == "ask" else {NOT_A_CHOICE}
    return frozenset(typed).union(*(leap.errors for leap in screen.leaps))
