"""What loading a list of teams would change, and how it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from .area_tables import Fault


class What(StrEnum):
    """What becomes of a team or of somebody in it, in the order in which it is told."""

    NEW = "new"
    CHANGED = "changed"
    JOINS = "joins"
    ROLE = "role"
    LEAVES = "leaves"
    SKIPPED = "skipped"
    NOTE = "note"
    UNCHANGED = "unchanged"


COUNTED = {
    What.NEW: "new",
    What.CHANGED: "changed",
    What.JOINS: "joining",
    What.ROLE: "with another role",
    What.LEAVES: "leaving",
    What.SKIPPED: "skipped",
    What.UNCHANGED: "unchanged",
}
"""How each is counted; a note is no change."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that becomes of a team or a member."""

    what: What
    said: str

    def __str__(self) -> str:
        """The change on one line."""
        return f"{self.what:<8} {self.said}"


@dataclass(slots=True)
class Changes:
    """All changes of a list, or the faults for which nothing is changed."""

    teams: list[Change] = field(default_factory=list)
    members: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    put_back: int = 0
    """Requests that go back on their ladder since who had them leaves."""
    welcomed: int = 0
    """Phones that are told they are in a team."""

    def said(self) -> Iterator[str]:
        """Yield the changes line by line, and last how many of each there are."""
        for what in What:
            if what is not What.UNCHANGED:
                changes = (*self.teams, *self.members)
                yield from (str(change) for change in changes if change.what is what)
        yield f"teams: {_counted(self.teams)}; members: {_counted(self.members)}"
        if self.put_back:
            yield f"requests put back on their ladder: {self.put_back}"
        if self.welcomed:
            yield f"phones that get a message of welcome by day: {self.welcomed}"


def _counted(changes: list[Change]) -> str:
    many = Counter(change.what for change in changes)
    return ", ".join(f"{many[what]} {noun}" for what, noun in COUNTED.items() if many[what]) or "0"
