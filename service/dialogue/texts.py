"""Every sentence, by key and language, with its gaps filled so that it still fits."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile

from service.text.fold import Folded, fold, tidy
from service.text.gsm7 import cut, is_gsm7, septets, unknown_characters

from .faults import Fault, Where

GAP = re.compile(r"\{([a-z_]+)\}")
DEFAULT_LANGUAGE = "vi"
SMS_PREFIXES = ("sms.", "guide.")
"""Texts under these prefixes are sent as SMS and must fit one segment."""
SENTENCES = ("sms.", "classes.")
"""Texts that stand alone and may begin with a gap: "ba con" and "me Lan" begin a sentence, too."""
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
_DOTS = "..."

Parts = tuple[tuple[str, str | None], ...]
"""A text cut at its gaps: literal words and the name of the gap behind them."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand in a gap of a text.

    `width` is the most septets a value may take (a longer one is cut: names give way, menu lines
    never); `text` makes the value the end of a text key, so that "vneid" becomes the words of
    "topic.vneid" in the reader's language. A value that no key has (a topic that was taken out of
    the menu while a request with it is open, or a name, where there is a width too) stands there as
    it is. `example` is a value such as may stand there, for whoever translates.
    """

    width: int = 0
    text: str | None = None
    example: str = ""


class Texts:
    """The catalogue of all languages; `say` is the only way a text leaves it."""

    def __init__(
        self,
        catalog: Mapping[str, Mapping[str, str]],
        gaps: Mapping[str, Gap],
        marked: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Take the texts by language and key; `marked` are those there are with marks too."""
        self._gaps = dict(gaps)
        self._in_gaps = tuple({gap.text for gap in gaps.values() if gap.text is not None})
        self._parts = {language: _cut_all(texts) for language, texts in catalog.items()}
        self._marked = {language: _cut_all(texts) for language, texts in (marked or {}).items()}
        self._offered = frozenset(self._parts)
        self._widest: dict[str, Mapping[str, str]] = {}
        self._ordered: dict[str, list[str]] = {}

    def only(self, offered: Iterable[str], spoken: Iterable[str] = ()) -> Texts:
        """Return the texts in these languages only.

        Those `spoken` but not offered are kept for whoever chose them while they were: what they
        lack is said in Vietnamese.
        """
        kept = Texts({}, self._gaps)
        kept._offered = frozenset(offered)
        languages = {*kept._offered, *spoken}
        kept._parts = {code: parts for code, parts in self._parts.items() if code in languages}
        kept._marked = {code: parts for code, parts in self._marked.items() if code in languages}
        return kept

    def with_words(self, language: str, words: Mapping[str, str]) -> Texts:
        """Return the same texts with these words in the language instead of what it has."""
        changed = Texts({}, self._gaps)
        changed._offered, changed._marked = self._offered, self._marked
        changed._parts = dict(self._parts)
        changed._parts[language] = {**self._parts.get(language, {}), **_cut_all(words)}
        if not any(key.startswith(self._in_gaps) for key in words):
            changed._widest = self._widest
        return changed

    def completed(self, language: str) -> Texts:
        """Return the same texts, where the language has the Vietnamese words for all it lacks."""
        lacking = self.keys(DEFAULT_LANGUAGE) - self.keys(language)
        return self.with_words(
            language, {key: self.written(key, DEFAULT_LANGUAGE) for key in lacking}
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages people may choose, Vietnamese first."""
        return _vietnamese_first(self._offered)

    @property
    def spoken(self) -> tuple[str, ...]:
        """The languages there are texts in, offered or not, Vietnamese first."""
        return _vietnamese_first(self._parts)

    @property
    def gaps(self) -> Mapping[str, Gap]:
        """What may stand in each gap, by its name."""
        return self._gaps

    def keys(self, language: str) -> frozenset[str]:
        """Return the keys that have a text in this language."""
        return frozenset(self._parts.get(language, ()))

    def listed(self, language: str) -> tuple[str, ...]:
        """Return the keys that have a text in this language, in the order of its file."""
        return tuple(self._parts.get(language, ()))

    def written(self, key: str, language: str, *, marks: bool = False) -> str:
        """Return a text as it stands in its file, gaps and all; raises KeyError for none."""
        parts = self._marked[language][key] if marks else self._parts[language][key]
        return "".join(f"{literal}{{{gap}}}" if gap else literal for literal, gap in parts)

    def has_marks(self, key: str, language: str) -> bool:
        """Say whether there is a form of a text with marks."""
        return key in self._marked.get(language, ())

    def mark_faults(self, language: str) -> Iterator[Fault]:
        """Yield every text with marks that is not, without them, what the language says."""
        for key in self._marked.get(language, ()):
            where = Where(key, ("accented", language, key))
            if key not in self.keys(language):
                yield where.fault(f"{language} has no such text")
                continue
            marked = fold(self.written(key, language, marks=True))
            if marked != Folded(self.written(key, language), ()):
                yield where.fault(f"not the words of {language} with marks")

    def gaps_of(self, key: str, language: str) -> frozenset[str]:
        """Return the names of the gaps in a text, as the language or else Vietnamese has it."""
        parts = self._parts[self._known(language, key)][key]
        return frozenset(gap for _, gap in parts if gap)

    def is_fixed(self, key: str, language: str) -> bool:
        """Say whether a text reads the same for everybody."""
        return not self.gaps_of(key, language)

    def say(
        self,
        key: str,
        language: str,
        values: Mapping[str, str] | None = None,
        *,
        marks: bool = False,
    ) -> str:
        """Return the text in the language, else in Vietnamese, with its gaps filled.

        As GSM-7; with `marks` for somebody who asked for SMS with marks: the form with marks and
        names as they are written, where there is one, else GSM-7 all the same. Raises KeyError for
        a key that no language has. A gap nobody gave a value for is left out.
        """
        said = self._say(key, language, values or {}, key.startswith(SMS_PREFIXES), marks)
        return said[:1].upper() + said[1:] if key.startswith(SENTENCES) else said

    def _say(
        self, key: str, language: str, values: Mapping[str, str], in_sms: bool, marks: bool
    ) -> str:
        language = self._known(language, key)
        marks = marks and self.has_marks(key, language)
        parts = (self._marked if marks else self._parts)[language][key]
        if len(parts) == 1 and parts[0][1] is None:
            return parts[0][0]
        return "".join(self._filled(parts, language, values, in_sms=in_sms, marks=marks))

    def _known(self, language: str, key: str) -> str:
        return language if key in self._parts.get(language, ()) else DEFAULT_LANGUAGE

    def _filled(
        self, parts: Parts, language: str, values: Mapping[str, str], *, in_sms: bool, marks: bool
    ) -> Iterator[str]:
        for literal, name in parts:
            yield literal
            if name is None or not (value := values.get(name, "")):
                continue
            gap = self._gaps[name]
            key = f"{gap.text}{value}"
            if gap.text is not None and key in self._parts.get(self._known(language, key), ()):
                yield self._say(key, language, values, in_sms, marks)
            else:
                width = gap.width or self._widest_end(gap.text or "", language)
                yield _cut(_plain(value, in_sms=in_sms, marks=marks), width)

    def widest(self, key: str, language: str) -> str:
        """Return the text as long as its gaps allow, for checking that it fits."""
        return self.say(key, language, self.widest_values(language))

    def widest_values(self, language: str) -> Mapping[str, str]:
        """Return for every gap the value that takes the most room."""
        if language not in self._widest:
            self._widest[language] = self._find_widest(language)
        return self._widest[language]

    def _find_widest(self, language: str) -> Mapping[str, str]:
        values = {name: "M" * gap.width for name, gap in self._gaps.items()}
        for _ in range(2):  # what stands in a gap may have gaps itself, one deep
            for name, gap in self._gaps.items():
                if gap.text is not None:
                    end, longest = self._longest_end(gap.text, language, values)
                    values[name] = end if longest >= gap.width else "M" * gap.width
        return values

    def _longest_end(self, start: str, language: str, values: Mapping[str, str]) -> tuple[str, int]:
        """Return the end of a key that begins with `start` whose text is the longest, and its size.

        ("", 0) when there is none. Texts with characters a phone cannot show have no length; the
        check at start names them.
        """
        ends: dict[str, int] = {}
        for key in self._beginning(start, language):
            if self.gaps_of(key, language) <= self._gaps.keys():
                text = self.say(key, language, values)
                ends[key] = 0 if unknown_characters(text) else septets(text)
        end = max(ends, key=lambda key: ends[key], default=start)
        return end.removeprefix(start), ends.get(end, 0)

    def _beginning(self, start: str, language: str) -> Iterator[str]:
        """Yield the keys that begin with `start`, in order."""
        if language not in self._ordered:
            self._ordered[language] = sorted(self.keys(DEFAULT_LANGUAGE) | self.keys(language))
        ordered = self._ordered[language]
        behind = islice(ordered, bisect_left(ordered, start), None)
        return takewhile(lambda key: key.startswith(start), behind)

    def _widest_end(self, start: str, language: str) -> int:
        return self._longest_end(start, language, {})[1]


def _vietnamese_first(languages: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(languages, key=lambda code: (code != DEFAULT_LANGUAGE, code)))


def _plain(value: str, *, in_sms: bool, marks: bool) -> str:
    """Return a value on one line in what the reader's phone shows and a sender lets through."""
    plain = " ".join((tidy(value) if marks else fold(value).text).split())
    return plain.translate(_INSTEAD) if in_sms else plain


def _cut(value: str, width: int) -> str:
    """Cut a value to `width` septets, or to as many letters where it has letters with marks."""
    if is_gsm7(value):
        return cut(value, width)
    if len(value) <= width:
        return value
    return value[: max(width - len(_DOTS), 0)].rstrip() + _DOTS[:width]


def _cut_all(texts: Mapping[str, str]) -> dict[str, Parts]:
    return {key: tuple(_parts(text)) for key, text in texts.items()}


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Split a text into pairs of literal words and the gap behind them."""
    pieces = GAP.split(text)
    for at in range(0, len(pieces), 2):
        gap = pieces[at + 1] if at + 1 < len(pieces) else None
        if pieces[at] or gap:
            yield pieces[at], gap
    if text == "":
        yield "", None
