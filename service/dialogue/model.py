"""The words the menu language is made of. Plain values; nothing here does anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, Self

BACK = "0"
"""The key that goes back, on every screen that has something to go back to."""
MORE = "99"
"""The key for the next page. Not 98 or 00: with those carriers page long menus themselves."""

RESERVED_KEYS = frozenset({BACK, MORE, "00", "98"})
"""Keys no line of a menu may have: ours, and those carriers page long menus with."""
LINE = 28
"""Most septets of a line's label in a list made at run time; a longer one is cut."""

HOME = "@home"
"""The target that leads to what this caller's call begins with, past all that is pending."""
RESUME = "@resume"
"""The target that leads back to where an earlier call dropped."""
TARGETS = frozenset({HOME, RESUME})
"""Targets that are no screens."""

Kind = Literal["choice", "ask", "pages", "end"]
Redial = Literal["start", "ask", "continue"]
"""What a new call does when the last one dropped on a screen: begin anew, ask, or just go on."""
Facts = Mapping[str, str]
"""What is known of the caller, by name; a fact that does not hold is absent or empty."""
LEFT = "left"
"""The fact that an earlier call dropped on a screen that asks whether to go on with it."""
FACTS = frozenset(
    {
        *("language", "stranger", "homeless", "stale", "member", "area", "hamlet", "commune"),
        *(LEFT, "unfinished", "topic", "question", "notice"),
    }
)
"""The names of all facts: `when` and `unless` may ask for these and for what a screen saves."""


@dataclass(frozen=True, slots=True)
class Leap:
    """Where an answer leads: one screen, or one for each outcome of an action.

    A target that starts with "!" stays on the screen and shows the text of that key above it.
    """

    always: str | None = None
    by_outcome: Mapping[str, str] = field(default_factory=dict)

    def target(self, outcome: str) -> str | None:
        """Return the screen (or "!text key") for this outcome, None when the menu has none."""
        return self.by_outcome.get(outcome, self.always)

    @property
    def screens(self) -> tuple[str, ...]:
        """The screens this may lead to."""
        targets = (target for target in self._targets if target not in TARGETS)
        return tuple(target for target in targets if not target.startswith("!"))

    @property
    def errors(self) -> tuple[str, ...]:
        """The text keys this may show above the screen it stays on."""
        return tuple(target[1:] for target in self._targets if target.startswith("!"))

    @property
    def _targets(self) -> tuple[str, ...]:
        return (*([self.always] if self.always else ()), *self.by_outcome.values())

    def __bool__(self) -> bool:
        """Whether this leads anywhere."""
        return bool(self._targets)


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered line: its key, its words, and what choosing it does."""

    key: str
    text: str
    leap: Leap
    sets: Mapping[str, str] = field(default_factory=dict)
    does: str | None = None
    when: str | None = None
    """Shown only when this fact holds."""
    unless: str | None = None
    """Shown only when this fact does not hold."""

    def is_shown(self, known: Facts) -> bool:
        """Say whether a caller of whom this is known is offered the line."""
        holds = self.when is None or known.get(self.when)
        return bool(holds) and not (self.unless and known.get(self.unless))


@dataclass(frozen=True, slots=True)
class Screen:
    """One thing the caller sees and may answer."""

    id: str
    kind: Kind
    text: str
    choices: tuple[Choice, ...] = ()
    lists: str | None = None
    """Action that gives the lines of a list when the screen is entered."""
    saves: str | None = None
    """Name under which the answer (or the chosen line) is kept."""
    check: str | None = None
    """Name of the check a typed answer must pass."""
    secret: bool = False
    """The answer reaches the action under the name in `saves`, and is kept nowhere."""
    does: str | None = None
    leap: Leap = field(default_factory=Leap)
    """Where a typed answer or a chosen line leads."""
    when_empty: str | None = None
    """Screen shown instead when the list has no line."""
    redial: Redial = "start"
    """What the next call does when this one drops here."""
    about: str | None = None
    """What the caller was doing here, as the next call names it: the end of a key "about."."""

    @property
    def leaps(self) -> tuple[Leap, ...]:
        """Where an answer may lead: the screen's own leap and those of its choices."""
        return (self.leap, *(choice.leap for choice in self.choices))


@dataclass(frozen=True, slots=True)
class Start:
    """A screen a call may begin with, when the fact holds; the last one has no condition."""

    screen: str
    when: str | None = None
    before_menu: bool = False
    """Something pending: shown first, and nobody gets home to it."""


@dataclass(frozen=True, slots=True)
class Menu:
    """All screens, and where a call begins."""

    screens: Mapping[str, Screen]
    starts: tuple[Start, ...]

    @property
    def fresh(self) -> frozenset[str]:
        """The screens a call may begin with; there is no way back from them."""
        return frozenset(start.screen for start in self.starts)

    @property
    def homes(self) -> frozenset[str]:
        """The screens one gets home to; which, depends on who one is."""
        return frozenset(start.screen for start in self.starts if not start.before_menu)

    def start(self, facts: Facts) -> Start:
        """Return how this caller's call begins."""
        return next(s for s in self.starts if s.when is None or facts.get(s.when))

    def home(self, facts: Facts) -> Screen:
        """Return the screen this caller gets home to."""
        homes = (s for s in self.starts if not s.before_menu)
        first = next(s for s in homes if s.when is None or facts.get(s.when))
        return self.screens[first.screen]


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a list made at run time."""

    value: str
    label: str


def line_keys() -> Iterator[str]:
    """Yield the numbers of a list's lines in order, without those that mean something else."""
    return (key for key in map(str, count(1)) if key not in RESERVED_KEYS)


@dataclass(frozen=True, slots=True)
class State:
    """Where a dialogue stands. It is stored as JSON between hops."""

    screen: str
    language: str
    values: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    """The lines this caller was shown, so that a number means what it meant on the screen."""
    page: int = 0
    kept: Mapping[str, Any] | None = None
    """Where an earlier call dropped, as JSON, while this one asks whether to go on with it."""

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values, leaving out what is empty."""
        stored: dict[str, Any] = {"s": self.screen, "l": self.language}
        if self.values:
            stored["v"] = dict(self.values)
        if self.trail:
            stored["t"] = list(self.trail)
        if self.options:
            stored["o"] = [[option.value, option.label] for option in self.options]
        if self.page:
            stored["p"] = self.page
        if self.kept:
            stored["k"] = dict(self.kept)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what as_json() wrote."""
        return cls(
            screen=stored["s"],
            language=stored["l"],
            values=stored.get("v", {}),
            trail=tuple(stored.get("t", ())),
            options=tuple(Option(*pair) for pair in stored.get("o", ())),
            page=stored.get("p", 0),
            kept=stored.get("k"),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What an action answers: how it went, what is now known, and the lines of a list."""

    outcome: str = "ok"
    values: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[Option] = ()
    language: str | None = None


Act = Callable[[str, Mapping[str, str]], Done]
"""The host's way to run an action by name, given the values collected so far."""


@dataclass(frozen=True, slots=True)
class ActionShape:
    """What a menu may expect of an action, for the check at start."""

    outcomes: frozenset[str] = frozenset({"ok"})
    lists: bool = False
    writes: bool = False
    """Has an effect; an answer that leads here is never taken from a dialled-through code."""
