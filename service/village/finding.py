"""Finding places by words as people type them: in part, without marks, by the old names.

What is typed is read as a name and, behind it, a larger place ("coc phia hoa an"), in every way it
can be parted. Each reading is looked up as a name in full, then as the beginning of one, then as
beginnings of its words; and only where nothing is spelt so, with one slip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from .name_index import ALIAS_ROWS, AREA_ROWS, By, Typed, look_up
from .scopes import Scope, Scopes, scopes
from .sightings import Sighting, sighting_of
from .spelling import Words, corrected, words_of
from .titles import Level, readings

MOST = 24
"""Places shown of one search; with more, more letters are asked for."""
MOST_WORDS = 10
"""Words that are looked at: a hamlet, its commune and district, with their titles."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, best first, at most MOST; `more` when there are others that fit less well.

    Nothing and `more` together mean that too many fit equally well.
    """

    sightings: tuple[Sighting, ...] = ()
    more: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return self.more or bool(self.sightings)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read what was typed: a name, of these levels, in this larger place."""

    typed: Typed
    levels: frozenset[Level]
    scope: Scope | None


def find(session: Session, words: str) -> Findings:
    """Search the places for what somebody typed; any text will do.

    A larger place behind the name may be begun only, or something mistyped, if nothing is found
    otherwise.
    """
    typed = words_of(words)[:MOST_WORDS]
    alone = list(_readings(typed, None))
    found = _find(session, [typed], alone, in_full=True)
    if not found:
        found = _find(session, [typed], [], in_full=False)
    if not found:
        meanings = corrected(session, typed)
        alone = [reading for meaning in meanings for reading in _readings(meaning, None)]
        guessed = _find(session, meanings, alone, in_full=True)
        found = Findings(tuple(replace(s, exact=False) for s in guessed.sightings), guessed.more)
    return found


def _find(
    session: Session, meanings: Sequence[Words], alone: Sequence[_Reading], *, in_full: bool
) -> Findings:
    """Search for some readings, and for what was typed parted into a name and a larger place.

    That is a commune or former district if it can be, else a province: "cao bang" is the town
    rather than all there is.
    """
    behind = {typed[cut:] for typed in meanings for cut in range(1, len(typed))}
    near, far = scopes(session, behind, in_full=in_full)
    guessing = len(meanings) > 1
    found = _first_that_fits(session, [*alone, *_scoped(meanings, near)], guessing=guessing)
    return found or _first_that_fits(session, list(_scoped(meanings, far)), guessing=guessing)


def _scoped(meanings: Sequence[Words], scopes: Scopes) -> Iterator[_Reading]:
    for typed in meanings:
        for cut in range(len(typed) - 1, 0, -1):
            if (scope := scopes.get(typed[cut:])) is not None:
                yield from _readings(typed[:cut], scope)


def _readings(name: Words, scope: Scope | None) -> Iterator[_Reading]:
    within = scope.within if scope else None
    for words, levels in readings(name):
        if words:
            yield _Reading(Typed(words, within), levels, scope)


def _first_that_fits(
    session: Session, asked: Sequence[_Reading], *, guessing: bool = False
) -> Findings:
    """Collect places, the best first, for as long as all that fit equally well can be shown.

    When `guessing`, what fits by its beginning is enough.
    """
    found: dict[str, Sighting] = {}
    typed = [reading.typed for reading in asked]
    for by in By:
        if guessing and found:
            break
        rows = look_up(session, by, typed)
        exact = [row for row in rows if row.squeezed == typed[row.reading].name]
        for tier in (exact, rows) if by is By.BEGINNING else (rows,):
            fresh = None if _is_cut(tier) else _fresh(asked, tier, found)
            if fresh is None or len(found) + len(fresh) > MOST:
                return Findings(tuple(found.values()), more=True)
            found |= {sighting.key: sighting for sighting in fresh}
    return Findings(tuple(found.values()))


def _fresh(
    asked: Sequence[_Reading], rows: Sequence[Row[Any]], found: Mapping[str, Sighting]
) -> list[Sighting]:
    """Return the places of some rows that are not found yet, in order."""
    fresh: dict[str, Sighting] = {}
    for row in rows:
        reading = asked[row.reading]
        exact = row.squeezed == reading.typed.name
        sighting = sighting_of(row, reading.scope, exact=exact)
        if sighting is None or sighting.level not in reading.levels or sighting.key in found:
            continue
        if not exact and not _in_that_order(reading.typed.words, sighting.was or sighting.name):
            continue
        before = fresh.get(sighting.key)
        if before is None or before.was:  # rather by its name than by a former one
            fresh[sighting.key] = sighting
    return sorted(fresh.values(), key=lambda sighting: sighting.order)


def _in_that_order(words: Words, name: str) -> bool:
    """Say whether a name goes through the words typed: "quang vinh" is not Vĩnh Quang."""
    squeezed = "".join(words)
    parts = words_of(name)
    if "".join(parts).startswith(squeezed):
        return True
    ahead = iter(parts)
    return all(any(part.startswith(word) for part in ahead) for word in words)


def _is_cut(rows: Sequence[Row[Any]]) -> bool:
    """Say whether a look-up gave as many rows as it may, so that there are probably others."""
    counted = Counter((row.reading, row.kind if row.alias_id is None else None) for row in rows)
    return any(
        rows >= (ALIAS_ROWS if kind is None else AREA_ROWS) for (_, kind), rows in counted.items()
    )
