"""Every sentence, by key and language, with its gaps filled so that it still fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.text.fold import fold
from service.text.gsm7 import cut

GAP = re.compile(r"\{([a-z_]+)\}")
DEFAULT_LANGUAGE = "vi"


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand in a gap of a text.

    `width` is the most septets a value may take (a longer one is cut: names give way, menu lines
    never); `text` instead makes the value the end of a text key, so that "vneid" becomes the words
    of "topic.vneid" in the reader's language.
    """

    width: int = 0
    text: str | None = None


class Texts:
    """The catalogue of all languages; `say` is the only way a text leaves it."""

    def __init__(self, catalog: Mapping[str, Mapping[str, str]], gaps: Mapping[str, Gap]) -> None:
        self._gaps = dict(gaps)
        self._parts = {
            language: {key: tuple(_parts(text)) for key, text in texts.items()}
            for language, texts in catalog.items()
        }

    def only(self, languages: Iterable[str]) -> Texts:
        """Return the same texts in these languages only."""
        kept = Texts({}, self._gaps)
        kept._parts = {language: self._parts[language] for language in languages}
        return kept

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, Vietnamese first."""
        return tuple(sorted(self._parts, key=lambda code: (code != DEFAULT_LANGUAGE, code)))

    @property
    def gaps(self) -> Mapping[str, Gap]:
        """What may stand in each gap, by its name."""
        return self._gaps

    def keys(self, language: str) -> frozenset[str]:
        """Return the keys that have a text in this language."""
        return frozenset(self._parts.get(language, ()))

    def gaps_of(self, key: str, language: str) -> frozenset[str]:
        """Return the names of the gaps in a text."""
        return frozenset(gap for _, gap in self._parts[language][key] if gap)

    def is_fixed(self, key: str, language: str) -> bool:
        """Say whether a text reads the same for everybody."""
        return not self.gaps_of(key, self._known(language, key))

    def say(self, key: str, language: str, values: Mapping[str, str] | None = None) -> str:
        """Return the text in the language, else in Vietnamese, as GSM-7 with its gaps filled.

        Raises KeyError for a key that no language has. A gap nobody gave a value for is left out.
        """
        language = self._known(language, key)
        parts = self._parts[language][key]
        if len(parts) == 1 and parts[0][1] is None:
            return parts[0][0]
        return "".join(self._filled(parts, language, values or {}))

    def _known(self, language: str, key: str) -> str:
        return language if key in self._parts.get(language, ()) else DEFAULT_LANGUAGE

    def _filled(
        self, parts: tuple[tuple[str, str | None], ...], language: str, values: Mapping[str, str]
    ) -> Iterator[str]:
        for literal, name in parts:
            yield literal
            if name is None:
                continue
            value, gap = values.get(name, ""), self._gaps[name]
            if gap.text is not None:
                yield self.say(f"{gap.text}{value}", language) if value else ""
            else:
                yield cut(fold(value).text.replace("\n", " "), gap.width)

    def widest(self, key: str, language: str) -> str:
        """Return the text as long as its gaps allow, for checking that it fits."""
        return self.say(key, language, self.widest_values(language))

    def widest_values(self, language: str) -> dict[str, str]:
        """Return for every gap the value that takes the most room."""
        values = {name: "M" * gap.width for name, gap in self._gaps.items()}
        for name, gap in self._gaps.items():
            if gap.text is not None:
                values[name] = self._longest_end(gap.text, language)
        return values

    def _longest_end(self, start: str, language: str) -> str:
        keys = [key for key in self.keys(language) if key.startswith(start)]
        longest = max(keys, key=lambda key: len(self.say(key, language)), default=start)
        return longest.removeprefix(start)


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Split a text into pairs of literal words and the gap behind them."""
    pieces = GAP.split(text)
    for at in range(0, len(pieces), 2):
        gap = pieces[at + 1] if at + 1 < len(pieces) else None
        if pieces[at] or gap:
            yield pieces[at], gap
    if text == "":
        yield "", None
