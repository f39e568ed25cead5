"""What is wrong with the menus, and where it stands, so that whoever mends it finds the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str, ...]
"""The names that lead to a thing from the outside in: ("screens", "topic", "choices", "3").

It begins with "screens" or "starts", with "texts" or "accented" and a language, or with the name
of a table: "gaps", "keywords", "topics", "languages", "guides", "ladder", "reviews". A list's
entries count from 1.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. The place may lead to what is missing; what is around it counts."""

    said: str
    place: Place


@dataclass(frozen=True, slots=True)
class Where:
    """A thing of the menus, with the name sentences call it by: "topic, choice 3"."""

    name: str
    place: Place

    def fault(self, said: str, *inside: str) -> Fault:
        """Say what is wrong with the thing, or with what stands `inside` it."""
        return Fault(f"{self.name}: {said}", (*self.place, *inside))


def at_start(number: int) -> Where:
    """Return where an entry of `starts` stands; the first is 1."""
    return Where(f"starts, entry {number}", ("starts", str(number)))


def at_screen(name: str) -> Where:
    """Return where a screen stands."""
    return Where(name, ("screens", name))


def at_choice(screen: str, key: str) -> Where:
    """Return where a line of a screen stands."""
    return Where(f"{screen}, choice {key}", ("screens", screen, "choices", key))


def at_text(language: str, key: str) -> Where:
    """Return where a sentence stands."""
    return Where(key, ("texts", language, key))


@dataclass(frozen=True, slots=True)
class Located:
    """A fault as it is shown: the file, the line (None when there is no file), what is wrong."""

    file: str
    line: int | None
    said: str

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at}: {self.said}"


class MenuError(Exception):
    """The menu cannot be used; `faults` lists every reason found."""

    def __init__(self, faults: Sequence[Located]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
