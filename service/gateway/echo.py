"""Knowing our own words when they come back.

An answering machine repeats them, or another service of our kind speaks to us; neither is a person
who waits for an answer.
People quote us too: "GIUP VNEID gui 8499" is what we asked them to write. So a text is ours only
when it holds the whole sentence, with whatever names and numbers in it, or two lines of a menu of
ours, which is walked by SMS too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.dialogue.model import BACK, MORE, Menu
from service.dialogue.texts import SMS_PREFIXES, Texts
from service.text.fold import fold

GAP = "Qz"
"""Stands for every value while the sentences are cut to pieces; in no language's words."""
SHORTEST = 25
"""Characters of our own words in a sentence, from which on nobody writes it by chance."""
LONGEST = 480
"""Characters of a text that may be one of ours: a segment, and what machines put around it."""
WIDEST = 150
"""Characters a name, a list or a question may take."""
MENU_LINES = 2
"""Lines of our menus, from which on nobody writes them by chance."""


class OurWords:
    """Every sentence and every line of a menu we send by SMS, in every language."""

    def __init__(self, texts: Texts, menu: Menu) -> None:
        values = dict.fromkeys(texts.gaps, GAP)
        on_screens = {screen.text for screen in menu.screens.values()}
        said = {
            texts.say(key, language, values)
            for language in texts.spoken
            for key in texts.keys(language)
            if key.startswith(SMS_PREFIXES) or key in on_screens
        }
        self._lines = frozenset(_lines(texts, menu))
        self._sentences = [
            _pattern(text) for text in sorted(said) if len(text.replace(GAP, "")) >= SHORTEST
        ]

    def are_in(self, text: str) -> bool:
        """Say whether a text holds a whole sentence of ours."""
        if len(text) > LONGEST:
            return False
        plain = " ".join(fold(text).text.split())
        if sum(line in plain for line in self._lines) >= MENU_LINES:
            return True
        return any(sentence.search(plain) for sentence in self._sentences)


def _lines(texts: Texts, menu: Menu) -> Iterator[str]:
    """Yield the lines that read the same for everybody, and what stands above those that do not."""
    screens = menu.screens.values()
    lines = [(f"{choice.key} ", choice.text) for screen in screens for choice in screen.choices]
    lines += [("", screen.text) for screen in screens if screen.lists]
    for language in texts.spoken:
        for key, text in [*lines, (f"{BACK} ", "nav.back"), (f"{MORE} ", "nav.more")]:
            if texts.is_fixed(text, language):
                yield f"{key}{texts.say(text, language)}"


def _pattern(text: str) -> re.Pattern[str]:
    """Make a pattern of a sentence; names at its ends need not be looked for."""
    inner = text.strip().removeprefix(GAP).removesuffix(GAP).strip()
    pieces = (re.escape(piece) for piece in inner.split(GAP))
    return re.compile(rf".{{0,{WIDEST}}}?".join(pieces))
