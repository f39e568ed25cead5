"""Judges a table a translator has filled in: each row by itself, and all of them on their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from service.text.fold import tidy

from .faithful import unfaithful
from .fitting import said_too_long, too_long
from .languages import Language
from .model import Menu
from .staleness import digest
from .texts import DEFAULT_LANGUAGE, Texts

KEY, TRANSLATION, SOURCE = "key", "translation", "source"
COLUMNS: Final = (
    KEY, "where", "vietnamese", "english", TRANSLATION, "room", "example", "note", SOURCE,
)  # fmt: skip
"""The columns of a table, in order. The translator fills in `translation` and leaves the others."""
READ: Final = (KEY, TRANSLATION, SOURCE)
"""The columns that are read when the table comes back; the others are for the translator."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it came back: its number in the table (the heading is 1) and the words in it.

    `odd` names the columns that hold something else than words, such as a formula, and what.
    """

    number: int
    cells: Mapping[str, str]
    odd: Mapping[str, str]

    @property
    def key(self) -> str:
        """The key it is for, as it stands there."""
        return self.cells.get(KEY, "").strip()


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row, and in which column."""

    row: int
    key: str
    field: str
    said: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.key or 'no key'}, {self.field}: {self.said}"


@dataclass(frozen=True, slots=True)
class Translated:
    """A text as a keypad phone shows it, as it was written, and the Vietnamese it was made from."""

    words: str
    marked: str
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The texts that may be kept, by key; what is wrong with the other rows; what is late already.

    `outdated` are keys whose Vietnamese has changed since the table was made.
    """

    right: Mapping[str, Translated]
    faults: tuple[RowFault, ...]
    outdated: tuple[str, ...]


def judge(rows: Sequence[Row], menu: Menu, texts: Texts, language: Language) -> Verdict:
    """Judge the rows of a table in a language, against the Vietnamese there is now."""
    ours = {digest(k, texts.written(k, DEFAULT_LANGUAGE)): k for k in texts.keys(DEFAULT_LANGUAGE)}
    times = Counter(row.key for row in rows)
    right: dict[str, Translated] = {}
    faults: list[RowFault] = []
    for row in rows:
        found = [*_key_faults(row, times, ours), *_words_faults(row, texts, language)]
        faults += (RowFault(row.number, row.key, field, said) for field, said in found)
        if not found:
            right[row.key] = _translated(row, texts, language)
    numbers = {row.key: row.number for row in rows}
    words = {key: text.words for key, text in right.items()}
    for key, misfit in too_long(words, menu, texts, language.code):
        faults.append(RowFault(numbers[key], key, TRANSLATION, said_too_long(key, misfit)))
        del right[key]
    faults.sort(key=lambda fault: fault.row)
    outdated = tuple(key for key, text in right.items() if ours.get(text.source) != key)
    return Verdict(right, tuple(faults), outdated)


def may_be_empty(key: str, texts: Texts) -> bool:
    """Say whether a text says nothing in Vietnamese: what a gap holds when there is no more."""
    return key in texts.keys(DEFAULT_LANGUAGE) and not texts.written(key, DEFAULT_LANGUAGE)


def _translated(row: Row, texts: Texts, language: Language) -> Translated:
    """Make a text of a row, begun with a space where the Vietnamese is, which joins a sentence."""
    written = " ".join(tidy(row.cells[TRANSLATION]).split())
    if written and texts.written(row.key, DEFAULT_LANGUAGE).startswith(" "):
        written = f" {written}"
    words = language.on_phones(written)
    return Translated(words, written if written != words else "", row.cells[SOURCE].strip())


def _key_faults(
    row: Row, times: Mapping[str, int], ours: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the columns that say which text a row is for."""
    keys = set(ours.values())
    source = row.cells.get(SOURCE, "").strip()
    if KEY in row.odd:
        yield KEY, row.odd[KEY]
    elif not row.key:
        yield KEY, "is empty"
    elif times[row.key] > 1:
        yield KEY, f"stands in {times[row.key]} rows"
    elif row.key not in keys:
        near = get_close_matches(row.key, sorted(keys), n=1)
        yield KEY, f"there is no such key{f'; did you mean {near[0]}?' if near else ''}"
    elif ours.get(source, row.key) != row.key:
        yield KEY, f"was changed: this is the row of {ours[source]}"
    if SOURCE in row.odd or not source:
        yield SOURCE, row.odd.get(SOURCE, "is empty; export the table again")


def _words_faults(row: Row, texts: Texts, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the words themselves."""
    words = row.cells.get(TRANSLATION, "").strip()
    if TRANSLATION in row.odd:
        yield TRANSLATION, row.odd[TRANSLATION]
    elif not words and not may_be_empty(row.key, texts):
        yield TRANSLATION, "is empty"
    elif row.key in texts.keys(DEFAULT_LANGUAGE):
        yield from ((TRANSLATION, said) for said in unfaithful(row.key, words, texts, language))
