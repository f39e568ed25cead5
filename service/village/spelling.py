"""The words that names of places are made of, and what a mistyped one may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.areas import AreaWord
from service.text.fold import search_key
from service.text.slips import word_slips

WORD = re.compile(r"[^\W_]+")
LONGEST_NAME = 3
"""Words of a name that are also taken together: "na lib" has a slip, but no long word."""
LONGEST_MISTYPED = 30
"""Letters of a word or name in which a slip is looked for."""
MOST_MEANINGS = 32
"""Ways to correct what was typed that are tried."""
KNOWN = text("SELECT word FROM area_words WHERE word = ANY(:slips)")

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """Return the words of a name, folded, without anything between them."""
    return tuple(WORD.findall(search_key(name)))


def note_words(session: Session, names: Iterable[str]) -> None:
    """Remember the words of names, so that they are found when mistyped."""
    parted = set(map(words_of, names))
    words = {word for parts in parted for word in (*parts, "".join(parts))}
    if words:
        rows: list[dict[str, Any]] = [{"word": word} for word in sorted(words)]
        session.execute(insert(AreaWord).on_conflict_do_nothing(), rows)


def corrected(session: Session, typed: Words) -> list[Words]:
    """Return what may have been meant if there is one slip in what was typed."""
    joined = [(part, "".join(typed[part])) for part in _parts(typed)]
    slips = [(part, word_slips(name)) for part, name in joined if len(name) <= LONGEST_MISTYPED]
    wanted = sorted({slip for _, meant in slips for slip in meant})
    known = set(session.execute(KNOWN, {"slips": wanted}).scalars()) if wanted else set()
    meanings = (
        (*typed[: part.start], slip, *typed[part.stop :])
        for part, meant in slips
        for slip in meant
        if slip in known
    )
    return list(dict.fromkeys(meanings))[:MOST_MEANINGS]


def _parts(typed: Words) -> Iterator[slice]:
    """Yield where a slip may be: in a word, in the name in front, in the larger place behind."""
    size = len(typed)
    yield from (slice(place, place + 1) for place in range(size))
    for length in range(2, min(LONGEST_NAME, size) + 1):
        yield slice(0, length)
        if length < size:
            yield slice(size - length, size)
