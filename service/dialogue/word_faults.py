"""What is wrong with a table of words, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from service.text.edits import one_slip_apart

from .arguments import SHAPES
from .faults import Fault, Place, Where
from .spelling import spelling
from .wordlist import NO_MEANINGS, OR, Care

FIELDS: Final = frozenset({"argument", "leaders", "exact", "also", *(care.value for care in Care)})
LISTS: Final = (*(care.value for care in Care), "exact", "also")
UNCLEAR: Final = frozenset({"DUNG", "BO", "BAO", "NHAN", "DONG", "TT", "OK"})
"""Words that mean several things without marks, and OK, which people send to anything."""
NUMBERS: Final = frozenset({"112", "113", "114", "115"})
"""The only bare numbers that are words: any other may be the answer to a question."""
CAPITALS: Final = re.compile(r"[\x21-\x60{-~]+( [\x21-\x60{-~]+)*")
NEAR: Final = 3
"""Letters from which on words of different meanings must not be one slip apart."""

Owners = dict[str, "_Word"]
"""The first word of each spelling."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands in a table under one meaning."""

    meaning: str
    group: Mapping[str, Any]
    """By list; a meaning that has nothing but a list has that as its `words`."""
    where: Where
    is_plain: bool
    """Nothing but a list."""

    def word_place(self, listed: str, number: int) -> Place:
        """Return where a word stands below the entry."""
        return (str(number),) if self.is_plain else (listed, str(number))

    def words(self, listed: str) -> Iterator[_Word]:
        """Yield those of a list that are words at all."""
        aliases = self.group.get(listed)
        for number, alias in enumerate(aliases if isinstance(aliases, list) else (), start=1):
            if isinstance(alias, str) and spelling(alias):
                yield _Word(alias, self, listed, self.word_place(listed, number))


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as it stands in a table."""

    alias: str
    entry: _Entry
    listed: str
    inside: Place

    @property
    def meaning(self) -> str:
        return self.entry.meaning

    @property
    def place(self) -> Place:
        return (*self.entry.where.place, *self.inside)

    def fault(self, said: str) -> Fault:
        """Say what is wrong with it, of its meaning."""
        return self.entry.where.fault(said, *self.inside)


def word_faults(
    table: str, source: Mapping[str, Any], known: Iterable[str], *, guessed: bool = False
) -> Iterator[Fault]:
    """Yield what is wrong with a table of words: "keywords" or "topics"; `known` are its meanings.

    A word with two meanings, a meaning nobody knows, one that no word has, an argument of no known
    shape, and what is no word or not in capitals without marks. Where words are `guessed` when a
    finger slipped, also two of different meanings that one slip makes the same, and what is too
    unclear to be a keyword.
    """
    yield from _meaning_faults(table, source, frozenset(known))
    entries = [_entry(table, meaning, entry) for meaning, entry in source.items()]
    owners: Owners = {}
    for entry in entries:
        yield from _group_faults(entry)
        yield from _owner_faults(entry, owners)
    for entry in entries:
        yield from _borrowed_faults(entry, owners)
        yield from _written_faults(entry)
    if guessed:
        yield from _near_faults(entries, owners)
        yield from (fault for entry in entries for fault in _unclear_faults(entry))


def _entry(table: str, meaning: str, entry: Any) -> _Entry:
    is_plain = not isinstance(entry, dict)
    group = {Care.SURE.value: entry} if is_plain else entry
    return _Entry(meaning, group, Where(meaning, (table, meaning)), is_plain)


def _meaning_faults(
    table: str, source: Mapping[str, Any], known: frozenset[str]
) -> Iterator[Fault]:
    for entry in source:
        meanings = [] if entry in NO_MEANINGS else entry.split(OR)
        for meaning in sorted(set(meanings) - known):
            yield Fault(f"{meaning!r} is unknown", (table, entry))
        if meanings[2:]:
            yield Where(entry, (table, entry)).fault("more than two")
    for meaning in sorted(known - set(source)):
        yield Fault(f"no word means {meaning!r}", (table,))


def _group_faults(entry: _Entry) -> Iterator[Fault]:
    where, group = entry.where, entry.group
    for field in sorted(set(group) - FIELDS):
        yield where.fault(f"unknown field {field!r}", field)
    argument = group.get("argument", "none")
    if argument not in list(SHAPES):
        said = f"{argument!r} is no shape of an argument: {', '.join(SHAPES)}"
        yield where.fault(said, "argument")
    if not isinstance(group.get("leaders", False), bool):
        yield where.fault("leaders should be true or false", "leaders")
    lists = {listed: group[listed] for listed in LISTS if listed in group}
    if not lists:
        yield where.fault("should be a list of words")
    for listed, aliases in lists.items():
        if not isinstance(aliases, list) or not aliases:
            yield where.fault("should be a list of words", listed)
            continue
        for number, alias in enumerate(aliases, start=1):
            if not isinstance(alias, str):
                said = f"{alias!r} should stand in quotes"
                yield where.fault(said, *entry.word_place(listed, number))
            elif not spelling(alias):
                said = f"{alias!r} has no letter or digit"
                yield where.fault(said, *entry.word_place(listed, number))


def _owner_faults(entry: _Entry, owners: Owners) -> Iterator[Fault]:
    """Note whose each word is; it may be a word of one meaning only, and stand in one list."""
    for word in (word for care in Care for word in entry.words(care.value)):
        owner = owners.setdefault(spelling(word.alias), word)
        if owner.meaning != word.meaning:
            said = f"{word.alias!r} means both {owner.meaning} and {word.meaning}"
            yield Fault(said, word.place)
        elif owner.listed != word.listed:
            said = f"{word.alias!r} is both under {owner.listed} and under {word.listed}"
            yield word.fault(said)


def _borrowed_faults(entry: _Entry, owners: Owners) -> Iterator[Fault]:
    """What `exact` and `also` speak of must be words of this, or of another meaning."""
    for word in (*entry.words("exact"), *entry.words("also")):
        owner = owners.get(spelling(word.alias))
        is_own = owner is not None and owner.meaning == entry.meaning
        if word.listed == "exact" and not is_own:
            yield word.fault(f"exact: {word.alias!r} is none of its words")
        if word.listed == "also" and (owner is None or is_own):
            yield word.fault(f"also: {word.alias!r} has no other meaning")
    if "also" in entry.group and entry.group.get("argument", "none") == "none":
        yield entry.where.fault("also: needs an argument", "also")


def _written_faults(entry: _Entry) -> Iterator[Fault]:
    for word in (word for listed in LISTS for word in entry.words(listed)):
        if CAPITALS.fullmatch(word.alias) is None:
            yield word.fault(f"{word.alias!r} should be in capitals without marks")


def _unclear_faults(entry: _Entry) -> Iterator[Fault]:
    """What people send alone and mean all kinds of things by can be no keyword."""
    if entry.meaning in NO_MEANINGS:
        return
    for word in (word for care in Care for word in entry.words(care.value)):
        alias = word.alias
        if spelling(alias) in map(spelling, UNCLEAR):
            yield word.fault(f"{alias!r} has several meanings, so it can be no keyword")
        elif len(spelling(alias)) == 1 and alias.isalpha():
            yield word.fault(f"{alias!r} is a single letter, so it can be no keyword")
        elif alias.isdecimal() and alias not in NUMBERS:
            yield word.fault(f"{alias!r} is a bare number, which is an answer")


def _near_faults(entries: Iterable[_Entry], owners: Owners) -> Iterator[Fault]:
    exact = {spelling(word.alias) for entry in entries for word in entry.words("exact")}
    near = [
        (spelt, word)
        for spelt, word in owners.items()
        if len(spelt) >= NEAR and spelt not in exact and word.meaning not in NO_MEANINGS
    ]
    for (one, this), (other, that) in combinations(near, 2):
        if this.meaning != that.meaning and one_slip_apart(one, other):
            said = (
                f"{this.alias!r} ({this.meaning}) and {that.alias!r} ({that.meaning}) are one slip"
                " of a finger apart: put one of them under `exact` too"
            )
            yield Fault(said, that.place)
