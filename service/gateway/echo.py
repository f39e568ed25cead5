"""Knowing our own words when they come back.

An answering machine repeats them, or another service of our kind speaks to us; neither is a person
who waits for an answer.
People quote us too: "GIUP VNEID gui 8499" is what we asked them to write. So a text is ours only
when it holds the whole sentence, with whatever names and numbers in it.
"""

from __future__ import annotations

import re

from service.dialogue.texts import SMS_PREFIX, Texts
from service.text.fold import fold

GAP = "Qz"
"""Stands for every value while the sentences are cut to pieces; in no language's words."""
SHORTEST = 25
"""Characters of our own words in a sentence, from which on nobody writes it by chance."""
LONGEST = 480
"""Characters of a text that may be one of ours: a segment, and what machines put around it."""
WIDEST = 60
"""Characters a name or a list of numbers may take."""


class OurWords:
    """Every sentence we send by SMS, in every language."""

    def __init__(self, texts: Texts) -> None:
        values = dict.fromkeys(texts.gaps, GAP)
        said = {
            texts.say(key, language, values)
            for language in texts.languages
            for key in texts.keys(language)
            if key.startswith(SMS_PREFIX)
        }
        self._sentences = [
            _pattern(text) for text in sorted(said) if len(text.replace(GAP, "")) >= SHORTEST
        ]

    def are_in(self, text: str) -> bool:
        """Say whether a text holds a whole sentence of ours."""
        if len(text) > LONGEST:
            return False
        plain = " ".join(fold(text).text.split())
        return any(sentence.search(plain) for sentence in self._sentences)


def _pattern(text: str) -> re.Pattern[str]:
    """Make a pattern of a sentence; names at its ends need not be looked for."""
    pieces = (re.escape(piece) for piece in text.strip().split(GAP))
    return re.compile(rf".{{0,{WIDEST}}}?".join(pieces).removeprefix(rf".{{0,{WIDEST}}}?"))
