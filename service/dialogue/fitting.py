"""Which of many new texts is to blame when a page or a message becomes too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.text.gsm7 import septets

from .measure import texts_around
from .misfits import Misfit, misfits
from .model import Menu
from .occurrences import reached
from .texts import DEFAULT_LANGUAGE, Texts


def too_long(
    words: Mapping[str, str], menu: Menu, texts: Texts, language: str
) -> Iterator[tuple[str, Misfit]]:
    """Yield the keys of new `words` that have to go until all fits, and where each fits least.

    On a page with several of them the one that has grown most over the Vietnamese is to blame.
    What does not fit without any of them is not their fault. Texts the language lacks are taken to
    be as long as the Vietnamese.
    """
    left, texts = dict(words), texts.completed(language)
    while True:
        tried = texts.with_words(language, left)
        stands_on = {key: reached(tried, key, language) for key in left}
        blamed: dict[str, Misfit] = {}
        for misfit in misfits(menu, tried, language):
            if culprits := _culprits(misfit, stands_on, menu):
                key = max(culprits, key=lambda culprit: _growth(culprit, tried, language))
                blamed[key] = max(blamed.get(key, misfit), misfit, key=lambda unfit: unfit.over)
        yield from blamed.items()
        if not blamed:
            return
        left = {key: said for key, said in left.items() if key not in blamed}


def said_too_long(key: str, misfit: Misfit) -> str:
    """Say by how many septets a text is too long, and where."""
    where = f" in {misfit.where}" if misfit.alone else f" on screen {misfit.where}"
    where = "" if misfit.where == key else where
    septet = "septet" if misfit.over == 1 else "septets"
    return f"too long by {misfit.over} {septet}{where} ({misfit})"


def _culprits(misfit: Misfit, stands_on: Mapping[str, frozenset[str]], menu: Menu) -> list[str]:
    at = {misfit.where} if misfit.alone else texts_around(menu.screens[misfit.where])
    return [key for key, all_of_it in stands_on.items() if all_of_it & at]


def _growth(key: str, texts: Texts, language: str) -> int:
    return septets(texts.widest(key, language)) - septets(texts.widest(key, DEFAULT_LANGUAGE))
