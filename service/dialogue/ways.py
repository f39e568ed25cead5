"""Every way out of a screen, for the check that each leads somewhere and for the map of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .faults import Place, Where, at_choice, at_screen
from .model import TARGETS, Choice, Screen


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one screen to another, or back to the same one with a sentence above it."""

    screen: str
    target: str
    """A screen or one of TARGETS, or "!" and the key of the sentence."""
    choice: Choice | None = None
    """The line that is chosen; None for an answer that is typed and for a line of a list."""
    outcome: str = ""
    """What the action has to answer; empty where every answer leads there."""
    when_empty: bool = False
    """Taken by itself when the list has no line."""

    @property
    def error(self) -> str:
        """The key of the sentence shown, empty when the way leads to a screen."""
        return self.target[1:] if self.target.startswith("!") else ""

    @property
    def to_screen(self) -> str:
        """The screen it leads to, empty when that depends on the caller or it leads to none."""
        return "" if self.error or self.target in TARGETS else self.target

    @property
    def where(self) -> Where:
        """What the way begins at."""
        return at_choice(self.screen, self.choice.key) if self.choice else at_screen(self.screen)

    @property
    def field(self) -> Place:
        """The field of it that names the target."""
        if self.when_empty:
            return ("when_empty",)
        return ("next", self.outcome) if self.outcome else ("next",)


def ways(screen: Screen) -> Iterator[Way]:
    """Yield the ways out of a screen in the order a caller meets them."""
    if screen.when_empty:
        yield Way(screen.id, screen.when_empty, when_empty=True)
    leaps = [(choice, choice.leap) for choice in screen.choices]
    for choice, leap in (*leaps, (None, screen.leap)):
        if leap.always:
            yield Way(screen.id, leap.always, choice)
        for outcome, target in leap.by_outcome.items():
            yield Way(screen.id, target, choice, outcome)


def next_screens(screen: Screen) -> list[str]:
    """Return the screens its ways lead to, each once, in their order."""
    return list(dict.fromkeys(way.to_screen for way in ways(screen) if way.to_screen))
