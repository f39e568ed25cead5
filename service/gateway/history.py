"""What a carrier's `text` adds to what was answered already.

It is the whole history joined with `*` and nothing is escaped, so an answer may itself hold a `*`.
What was seen is remembered by length and keyed digest: a PIN that stays in the history for the
rest of the call is then not kept in the session.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a history relates to what was answered."""

    NEXT = "next"
    """It goes on by one answer."""
    SAME = "same"
    """The same hop again: the same reply, no second effect."""
    OLDER = "older"
    """A late repetition of an earlier hop."""
    OTHER = "other"
    """Not a continuation at all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a history relates to what was answered, and what was typed if it goes on."""

    kind: Kind
    typed: str = ""


class Histories:
    """Compares histories; `key` keeps the digests from being guessed back."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()[:64]

    def digest(self, text: str) -> str:
        """Return the keyed digest of a history."""
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).hexdigest()

    def read(self, text: str, seen_length: int, seen_digest: str) -> Reading:
        """Compare a history with the one answered before.

        What stands behind the part already seen is one answer, even when it holds a `*`: splitting
        it would let "2*1*1" jump three menus.
        """
        if len(text) < seen_length:
            return Reading(Kind.OLDER)
        if self.digest(text[:seen_length]) != seen_digest:
            return Reading(Kind.OTHER)
        if len(text) == seen_length:
            return Reading(Kind.SAME)
        if seen_length == 0:
            return Reading(Kind.NEXT, text)
        if text[seen_length] != "*":
            return Reading(Kind.OTHER)
        return Reading(Kind.NEXT, text[seen_length + 1 :])
