"""The map of the dialogue as an SVG picture: every screen, where each key leads, for A3 paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from .map_layout import (
    CHARACTER,
    HEAD,
    LETTER,
    PAD,
    TAB,
    WIDTH,
    Box,
    Layout,
    Line,
    lay_out,
)
from .map_rows import COLUMNS, Row, rows
from .model import Menu
from .texts import Texts
from .ways import Way

A3 = (420.0, 297.0)
"""Millimetres (ISO 216)."""
EDGE = 8.0
"""Millimetres a printer leaves white."""
LEGIBLE = 1.8
"""Millimetres of a letter below which print is hard to read."""
TITLE = 44.0
SMALL = 0.9
"""Size of small letters beside the others."""
INK = ("#1b5e9e", "#b3541e", "#2f7d32", "#8e24aa", "#00796b", "#b71c1c", "#5d4037", "#37474f")
"""Colours of lines; dark enough to be told apart in grey too by where they run."""
STYLE = """
text { font-family: "DejaVu Sans Mono", "Liberation Mono", Consolas, Menlo, monospace;
  font-size: 10px; fill: #111; white-space: pre }
.title { font-size: 16px; font-weight: bold } .small { font-size: 9px; fill: #444 }
.frame { fill: #fff; stroke: #555; stroke-width: 1 } .end .frame { stroke-width: 2.5 }
.head { fill: #dfe7ee } .start .head { fill: #cde8c9 } .end .head { fill: #3c4650 }
.name { font-weight: bold } .end .on-head { fill: #fff }
.note { font-style: italic; fill: #5a5a5a; font-size: 9px } .gap { fill: #9c4a00 }
.tab { font-weight: bold; fill: #1b6b1f; font-size: 9px }
.to { font-size: 9px } .pill { fill: #ececec; stroke: #777; stroke-width: .6 }
.line { fill: none; stroke-width: 1.2 } .badge { fill: #fff; stroke-width: 1 }
.key { font-size: 8px; font-weight: bold; text-anchor: middle }
"""
GAP = re.compile(r"(\{[a-z_]+\})")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The picture, and how high its letters are when it is printed to fill A3 (millimetres)."""

    svg: str
    letter: float


def draw(
    menu: Menu, texts: Texts, language: str, sources: Mapping[str, str], file: str | None = None
) -> Drawing:
    """Draw a menu without faults in one language; the same menu gives the same picture.

    `sources` names the file of each screen; with `file` only the screens of that one are drawn.
    """
    boxes = _boxes(menu, texts, language, sources, file)
    return _drawing(lay_out(menu, boxes), language, sources)


def draw_sheets(
    menu: Menu, texts: Texts, language: str, sources: Mapping[str, str], file: str | None = None
) -> list[Drawing]:
    """Draw the same on as many sheets as it takes for each to be LEGIBLE.

    Every screen stands on one of them, in the order of the files, where screens that belong
    together follow each other. A way to another sheet is told by the name of the screen.
    """
    sheets: list[Layout] = []
    on_sheet: dict[str, Sequence[Row]] = {}
    for name, box in _boxes(menu, texts, language, sources, file).items():
        fuller = lay_out(menu, {**on_sheet, name: box})
        if sheets and _letter(fuller) >= LEGIBLE:
            on_sheet[name] = box
            sheets[-1] = fuller
        else:
            on_sheet = {name: box}
            sheets.append(lay_out(menu, on_sheet))
    told = (f", sheet {number} of {len(sheets)}" for number in range(1, len(sheets) + 1))
    return [
        _drawing(sheet, language, sources, said) for sheet, said in zip(sheets, told, strict=True)
    ]


def _boxes(
    menu: Menu, texts: Texts, language: str, sources: Mapping[str, str], file: str | None
) -> dict[str, Sequence[Row]]:
    drawn = [screen for screen in menu.screens.values() if file in {None, sources[screen.id]}]
    return {s.id: rows(s, texts, language, opens=s.id in menu.fresh) for s in drawn}


def _paper(layout: Layout) -> tuple[float, float]:
    """Return A3 as the layout fills it best: width and height in millimetres."""
    return A3 if layout.width >= layout.height + TITLE else A3[::-1]


def _letter(layout: Layout) -> float:
    """Return how high its letters are on paper, in millimetres."""
    size = (layout.width, layout.height + TITLE)
    return LETTER * min(
        (side - 2 * EDGE) / of for side, of in zip(_paper(layout), size, strict=True)
    )


def _drawing(layout: Layout, language: str, sources: Mapping[str, str], sheet: str = "") -> Drawing:
    files = sources if len(set(sources.values())) > 1 else {}
    width, height = layout.width, layout.height + TITLE
    paper = _paper(layout)
    body = "\n".join(_parts(layout, language, files, sheet))
    size = f'width="{paper[0]:g}mm" height="{paper[1]:g}mm" viewBox="0 0 {width:.1f} {height:.1f}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} preserveAspectRatio="xMidYMin">\n'
        f"<style>{STYLE}</style>\n{_markers()}\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )
    return Drawing(svg, _letter(layout))


def _markers() -> str:
    inks = {**{f"to{number}": ink for number, ink in enumerate(INK)}, "to-name": "#444"}
    ends = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
        f' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="{ink}"/></marker>'
        for name, ink in inks.items()
    )
    return f"<defs>{ends}</defs>"


def _parts(layout: Layout, language: str, files: Mapping[str, str], sheet: str) -> Iterator[str]:
    yield _text(16, 26, f"Cau Noi: {len(layout.boxes)} screens ({language}){sheet}", "title")
    legend = (
        "A call begins at the first green box whose condition holds, and is over at a dark one."
        " In circles stands the key: n a line of the list, \N{HORIZONTAL ELLIPSIS} what is typed,"
        " - no line in the list. 0 goes back, 99 leafs on."
        " A name in a grey field is a screen that is drawn elsewhere; @home is the green box that"
        " a call of this person begins with, @resume the screen where an earlier call dropped."
    )
    yield _text(16, 42, legend, "small")
    yield f'<g transform="translate(0 {TITLE:g})">'
    for name, box in layout.boxes.items():
        yield from _box(box, files.get(name, ""))
        for number, row in enumerate(box.rows):
            if row.way is not None:
                yield from _way(box, number, row.way, layout.lines.get((name, number)))
    yield "</g>"


def _box(box: Box, file: str) -> Iterator[str]:
    kinds = f"screen{' start' if box.tab else ''}{' end' if box.screen.kind == 'end' else ''}"
    yield f'<g class="{kinds}" id={quoteattr(f"screen-{box.screen.id}")}>'
    if box.tab:
        yield _text(box.x, box.y + TAB - 4, f"call begins here, {box.tab}", "tab")
    yield _rect(box.x, box.top, WIDTH, box.y + box.height - box.top, "frame")
    yield _rect(box.x, box.top, WIDTH, HEAD, "head")
    yield _text(box.x + PAD, box.entry + 4, box.screen.id, "name on-head")
    kind = f"{box.screen.kind}{f', {file}' if file else ''}"
    right = box.x + WIDTH - PAD - len(kind) * SMALL * CHARACTER
    yield _text(right, box.entry + 3, kind, "small on-head")
    for number, row in enumerate(box.rows):
        yield _text(box.x + PAD, box.row(number) + 3, row.text, row.voice)
    yield "</g>"


def _way(box: Box, number: int, way: Way, line: Line | None) -> Iterator[str]:
    """Yield the arrow of a way: a line to the next column, or the name of a screen elsewhere."""
    key = _key(box, way)
    told = {"from": way.screen, "key": key, "outcome": way.outcome, "to": way.target}
    data = "".join(f" data-{name}={quoteattr(value)}" for name, value in told.items())
    yield f'<g class="way"{data}>'
    x, y = box.x + PAD + COLUMNS * CHARACTER, box.row(number)
    if line is not None:
        ink = line.colour % len(INK)
        (left, start), (right, end) = line.start, line.end
        path = f"M{left:.1f} {start:.1f}H{line.bend:.1f}V{end:.1f}H{right:.1f}"
        yield _text(x, y + 3, way.target, "to")
        yield f'<path class="line" d="{path}" stroke="{INK[ink]}" marker-end="url(#to{ink})"/>'
        yield (
            f'<circle class="badge" cx="{left + 3:.1f}" cy="{y:.1f}" r="6.5" stroke="{INK[ink]}"/>'
        )
        yield _text(left + 3, y + 3, key, "key")
    elif way.error:
        yield _text(x, y + 3, "stays, saying", "to")
    else:
        length = len(way.target) * SMALL * CHARACTER
        arrow = f"M{x - 14:.1f} {y:.1f}H{x - 3:.1f}"
        yield f'<path class="line" d="{arrow}" stroke="#444" marker-end="url(#to-name)"/>'
        yield _rect(x - 3, y - 5.5, length + 6, 11, "pill")
        yield _text(x, y + 3, way.target, "to")
    yield "</g>"


def _key(box: Box, way: Way) -> str:
    """Return what stands in the circle of a way."""
    if way.choice is not None:
        return way.choice.key
    if way.when_empty:
        return "-"
    return "n" if box.screen.lists else "\N{HORIZONTAL ELLIPSIS}"


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' rx="3"/>'
    )


def _text(x: float, y: float, words: str, kind: str) -> str:
    inner = "".join(
        f'<tspan class="gap">{part}</tspan>' if GAP.fullmatch(part) else escape(part)
        for part in GAP.split(words)
    )
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{inner}</text>'
