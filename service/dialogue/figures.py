"""The room everything takes as a table, tightest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.text.gsm7 import septets

from .measure import SEGMENT, ScreenSize, Sizes, TextSize, sizes
from .model import Menu
from .texts import Texts

TIGHTEST = 10
"""Texts that are listed; of the others the summary is enough."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a menu."""

    screens: Sequence[ScreenSize]
    texts: Sequence[TextSize]

    @property
    def is_over(self) -> bool:
        """Whether anything does not fit."""
        return any(s.is_over for s in self.screens) or any(s.is_over for s in self.texts)

    def lines(self, languages: Sequence[str]) -> Iterator[str]:
        """Yield the tables and what they come to."""
        yield from _screen_table(self.screens, languages)
        yield ""
        yield _screen_summary(self.screens, len(languages))
        yield ""
        yield from _text_table(self.texts)
        yield ""
        sms = [size for size in self.texts if size.holder == "segment"]
        yield _sms_summary(sms, len(languages))


def measured(menu: Menu, texts: Texts) -> Figures:
    """Measure every screen and every text by itself in every offered language.

    With the longest values. What has a fault that leaves it without length is left out; the check
    tells of it.
    """
    found: list[Sizes] = [sizes(menu, texts, language) for language in texts.languages]
    return Figures(
        screens=[size for one in found for size in one.screens],
        texts=[size for one in found for size in one.texts],
    )


def name_lines(texts: Texts, longest: Mapping[str, str]) -> Iterator[str]:
    """Yield for each gap what the longest real name takes of the room it has."""
    for gap, name in longest.items():
        width, takes = texts.gaps[gap].width, septets(name)
        cut = ", cut" if takes > width else ""
        yield f"{{{gap}}} holds {width}; the longest, {name}, takes {takes}{cut}"


def _screen_table(sizes: Sequence[ScreenSize], languages: Sequence[str]) -> Iterator[str]:
    rows: dict[tuple[str, bool], dict[str, ScreenSize]] = {}
    for size in sizes:
        rows.setdefault((size.screen.id, size.opens), {})[size.language] = size
    yield _row("screen", "kind", "room", *languages, "below")
    for row in sorted(rows.values(), key=lambda row: min(map(_left, row.values()))):
        one = next(iter(row.values()))
        cells = [_cell(row.get(language)) for language in languages]
        below = max((size.most_below for size in row.values()), default=0)
        yield _row(one.screen.id, one.screen.kind, str(one.room), *cells, str(below or "-"))


def _row(name: str, kind: str, room: str, *cells: str) -> str:
    return f"{name:<21} {kind:<7} {room:>4}{''.join(f'{cell:>10}' for cell in cells)}".rstrip()


def _left(size: ScreenSize) -> int:
    return size.room - size.longest


def _cell(size: ScreenSize | None) -> str:
    if size is None:
        return "-"
    return f"{size.longest}/{size.pages}{'!' if size.is_over else ' '}"


def _screen_summary(sizes: Sequence[ScreenSize], languages: int) -> str:
    screens = len({size.screen.id for size in sizes})
    parts = [f"{screens} screens x {languages} languages"]
    for what, found in {
        "longest": [(s.longest, s) for s in sizes if not s.opens],
        "first page longest": [(s.longest, s) for s in sizes if s.opens],
        "below a sentence longest": [(s.most_below, s) for s in sizes if s.below],
    }.items():
        if found:
            longest, size = max(found, key=lambda pair: pair[0])
            parts.append(f"{what} {longest} ({size.screen.id}, {size.language})")
    return ", ".join(parts) + "."


def _text_table(sizes: Sequence[TextSize]) -> Iterator[str]:
    yield _row("texts by themselves", "", "room", "septets")
    tightest = sorted(sizes, key=lambda size: size.room - size.longest)[:TIGHTEST]
    for size in tightest:
        over = "!" if size.is_over else " "
        yield _row(size.key, size.language, str(size.room), f"{size.longest}{over}")


def _sms_summary(sizes: Sequence[TextSize], languages: int) -> str:
    longest = max(sizes, key=lambda size: size.longest, default=None)
    most = f", longest {longest.longest} ({longest.key}, {longest.language})" if longest else ""
    texts = len({size.key for size in sizes})
    return f"{texts} SMS x {languages} languages{most}; a segment holds {SEGMENT}."
