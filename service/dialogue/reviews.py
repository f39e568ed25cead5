"""Which Vietnamese texts still await a native reader or an authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from .faults import Fault, Where
from .guides import PREFIX
from .tables import field_faults

OPTIONAL: Final = {"awaits": list, "reviewer": str, "reviewed_at": date}
EVERY: Final = "every text"
"""The entry for all texts that no other entry is for."""


@dataclass(frozen=True, slots=True)
class Review:
    """Whose word the texts under a prefix await, and who has read them on which day."""

    prefix: str
    awaits: tuple[str, ...] = ()
    reviewer: str = ""
    reviewed_at: date | None = None


def read_reviews(source: Mapping[str, Any]) -> tuple[tuple[Review, ...], list[Fault]]:
    """Return the entries that are well described, in order, and what is wrong with the others."""
    reviews: list[Review] = []
    faults: list[Fault] = []
    for prefix, fields in source.items():
        found = list(field_faults(Where(prefix, ("reviews", prefix)), fields, {}, OPTIONAL))
        faults += found
        if not found:
            said = {name: value for name, value in fields.items() if value is not None}
            awaits = tuple(said.pop("awaits", ()))
            reviews.append(Review("" if prefix == EVERY else prefix, awaits, **said))
    return tuple(reviews), faults


def awaited(
    reviews: tuple[Review, ...], keys: tuple[str, ...]
) -> Iterator[tuple[Review, tuple[str, ...]]]:
    """Yield each entry with the texts it is for: those no entry with a longer prefix is for.

    Guides have their own table, and are nobody's here.
    """
    prefixes = [review.prefix for review in reviews]
    owner = {
        key: max((prefix for prefix in prefixes if key.startswith(prefix)), key=len, default=None)
        for key in keys
        if not key.startswith(PREFIX)
    }
    for review in reviews:
        yield review, tuple(key for key in owner if owner[key] == review.prefix)
