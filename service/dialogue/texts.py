"""Every sentence, by key and language, with its gaps filled so that it still fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.text.fold import fold
from service.text.gsm7 import cut, septets

GAP = re.compile(r"\{([a-z_]+)\}")
DEFAULT_LANGUAGE = "vi"
SMS_PREFIX = "sms."
"""Texts under this prefix are sent as SMS and must fit one segment."""
INSTEAD_IN_SMS = {
    "#": ".",
    "&": "+",
    "%": " phan tram",
    "@": "a",
    "\\": "/",
    **dict.fromkeys("[{<", "("),
    **dict.fromkeys("]}>", ")"),
}
"""Signs that senders refuse in an SMS (some forbid # and &, others % # & [ ] { } \\ < @), and what
is written for them in the words a villager typed."""
_INSTEAD = str.maketrans(INSTEAD_IN_SMS)


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand in a gap of a text.

    `width` is the most septets a value may take (a longer one is cut: names give way, menu lines
    never); `text` instead makes the value the end of a text key, so that "vneid" becomes the words
    of "topic.vneid" in the reader's language. A value that no key has (a topic that was taken out
    of the menu while a request with it is open) stands there as it is.
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
        filled = self._filled(parts, language, values or {}, in_sms=key.startswith(SMS_PREFIX))
        return "".join(filled)

    def _known(self, language: str, key: str) -> str:
        return language if key in self._parts.get(language, ()) else DEFAULT_LANGUAGE

    def _filled(
        self,
        parts: tuple[tuple[str, str | None], ...],
        language: str,
        values: Mapping[str, str],
        *,
        in_sms: bool,
    ) -> Iterator[str]:
        for literal, name in parts:
            yield literal
            if name is None or not (value := values.get(name, "")):
                continue
            gap = self._gaps[name]
            key = f"{gap.text}{value}"
            if gap.text is not None and key in self._parts.get(self._known(language, key), ()):
                yield self.say(key, language)
            else:
                width = gap.width or self._widest_end(gap.text or "", language)
                yield cut(_plain(value, in_sms=in_sms), width)

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
        ends = {
            key: sum(len(literal) for literal, _ in parts)
            for key, parts in self._parts.get(language, {}).items()
            if key.startswith(start)
        }
        return max(ends, key=lambda key: ends[key], default=start).removeprefix(start)

    def _widest_end(self, start: str, language: str) -> int:
        end = self._longest_end(start, language)
        return septets(self.say(f"{start}{end}", language)) if end else 0


def _plain(value: str, *, in_sms: bool) -> str:
    """Return a value on one line in what a keypad phone shows and a sender lets through."""
    plain = " ".join(fold(value).text.split())
    return plain.translate(_INSTEAD) if in_sms else plain


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Split a text into pairs of literal words and the gap behind them."""
    pieces = GAP.split(text)
    for at in range(0, len(pieces), 2):
        gap = pieces[at + 1] if at + 1 < len(pieces) else None
        if pieces[at] or gap:
            yield pieces[at], gap
    if text == "":
        yield "", None
