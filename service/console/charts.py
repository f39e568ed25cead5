"""Draws curves as SVG. Pure: numbers and words in, a picture out.

It reads without colour and on paper: one line is plain, two or three differ by their dashes and
marks and have their names at their ends. What was not measured is a gap, shaded, and never a zero.
Nothing is styled inline, since the pages allow none: attributes and classes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, log10

BIG, SMALL = (400, 196), (300, 128)
"""Units of a picture; at 13 of them a letter is read on a phone as well as on a wide screen."""
LEFT, TOP, BOTTOM, ROOM = 46, 22, 24, 10
LETTER, BOLD = 7.2, 8.4
"""About how wide a letter is."""
APART, HIGHEST_NAME = 14, 12.0
STEPS = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10)
DASHES = ("", "7 4", "2 4")
MARKS_IN_A_LINE = 9

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name and its values, None where there is none."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn; `marks` are the places on the row of times that are named, with their names.

    `about` holds the ids of the heading and the caption, which say it to whoever cannot see it.
    """

    lines: Sequence[Line]
    marks: Sequence[tuple[int, str]]
    said: Callable[[float], str]
    about: tuple[str, str]
    is_low: bool = False
    shades: bool = True
    """Whether a gap is shaded."""


def draw(picture: Picture) -> str:
    """Return the picture as an SVG element."""
    paper = _Paper(picture)
    parts = [
        '<svg class="chart" role="img" font-size="13" fill="currentColor"',
        f' aria-labelledby="{" ".join(picture.about)}" viewBox="0 0 {paper.width} {paper.height}">',
        *(paper.gaps() if picture.shades else ()),
        *paper.grid(),
        *paper.times(),
    ]
    for nth, line in enumerate(picture.lines):
        parts += paper.line(nth, line)
    parts += paper.names() if len(picture.lines) > 1 else paper.peak()
    return "".join([*parts, "</svg>"])


def top_of(highest: float) -> float:
    """Return the round whole number a scale ends with, never below 1."""
    if highest <= 1:
        return 1.0
    unit = 10.0 ** int(log10(highest))
    tops = (round(step * unit, 1) for step in (*STEPS, 20))
    return next(top for top in tops if top >= highest and top == int(top))


class _Paper:
    """Places things on a picture."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.width, self.height = SMALL if picture.is_low else BIG
        lines = picture.lines
        self.many = max((len(line.values) for line in lines), default=0)
        known = [value for line in lines for value in line.values if value is not None]
        self.top = top_of(max(known, default=0.0))
        longest = max((len(line.name) for line in lines), default=0) if len(lines) > 1 else 0
        self.right = self.width - ROOM - ceil(longest * BOLD)

    def x(self, place: int) -> float:
        return LEFT + (self.right - LEFT) * place / max(self.many - 1, 1)

    def y(self, value: float) -> float:
        return self.height - BOTTOM - (self.height - BOTTOM - TOP) * value / self.top

    def gaps(self) -> Iterator[str]:
        """Shade where nothing is known of any line."""
        columns = zip(*(line.values for line in self.picture.lines), strict=True)
        empty = [all(value is None for value in column) for column in columns]
        half = (self.right - LEFT) / max(self.many - 1, 1) / 2
        for is_empty, places in groupby(range(len(empty)), key=empty.__getitem__):
            if not is_empty:
                continue
            run = list(places)
            begin, end = max(self.x(run[0]) - half, LEFT), min(self.x(run[-1]) + half, self.right)
            yield (
                f'<rect class="gap" x="{begin:.1f}" y="{TOP}" width="{end - begin:.1f}"'
                f' height="{self.height - BOTTOM - TOP}" fill-opacity=".07"/>'
            )

    def grid(self) -> Iterator[str]:
        whole = self.top / 2 == int(self.top / 2)
        for value in (0.0, self.top / 2, self.top) if whole else (0.0, self.top):
            y = self.y(value)
            yield (
                f'<path class="{"grid" if value else "axis"}" stroke="currentColor"'
                f' stroke-opacity="{".18" if value else ".6"}" d="M{LEFT} {y:.1f}H{self.right}"/>'
                f'<text x="{LEFT - 7}" y="{y + 4.5:.1f}" text-anchor="end">'
                f"{escape(self.picture.said(value))}</text>"
            )

    def times(self) -> Iterator[str]:
        for place, name in self.picture.marks:
            x = self.x(place)
            reach = len(name) * LETTER / 2
            anchor = "start" if x < LEFT + reach - 8 else "middle"
            if x > self.right - reach + ROOM:
                anchor = "end"
            yield (
                f'<path stroke="currentColor" stroke-opacity=".6" d="M{x:.1f} {self.y(0):.1f}v4"/>'
                f'<text x="{x:.1f}" y="{self.height - 6}" text-anchor="{anchor}">'
                f"{escape(name)}</text>"
            )

    def runs(self, line: Line) -> Iterator[list[Point]]:
        """Yield the stretches of a line between its gaps."""
        run: list[Point] = []
        for place, value in enumerate(line.values):
            if value is not None:
                run.append((self.x(place), self.y(value)))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def line(self, nth: int, line: Line) -> Iterator[str]:
        dash = f' stroke-dasharray="{DASHES[nth]}"' if DASHES[nth] else ""
        for run in self.runs(line):
            if len(run) == 1:
                yield self.dot(nth, run[0])
                continue
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
            if len(self.picture.lines) == 1:
                ground = self.y(0)
                yield (
                    f'<path class="under" fill-opacity=".12" d="M{run[0][0]:.1f} {ground:.1f}'
                    f'L{path}V{ground:.1f}Z"/>'
                )
            yield (
                f'<path class="line line-{nth}" fill="none" stroke="currentColor" stroke-width="2"'
                f' stroke-linejoin="round"{dash} d="M{path}"/>'
            )
            if nth:
                apart = max(self.many // MARKS_IN_A_LINE, 1)
                yield from (self.dot(nth, point) for point in run[apart // 2 :: apart])

    def dot(self, nth: int, point: Point) -> str:
        """Mark a point: the second line's marks are round, the third's are square."""
        x, y = point
        if nth == len(DASHES) - 1:
            return f'<path class="mark-{nth}" d="M{x - 3:.1f} {y - 3:.1f}h6v6h-6z"/>'
        return f'<circle class="mark-{nth}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'

    def peak(self) -> Iterator[str]:
        """Name the highest point of a line that is alone."""
        for line in self.picture.lines:
            highest = max((value for value in line.values if value is not None), default=0.0)
            if highest <= 0:
                continue
            x, y = self.x(list(line.values).index(highest)), self.y(highest)
            said = self.picture.said(highest)
            reach = len(said) * BOLD / 2
            anchor = "start" if x - reach < LEFT else "end" if x + reach > self.width else "middle"
            yield self.dot(0, (x, y))
            yield (
                f'<text class="peak" font-weight="600" x="{x:.1f}" y="{y - 8:.1f}"'
                f' text-anchor="{anchor}">{escape(said)}</text>'
            )

    def names(self) -> Iterator[str]:
        """Name each line at its end, no two names on top of each other."""
        ends = [
            (next((v for v in reversed(line.values) if v is not None), 0.0), nth, line.name)
            for nth, line in enumerate(self.picture.lines)
        ]
        ends.sort(key=lambda end: (end[0], -end[1]))
        lowest, places = self.y(0) + 4.5, []
        for value, _, _ in ends:
            places.append(min(self.y(value) + 4.5, lowest))
            lowest = places[-1] - APART
        down = max(HIGHEST_NAME - min(places), 0.0)
        for y, (_, nth, name) in zip(places, ends, strict=True):
            yield (
                f'<text class="name-{nth}" font-weight="600" x="{self.right + 7}"'
                f' y="{y + down:.1f}">{escape(name)}</text>'
            )
