"""What a box of the map says: a screen's page as the phone shows it, and where each key leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from .model import BACK, MORE, Choice, Screen
from .texts import Texts
from .ways import Way, ways

COLUMNS = 27
"""Characters in a line of a box; keypad phones show 16 to 30."""
ARROW = 3
"""Characters at the end of a line over which its arrow begins."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a box: what stands there, and the way that begins at its end."""

    text: str
    voice: Literal["phone", "note"] = "phone"
    """Whether the phone shows it or the map adds it."""
    way: Way | None = None


def rows(screen: Screen, texts: Texts, language: str, *, opens: bool) -> list[Row]:
    """Return the lines of a screen's box; `opens` when a call may begin with it."""
    out = list(ways(screen))
    found = [Row(line) for line in _wrapped(texts.written(screen.text, language))]
    found += _answers(screen, [way for way in out if way.choice is None], texts, language)
    for choice in screen.choices:
        own = [way for way in out if way.choice is choice]
        found += _line(choice, own, texts, language)
    if screen.kind != "end" and not opens:
        found.append(Row(f"{BACK} {texts.written('nav.back', language)}"))
    if screen.lists or screen.kind == "pages":
        found.append(Row(f"{MORE} {texts.written('nav.more', language)}"))
    return found


def _answers(screen: Screen, out: Sequence[Way], texts: Texts, language: str) -> Iterator[Row]:
    """Yield the lines of a list, or the place where something is typed."""
    if screen.lists:
        yield Row(f"lines: {screen.lists}", "note")
        yield from _led(Row("1 ..."), [way for way in out if not way.when_empty], texts, language)
        yield from (Row("when there is none", "note", way) for way in out if way.when_empty)
    elif screen.kind == "ask":
        checked = f": {screen.check}" if screen.check else ""
        yield from _led(Row(f"typed{checked}", "note"), out, texts, language)


def _line(choice: Choice, out: Sequence[Way], texts: Texts, language: str) -> Iterator[Row]:
    words = f"{choice.key} {texts.written(choice.text, language)}"
    first, *others = _wrapped(words, COLUMNS - ARROW)
    yield from _led(Row(first), out, texts, language, others)
    for word, fact in (("only if", choice.when), ("unless", choice.unless)):
        if fact:
            yield Row(f"  {word} {fact}", "note")


def _led(
    row: Row, out: Sequence[Way], texts: Texts, language: str, others: Sequence[str] = ()
) -> Iterator[Row]:
    """Yield a line with where it leads: beside it when always, below it by outcome."""
    always = out[0] if len(out) == 1 and not out[0].outcome else None
    yield Row(row.text, row.voice, always)
    yield from (Row(f"  {line}") for line in others)  # two more, with no arrow beside them
    for way in out:
        if way.outcome:
            yield Row(f"  {way.outcome}", "note", way)
        if way.error:
            words = _wrapped(f'"{texts.written(way.error, language)}"')
            yield from (Row(f"  {line}", "note") for line in words)


def _wrapped(text: str, columns: int = COLUMNS) -> list[str]:
    return wrap(text, columns, break_on_hyphens=False) or [""]
