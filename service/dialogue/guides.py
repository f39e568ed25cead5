"""The how-to texts: what each rests on, who has reviewed it, and until when it may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from .faults import Fault, Where
from .tables import field_faults
from .texts import DEFAULT_LANGUAGE, Texts

NEEDED: Final = {"topic": str, "title": str, "text": str, "source": str, "expires_at": date}
OPTIONAL: Final = {"reviewer": str, "reviewed_at": date, "awaits": list}
PREFIX: Final = "guide."
"""What the keys of all texts of guides begin with."""


@dataclass(frozen=True, slots=True)
class Guide:
    """One how-to text.

    `topic` is the help topic it belongs to, `title` and `text` are text keys, `source` says where
    its facts are from. `reviewed_at` is None and `reviewer` empty until somebody answers for it;
    `awaits` names whose word is still missing ("native_reader", "authority: ..."). After
    `expires_at` its facts have to be looked up again.
    """

    id: str
    topic: str
    title: str
    text: str
    source: str
    expires_at: date
    reviewer: str = ""
    reviewed_at: date | None = None
    awaits: tuple[str, ...] = ()

    def is_expired(self, today: date) -> bool:
        """Say whether the last day it may be believed is over."""
        return today > self.expires_at

    def days_left(self, today: date) -> int:
        """Return the days until it expires; below zero when it has."""
        return (self.expires_at - today).days


class Guides(tuple[Guide, ...]):
    """All guides, in the order people are shown them."""

    __slots__ = ()

    def expired(self, today: date) -> tuple[Guide, ...]:
        """Return those whose facts have to be looked up again before anybody is told."""
        return tuple(guide for guide in self if guide.is_expired(today))


def read_guides(source: Mapping[str, Any]) -> tuple[Guides, list[Fault]]:
    """Return the guides that are well described, in order, and what is wrong with the others."""
    guides: list[Guide] = []
    faults: list[Fault] = []
    for name, fields in source.items():
        found = list(_faults(at_guide(name), fields))
        faults += found
        if not found:
            said = {name: value for name, value in fields.items() if value is not None}
            guides.append(Guide(name, **{**said, "awaits": tuple(said.get("awaits", ()))}))
    return Guides(guides), faults


def at_guide(name: str) -> Where:
    """Return where the entry of a guide stands."""
    return Where(name, ("guides", name))


def _faults(where: Where, fields: Any) -> Iterator[Fault]:
    found = list(field_faults(where, fields, NEEDED, OPTIONAL))
    yield from found
    if not found and bool(fields.get("reviewer")) != bool(fields.get("reviewed_at")):
        yield where.fault("a reviewer and the day of the review belong together", "reviewer")


def guide_faults(guides: Guides, texts: Texts, topics: Iterable[str]) -> Iterator[Fault]:
    """Yield every guide that names no known topic or has no text, of which others are made."""
    known = frozenset(topics)
    for guide in guides:
        where = at_guide(guide.id)
        if guide.topic not in known:
            yield where.fault(f"{guide.topic!r} is no topic", "topic")
        for field, key in (("title", guide.title), ("text", guide.text)):
            if not key.startswith(PREFIX):
                yield where.fault(f"{key!r} should begin with {PREFIX!r}", field)
            if key not in texts.keys(DEFAULT_LANGUAGE):
                yield where.fault(f"{DEFAULT_LANGUAGE} has no text {key!r}", field)
