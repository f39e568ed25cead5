"""What loading a list would change, and how it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .area_tables import Fault


class What(StrEnum):
    """What becomes of a place, in the order in which it is told."""

    NEW = "new"
    RENAMED = "renamed"
    CHANGED = "changed"
    GONE = "gone"
    RETIRED = "retired"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one place; `before` is its name so far when that ends."""

    what: What
    code: str
    place: str
    before: str = ""

    def __str__(self) -> str:
        """The change on one line."""
        was = f" (was {self.before})" if self.before else ""
        return f"{self.what:<9} {self.code:<5} {self.place}{was}"


@dataclass(slots=True)
class Plan:
    """All changes of a list, or the faults for which nothing is changed."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def said(self) -> Iterator[str]:
        """Yield the changes line by line, and last how many of each there are."""
        for what in What:
            if what is not What.UNCHANGED:
                yield from (str(change) for change in self.changes if change.what is what)
        counted = Counter(change.what for change in self.changes)
        yield ", ".join(f"{counted[what]} {what}" for what in What if counted[what]) or "nothing"


def in_rows(faults: Sequence[Fault]) -> list[Fault]:
    """Return the first fault of each field, row by row: what follows from it says nothing new."""
    first: dict[tuple[int, str], Fault] = {}
    for fault in faults:
        first.setdefault((fault.row, fault.field), fault)
    return sorted(first.values(), key=lambda fault: fault.row)


def doubles(entries: Sequence[tuple[int, str]], column: str) -> Iterator[Fault]:
    """Yield a fault for each entry (row, what must be its own) that stands in the list before."""
    rows: dict[str, int] = {}
    for row, said in entries:
        if said in rows:
            yield Fault(row, column, f"{said} stands in row {rows[said]} too")
        rows.setdefault(said, row)
