"""How much longer a text may become before it no longer fits somewhere."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import Final

from service.text.gsm7 import USSD_PAGE

from .measure import texts_around
from .misfits import misfits
from .model import Menu
from .occurrences import reached
from .sound import sound_texts
from .texts import Texts

MOST: Final = USSD_PAGE
"""Septets beyond which it does not matter any more."""
STEP: Final = 16
"""Septets between two tries. Words far too long for a page fit again, on pages of their own; but
no growth leads over what does not fit in one such step, since a line is longer."""
_MORE: Final = " mmm" * (MOST // 4)
"""Words to try with: short, since a page is turned between words."""


def room_left(menu: Menu, texts: Texts, key: str, language: str) -> int:
    """Return by how many septets a text may grow on the tightest page or segment it is on.

    With the longest values in its gaps and in those of all it stands in, and as the check at start
    sees it; at most MOST, below zero by as much as must go. Texts the language lacks are taken to
    be as long as the Vietnamese.
    """
    texts, sound = _whole(texts, language)
    written = texts.written(key, language)
    keys = reached(texts, key, language)
    menu = _with(menu, keys)

    def too_long(more: int) -> int:
        longer = texts.with_words(language, {key: written + _MORE[:more]})
        unfit = misfits(menu, longer, language, keys, sound)
        return max((misfit.over for misfit in unfit), default=0)

    if over := too_long(0):
        return -over
    far = next((more for more in range(STEP, MOST + 1, STEP) if too_long(more)), MOST + STEP)
    near = far - STEP
    return near + bisect_left(range(near + 1, min(far, MOST + 1)), 1, key=too_long)


def _with(menu: Menu, keys: frozenset[str]) -> Menu:
    """Return the screens with one of the texts, and those that say where a call begins."""
    screens = {
        name: screen
        for name, screen in menu.screens.items()
        if name in menu.fresh or texts_around(screen) & keys
    }
    return replace(menu, screens=screens)


@lru_cache(maxsize=4)
def _whole(texts: Texts, language: str) -> tuple[Texts, frozenset[str]]:
    """Return the texts with Vietnamese where the language lacks any, and which can be measured.

    A text that grows by plain words stays as sound as it is, and a table asks for hundreds.
    """
    whole = texts.completed(language)
    return whole, sound_texts(whole, language)
