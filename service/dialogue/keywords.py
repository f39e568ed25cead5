"""What an SMS means: the word it begins with, however it is spelt, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.text.edits import one_slip_apart
from service.text.syllables import is_syllable

from .arguments import SHAPES, is_courtesy, is_plain_argument
from .intents import NEVER_GUESSED, OPT_OUT
from .spelling import BETWEEN, TOKEN, Beginning, beginnings
from .wordlist import COPIED, NO_MEANINGS, NOTHING, POLITE, Care, Word, read_words

LOOKED_AT: Final = 160
"""Characters at the beginning of a text in which a keyword may stand: one SMS."""
SHORTEST_SLIP: Final = 4
"""Letters of the shortest word that a slip of a finger may mean; shorter ones are near anything."""
MOST_ASKED: Final = 4
"""Words behind a weak keyword with which it is still asked about; more are a sentence."""


@dataclass(frozen=True, slots=True)
class Match:
    """Certainly this; `rest` is what stands behind the keyword, as typed."""

    intent: str
    rest: str


@dataclass(frozen=True, slots=True)
class Between:
    """One of two, to be asked which; `rest` is what stands behind the keyword, as typed."""

    intents: tuple[str, str]
    rest: str


@dataclass(frozen=True, slots=True)
class Guess:
    """Perhaps this, to be done only after a yes; `rest` is what stands behind it, as typed."""

    intent: str
    rest: str


Reading = Match | Between | Guess | None
"""What a text means to us; None: no keyword, its own words are what was meant."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A word at the beginning of a text, and what stands behind it."""

    word: Word
    typed: tuple[str, ...]
    """What stands in its place: its words, or what a finger made of them."""
    rest: str
    end: int

    def says(self, what: str) -> bool:
        """Whether the word is there to say `what` and nothing else."""
        return self.word.meanings == (what,)

    def meanings(self, leads: bool) -> tuple[str, ...]:
        """Return what the word means with these words behind it, from this sender."""
        for also in self.word.also:
            if (leads or not also.leaders) and SHAPES[also.argument](self.rest):
                return (also.meaning,)
        return self.word.meanings

    @property
    def is_before_the_matter(self) -> bool:
        """Whether the matter itself is still to come."""
        return self.says(POLITE) or self.says(COPIED)

    @property
    def real(self) -> bool:
        """Whether what was typed in its place is real words, which rather mean themselves."""
        return all(map(is_syllable, self.typed))

    @property
    def argued(self) -> bool:
        """Whether its argument stands behind it, and could be nothing else."""
        return is_plain_argument(self.word.argument, self.rest)

    @property
    def complete(self) -> bool:
        """Whether nothing but its argument stands behind it."""
        return self.argued or is_courtesy(self.rest)


class Keywords:
    """A table of words and what they mean; the longest one at the beginning wins."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._words = read_words(source)
        self._longest = max(map(len, self._words), default=0)
        self._starts = {spelt[:end] for spelt in self._words for end in range(1, len(spelt) + 1)}
        self._slips = [
            word
            for word in self._words.values()
            if len(word.spelt) >= SHORTEST_SLIP
            and word.spelt.isalpha()
            and not word.exact
            and not NO_MEANINGS.intersection(word.meanings)
            and not NEVER_GUESSED.intersection(word.meanings)
        ]

    def match(self, text: str) -> Match | None:
        """Return the keyword a text begins with, spelt right, whatever stands behind it."""
        found = self._longest_at(text, 0, readings=1)
        return _match(found) if found else None

    def find(self, text: str) -> Match | None:
        """Return the keyword a text has anywhere; `rest` is the text, without it if it is a name.

        The first that is sure, else the first name, be it with a slip of a finger, else the first
        that people say.
        """
        best: dict[Care, Match] = {}
        for token in TOKEN.finditer(text):
            start = token.start()
            found = self._longest_at(text, start) or self._name_at(text, start)
            match = _match(found) if found else None
            if found is None or match is None:
                continue
            if (care := found.word.care) in {Care.KEEP, Care.HINT}:
                best.setdefault(care, Match(match.intent, text.strip()))
            else:
                best.setdefault(
                    Care.SURE, Match(match.intent, f"{text[:start]}{match.rest}".strip())
                )
        return best.get(Care.KEEP) or best.get(Care.SURE) or best.get(Care.HINT)

    def _name_at(self, text: str, start: int) -> _Found | None:
        """Return the name that one slip of a finger makes of one word, which is none itself."""
        beginning = next(beginnings(text, start, None, self._longest + 1), None)
        if beginning is None or is_syllable(typed := beginning.cleaned[0]):
            return None
        for word in self._slips:
            if word.care is Care.SURE and one_slip_apart(typed, word.spelt):
                return _found(word, text, beginning)
        return None

    def understand(self, text: str, *, leads: bool = False) -> Reading:
        """Return what a text asks for and how sure that is; `leads`: its sender heads a team.

        The keyword has to stand at the beginning, behind polite words at most. Spelt right, with
        Telex keys or with 0 and 1 for O and I it is certain, unless it is a word that also begins
        ordinary sentences and one follows. With a slip of a finger it is a guess.
        """
        start, polite = 0, False
        while (found := self._longest_at(text, start, LOOKED_AT)) and found.is_before_the_matter:
            start, polite = found.end, polite or found.says(POLITE)
        if found is not None and found.says(NOTHING):
            return None
        if found is not None and (certain := _certain(found, leads, polite=polite)):
            return certain
        slip = self._slip_at(text, start, longer_than=len(found.word.spelt) if found else 0)
        if slip is not None:
            return _guess(slip, leads, polite=polite)
        return _asked(found, polite=polite) if found is not None else None

    def _longest_at(
        self, text: str, start: int, before: int | None = None, *, readings: int = 3
    ) -> _Found | None:
        """Return the longest word that begins at `start`, if that is not behind `before`."""
        found = None
        for beginning in beginnings(text, start, before, self._longest):
            possible = beginning.readings[:readings]
            if self._starts.isdisjoint(possible):
                break
            words = (self._words[reading] for reading in possible if reading in self._words)
            if (word := next(words, None)) is not None:
                found = _found(word, text, beginning)
        return found

    def _slip_at(self, text: str, start: int, *, longer_than: int) -> _Found | None:
        """Return the longest word of more than so many letters that one slip makes of the first."""
        best = None
        for beginning in beginnings(text, start, LOOKED_AT, self._longest + 1):
            typed = beginning.readings[-1]
            if not typed.isalpha():
                break
            for word in self._slips:
                longest = len(best.word.spelt) if best else longer_than
                if len(word.spelt) > longest and one_slip_apart(typed, word.spelt):
                    found = _found(word, text, beginning)
                    if _is_a_slip(found):
                        best = found
        return best


def _found(word: Word, text: str, beginning: Beginning) -> _Found:
    rest = text[beginning.end :].lstrip(BETWEEN).rstrip()
    return _Found(word, beginning.cleaned, rest, beginning.end)


def _match(found: _Found) -> Match | None:
    meaning = found.word.meanings[0]
    clear = len(found.word.meanings) == 1 and meaning not in NO_MEANINGS
    return Match(meaning, found.rest) if clear else None


def _certain(found: _Found, leads: bool, *, polite: bool) -> Reading:
    """Return what a word spelt right means, None if that has to be asked or is nothing at all."""
    meanings = found.meanings(leads)
    sure = found.word.care is Care.SURE or meanings != found.word.meanings or found.argued
    return _read(meanings, found.rest, Match) if sure or (found.complete and not polite) else None


def _asked(found: _Found, *, polite: bool) -> Reading:
    """Return what may be asked about a word that is perhaps only the first of a sentence."""
    few = len(TOKEN.findall(found.rest)) <= MOST_ASKED and not polite
    stops = found.says(OPT_OUT)  # rather asked once too often than not heard
    likely = found.complete or few or stops or found.word.argument == "text"
    asks = found.word.care is Care.ASK and likely
    return _read(found.word.meanings, found.rest, Guess) if asks else None


def _is_a_slip(found: _Found) -> bool:
    """Whether this was rather mistyped than meant as it stands."""
    if found.word.care is not Care.SURE and not found.complete:
        return False
    return not found.real or (found.word.several and found.complete)


def _guess(slip: _Found, leads: bool, *, polite: bool) -> Reading:
    meanings = slip.meanings(leads)
    # Whoever wants no more messages and has mistyped it should not have to write again.
    alone = is_courtesy(slip.rest) and not polite
    stops = meanings == (OPT_OUT,) and alone and not slip.real
    return _read(meanings, slip.rest, Match if stops else Guess)


def _read(meanings: tuple[str, ...], rest: str, kind: type[Match | Guess]) -> Reading:
    if kind is Guess and NEVER_GUESSED.intersection(meanings):
        return None
    match meanings:
        case (one, other):
            return Between((one, other), rest)
        case (meaning,):
            return kind(meaning, rest)
    raise ValueError(meanings)
