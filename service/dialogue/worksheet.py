"""The table a translator is given: every text, where people meet it, and how long it may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .faithful import kept
from .languages import Language
from .model import Menu
from .occurrences import in_order, occurrences
from .room import room_left
from .staleness import Seen, digest, stale_keys
from .texts import DEFAULT_LANGUAGE, INSTEAD_IN_SMS, SMS_PREFIXES, Texts
from .translation import COLUMNS, may_be_empty

ENGLISH: Final = "en"


def worksheet(
    menu: Menu, texts: Texts, language: Language, seen: Mapping[str, Seen]
) -> list[dict[str, str]]:
    """Return the rows of the table for a language, each with all COLUMNS, as a call runs."""
    where = occurrences(menu, texts)
    full = texts.completed(language.code)
    stale = frozenset(stale_keys(texts, language.code, seen))
    rows = []
    for key in in_order(menu, texts, DEFAULT_LANGUAGE):
        vietnamese = texts.written(key, DEFAULT_LANGUAGE)
        values = (
            key,
            where[key],
            vietnamese,
            _there(key, ENGLISH, texts),
            _there(key, language.code, texts, marks=True),
            str(room_left(menu, full, key, language.code)),
            "; ".join(_examples(key, texts)),
            "; ".join(_notes(key, texts, is_stale=key in stale)),
            digest(key, vietnamese),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def _there(key: str, language: str, texts: Texts, *, marks: bool = False) -> str:
    """Return a text as it was written, empty when the language has none."""
    if key not in texts.keys(language):
        return ""
    return texts.written(key, language, marks=marks and texts.has_marks(key, language))


def _examples(key: str, texts: Texts) -> Iterator[str]:
    values = texts.widest_values(DEFAULT_LANGUAGE)
    for name in sorted(texts.gaps_of(key, DEFAULT_LANGUAGE)):
        gap = texts.gaps[name]
        instead = f"{gap.text}{values[name]}"
        if gap.text is not None and instead in texts.keys(DEFAULT_LANGUAGE):
            yield f"{{{name}}} {texts.say(instead, DEFAULT_LANGUAGE)}"
        elif gap.example:
            yield f"{{{name}}} {gap.example} (up to {gap.width} signs)"
        else:
            yield f"{{{name}}} up to {gap.width} signs"


def _notes(key: str, texts: Texts, *, is_stale: bool) -> Iterator[str]:
    if is_stale:
        yield "the Vietnamese has changed since this was translated"
    if may_be_empty(key, texts):
        yield "stays empty"
    gaps = [f"{{{gap}}}" for gap in sorted(texts.gaps_of(key, DEFAULT_LANGUAGE))]
    if must := (*gaps, *kept(texts.written(key, DEFAULT_LANGUAGE))):
        yield f"keep {' '.join(must)}"
    if key.startswith(SMS_PREFIXES):
        yield f"none of {' '.join(INSTEAD_IN_SMS)}"
