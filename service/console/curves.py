"""The curves of an hour, a day or a month: each as a picture, in words and as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from service.ops.pulse_curves import Curves, Span
from service.ops.pulse_series import (
    BALANCE,
    DELIVERED,
    FAILED,
    HOP_P95,
    HOPS,
    OLDEST,
    REPORTS,
    SENT,
    TEXTS,
    UNDELIVERED,
    WAITING,
)
from service.outbox.classes import LANES
from service.text.local_time import in_vietnam, midnight_of

from .charts import Line, Picture, draw
from .words import Words

MARKED_EVERY = {
    Span.HOUR: timedelta(minutes=15),
    Span.DAY: timedelta(hours=6),
    Span.MONTH: timedelta(days=7),
}
"""How far apart the times are that are named below a picture."""
BROKEN_BELOW = 15
"""Numbers below are said with one place behind the point."""
MINUTES_FROM = 180
"""Seconds from which on a wait is told in minutes."""
SPEED = "p95"
"""Where nobody called there was nothing to measure: a gap in it says nothing."""
THOUSANDS_FROM, MILLIONS_FROM = 10_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Chart:
    """One curve as a page shows it."""

    key: str
    title: str
    said: str
    svg: str
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    """The same numbers: time, and each line's value; a dash where there is none."""


def charts_of(curves: Curves, words: Words) -> list[Chart]:
    """Return every chart of a span."""
    sheet = Sheet(curves, words)
    by_lane = [words.name_of("lane", lane).lower() for lane in LANES]
    return [
        sheet.sent(),
        sheet.waited([(n, curves.values[s]) for n, s in zip(by_lane, OLDEST, strict=True)]),
        sheet.depth([(n, curves.values[s]) for n, s in zip(by_lane, WAITING, strict=True)]),
        sheet.counted(
            "reports",
            [
                (words("line.delivered"), curves.values[DELIVERED]),
                (words("line.undelivered"), curves.values[UNDELIVERED]),
            ],
        ),
        sheet.counted("hops", [(words("line.hops"), curves.values[HOPS])]),
        sheet.speed(curves.values[HOP_P95]),
        sheet.counted(
            "callbacks",
            [
                (words("line.texts"), curves.values[TEXTS]),
                (words("line.reports"), curves.values[REPORTS]),
            ],
        ),
        sheet.balance(curves.values[BALANCE]),
    ]


def small_charts_of(curves: Curves, words: Words) -> list[Chart]:
    """Return the three that stand on the room's own page; the curves have those of DRAWN."""
    sheet = Sheet(curves, words, is_low=True)
    return [
        sheet.sent(),
        sheet.waited([(words("line.oldest"), curves.most_of(OLDEST))]),
        sheet.counted("hops", [(words("line.hops"), curves.values[HOPS])]),
    ]


Named = Sequence[tuple[str, Sequence[float | None]]]


class Sheet:
    """Makes charts of one reading, in one language."""

    def __init__(self, curves: Curves, words: Words, *, is_low: bool = False) -> None:
        self._curves = curves
        self._words = words
        self._is_low = is_low
        self._step = words(f"per.{curves.span}")

    def sent(self) -> Chart:
        """Messages the carrier took, beside attempts it did not take."""
        taken, failed = self._curves.sum_of(SENT), self._curves.sum_of(FAILED)
        return self.counted(
            "sent", [(self._words("line.sent"), taken), (self._words("line.failed"), failed)]
        )

    def counted(self, key: str, named: Named) -> Chart:
        """What is counted: how much in all, and when the most."""
        said = self._words("curves.none_yet")
        if any(value is not None for _, values in named for value in values):
            said = "; ".join(self._sum(n, values, alone=len(named) == 1) for n, values in named)
        return self._chart(key, named, said, self.number)

    def waited(self, named: Named) -> Chart:
        """How long what was due has waited, in seconds or minutes as it comes."""
        highest = max((v for _, values in named for v in values if v is not None), default=0.0)
        in_minutes = highest >= MINUTES_FROM
        divisor = 60 if in_minutes else 1
        scaled = [(n, [None if v is None else v / divisor for v in values]) for n, values in named]
        unit = "minutes" if in_minutes else "seconds"
        return self._worst("oldest", scaled, lambda n: self._words(unit, n=n), unit)

    def depth(self, named: Named) -> Chart:
        """How many messages were due at a time."""
        return self._worst("waiting", named, lambda n: self._words("curves.messages", n=n))

    def speed(self, values: Sequence[float | None]) -> Chart:
        """Within how long calls were answered."""
        named = [(self._words("line.p95"), values)]
        return self._worst(SPEED, named, lambda n: f"{n} ms", "ms")

    def balance(self, values: Sequence[float | None]) -> Chart:
        """The account at the carrier, and when it was lowest."""
        known = [(v, at) for v, at in zip(values, self._curves.times, strict=True) if v is not None]
        said = self._words("curves.none_yet")
        if known:
            least, at = min(known)
            last = self.number(known[-1][0])
            said = self._words(
                "curves.balance", now=last, least=self.number(least), when=self.when(at)
            )
        return self._chart("balance", [(self._words("line.balance"), values)], said, self.number)

    def _worst(
        self, key: str, named: Named, measure: Callable[[str], str], unit: str = ""
    ) -> Chart:
        found = [
            (value, name, at)
            for name, values in named
            for value, at in zip(values, self._curves.times, strict=True)
            if value is not None
        ]
        if not found:
            said = self._words("curves.none_yet")
        elif (worst := max(found, key=lambda one: one[0]))[0] <= 0:
            said = self._words(f"curves.never_{key}")
        else:
            value, name, at = worst
            most = measure(self.number(value))
            said = self._words("curves.at_most", most=most, when=self.when(at))
            said += f" ({name})" if len(named) > 1 else ""
        return self._chart(key, named, said, self.number, unit)

    def _sum(self, name: str, values: Sequence[float | None], *, alone: bool) -> str:
        known = [(v, at) for v, at in zip(values, self._curves.times, strict=True) if v is not None]
        before = "" if alone else f"{name}: "
        total = sum(value for value, _ in known)
        if not total:
            return before + self._words("curves.nothing")
        most, at = max(known, key=lambda one: one[0])
        return before + self._words(
            "curves.in_all", n=self.number(total), most=self.number(most), when=self.when(at)
        )

    def _chart(
        self, key: str, named: Named, said: str, number: Callable[[float], str], unit: str = ""
    ) -> Chart:
        about = (f"{key}-heading", f"{key}-said")
        picture = Picture(
            lines=[Line(name, values) for name, values in named],
            marks=list(self._marks()),
            said=self._shortly,
            about=about,
            is_low=self._is_low,
            shades=key != SPEED,
        )
        table = zip(self._curves.times, *(values for _, values in named), strict=True)
        rows = [
            (self.at(at), ["–" if v is None else number(v) for v in values])
            for at, *values in table
        ]
        title = self._words(f"curve.{key}", step=self._step, unit=self._unit(unit))
        gaps = self._gaps(key, named)
        said = " ".join(part for part in (_sentence(said), gaps) if part)
        return Chart(key, title, said, draw(picture), [name for name, _ in named], rows)

    def _unit(self, unit: str) -> str:
        return self._words.name_of("unit", unit)

    def _gaps(self, key: str, named: Named) -> str:
        """Say where the longest gap is between two things known."""
        columns = zip(*(values for _, values in named), strict=True)
        empty = [all(value is None for value in column) for column in columns]
        runs = [(e, list(p)) for e, p in groupby(range(len(empty)), key=empty.__getitem__)]
        inner = [places for is_empty, places in runs[1:] if is_empty]
        if not inner or self._is_low or key == SPEED:
            return ""
        longest = max(inner, key=len)
        begin = self._curves.times[longest[0]]
        end = self._curves.times[longest[-1]] + self._curves.width
        return self._words("curves.gap", begin=self.at(begin), end=self.at(end))

    def _marks(self) -> Iterator[tuple[int, str]]:
        """Yield the round times; of days, which have none, every seventh from the last."""
        times, every = self._curves.times, MARKED_EVERY[self._curves.span]
        every *= 2 if self._is_low else 1
        for place, at in enumerate(times):
            local = in_vietnam(at)
            if self._curves.span is Span.MONTH:
                if (times[-1] - at) % every == timedelta():
                    yield place, f"{local:%d/%m}"
            elif (at - midnight_of(local.date())) % every == timedelta():
                yield place, f"{local:%H:%M}"

    def at(self, moment: datetime) -> str:
        """Say when a step begins."""
        local = in_vietnam(moment)
        if self._curves.width >= timedelta(days=1):
            return f"{local:%d/%m}"
        return f"{local:%H:%M %d/%m}" if self._curves.span is Span.DAY else f"{local:%H:%M}"

    def when(self, moment: datetime) -> str:
        """Say the same in a sentence."""
        return self._words(f"said_at.{self._curves.span}", at=self.at(moment))

    def number(self, value: float) -> str:
        """Say a number whole, or with one place where it is small and broken."""
        if value < BROKEN_BELOW and round(value, 1) != int(value):
            said = f"{value:.1f}"
        else:
            said = f"{round(value):,}".replace(",", ".")
            return said if self._words.language == "vi" else said.replace(".", ",")
        return said.replace(".", ",") if self._words.language == "vi" else said

    def _shortly(self, value: float) -> str:
        """Say a number where there is little room."""
        for unit, size, least in (("tr", 1_000_000, MILLIONS_FROM), ("k", 1_000, THOUSANDS_FROM)):
            if value >= least:
                short = "M" if unit == "tr" and self._words.language == "en" else unit
                return f"{self.number(value / size)} {short}"
        return self.number(value)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].removesuffix(".") + "."
