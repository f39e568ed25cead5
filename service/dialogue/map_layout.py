"""Where the boxes of the map stand, in columns by distance from the start, and their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .map_rows import COLUMNS, Row
from .model import Menu, Screen
from .ways import next_screens

LETTER = 10.0
"""Height of a letter; all lengths of the map are in tenths of it."""
CHARACTER = 6.02
"""Width of one, in the usual fixed-width fonts."""
LINE, HEAD, PAD = 13.0, 18.0, 7.0
NAMES = 108.0
"""Room for the name of the screen a line leads to."""
WIDTH = COLUMNS * CHARACTER + NAMES + 2 * PAD
BETWEEN_BOXES, TAB = 16.0, 14.0
TRACK, MARGIN, BADGE = 8.0, 16.0, 10.0


Port = tuple[str, int]
"""A screen and the number of one of its rows."""


@dataclass(slots=True)
class Box:
    """A screen on the map."""

    screen: Screen
    rows: Sequence[Row]
    column: int
    tab: str
    """Written above it where a call may begin."""
    x: float = 0
    y: float = 0

    @property
    def height(self) -> float:
        """Its height, from the tab to the last line."""
        return (TAB if self.tab else 0) + HEAD + LINE * len(self.rows) + PAD

    @property
    def top(self) -> float:
        """The height at which its frame begins."""
        return self.y + (TAB if self.tab else 0)

    @property
    def entry(self) -> float:
        """The height at which lines arrive."""
        return self.top + HEAD / 2

    def row(self, number: int) -> float:
        """Return the height of the middle of a row."""
        return self.top + HEAD + LINE * number + LINE / 2 + 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a row to the next column: along, up or down at `bend`, along."""

    start: tuple[float, float]
    bend: float
    end: tuple[float, float]
    colour: int
    """A number of its target in that column, so that neighbours differ."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything with its place. A way without a line leads back, and is told by name alone."""

    boxes: Mapping[str, Box]
    lines: Mapping[Port, Line]
    width: float
    height: float


@dataclass(slots=True)
class _Bus:
    """All lines between two columns that lead to the same screen."""

    target: Box
    ports: list[Port]
    heights: list[float]
    track: int = 0

    @property
    def falls(self) -> bool:
        return self.heights[0] <= self.target.entry

    def meets(self, other: _Bus) -> bool:
        mine, theirs = (
            (min(*bus.heights, bus.target.entry), max(*bus.heights, bus.target.entry))
            for bus in (self, other)
        )
        return mine[0] <= theirs[1] + LINE and theirs[0] <= mine[1] + LINE


def lay_out(menu: Menu, rows: Mapping[str, Sequence[Row]]) -> Layout:
    """Place the screens there are rows of."""
    roots = _roots(menu, rows.keys())
    boxes = {
        name: Box(menu.screens[name], rows[name], column, _tab(menu, name))
        for name, column in _columns(menu, roots, rows.keys()).items()
    }
    _stack(boxes, roots)
    lines: dict[Port, Line] = {}
    x = MARGIN
    for number in range(max(box.column for box in boxes.values()) + 1):
        for box in boxes.values():
            if box.column == number:
                box.x = x
        buses = _buses(boxes, number)
        tracks = max((bus.track + 1 for bus in buses), default=0)
        right = x + WIDTH
        x = right + 2 * BADGE + TRACK * (tracks + 1)
        for colour, bus in enumerate(buses):
            bend = right + 2 * BADGE + TRACK * bus.track
            for port, height in zip(bus.ports, bus.heights, strict=True):
                lines[port] = Line((right, height), bend, (x, bus.target.entry), colour)
    height = max(box.y + box.height for box in boxes.values())
    return Layout(boxes, lines, right + MARGIN, height + MARGIN)


def _roots(menu: Menu, shown: Collection[str]) -> list[str]:
    """Return the screens distances are counted from.

    The screen everybody gets home to comes first: beside it most of the others find room. Then
    those a call may begin with, and those that are led to from a screen that is not shown.
    """
    starts = (menu.starts[-1].screen, *(start.screen for start in menu.starts))
    hidden = (screen for screen in menu.screens.values() if screen.id not in shown)
    entered = (target for screen in hidden for target in next_screens(screen))
    return [name for name in dict.fromkeys((*starts, *entered)) if name in shown]


def _columns(menu: Menu, roots: Sequence[str], shown: Collection[str]) -> dict[str, int]:
    """Return the column of each screen: how many answers it is away from the first root it can.

    Screens a call may begin with stand in the first column, wherever else they are led to from.
    """
    found: dict[str, int] = {}
    for root in roots:
        ahead, distance = [root] if root not in found else [], 0
        while ahead:
            found.update(dict.fromkeys(ahead, distance))
            reached = [target for name in ahead for target in next_screens(menu.screens[name])]
            known = found.keys() | menu.fresh
            ahead = [t for t in dict.fromkeys(reached) if t in shown and t not in known]
            distance += 1
    return found


def _tab(menu: Menu, name: str) -> str:
    told = (
        f"{number}. if {start.when}" if start.when else f"{number}. otherwise"
        for number, start in enumerate(menu.starts, start=1)
        if start.screen == name
    )
    return ", ".join(told)


def _stack(boxes: Mapping[str, Box], roots: Sequence[str]) -> None:
    """Give every box its height: beside the screen that leads there, below what stands there."""
    children, taken = defaultdict[str, list[str]](list), set[str]()
    for name, box in boxes.items():
        for target in next_screens(box.screen):
            beside = target in boxes and boxes[target].column == box.column + 1
            if beside and target not in taken:
                taken.add(target)
                children[name].append(target)
    free = defaultdict[int, float](lambda: MARGIN)

    def place(name: str, height: float) -> None:
        box = boxes[name]
        box.y = max(height, free[box.column])
        free[box.column] = box.y + box.height + BETWEEN_BOXES
        for child in children[name]:
            place(child, box.y)

    for root in roots:
        if boxes[root].column == 0:
            place(root, MARGIN)


def _buses(boxes: Mapping[str, Box], column: int) -> list[_Bus]:
    """Return the lines from a column to the next by target, each with a track of its own.

    Those that fall take the tracks from the right, the nearest target first, and so do those that
    rise: then no two of a kind cross.
    """
    buses: dict[str, _Bus] = {}
    for name, box in boxes.items():
        for number, row in enumerate(box.rows):
            target = boxes.get(row.way.target) if row.way and box.column == column else None
            if target is not None and target.column == column + 1:
                bus = buses.setdefault(target.screen.id, _Bus(target, [], []))
                bus.ports.append((name, number))
                bus.heights.append(box.row(number))
    ordered = sorted(
        buses.values(), key=lambda bus: (bus.falls, bus.target.y * (-1 if bus.falls else 1))
    )
    for number, bus in enumerate(ordered):
        before = (other.track + 1 for other in ordered[:number] if other.meets(bus))
        bus.track = max(before, default=0)
    return ordered
