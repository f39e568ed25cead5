"""How much room everything takes on a phone, with the longest values: what fits is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, septets, unknown_characters

from .checks import errors_of, texts_on
from .model import LINE, Menu, Option, Screen, State
from .render import Renderer
from .sound import sound_texts
from .texts import SMS_PREFIXES, Texts

NAVIGATION = frozenset({"nav.back", "nav.more"})
LANGUAGE_NAME = "language.name"
ERROR_PREFIX = "error."
"""Texts under this prefix may be all a caller is shown, and must fit a page."""
SEGMENT = 160
LONGEST_LIST = 40
"""Lines of the list every list screen is tried with."""

Holder = Literal["line", "segment", "page"]
"""What a text can be too long for, with nothing else beside it."""
ROOMS: Final[Mapping[Holder, int]] = {"line": LINE, "segment": SEGMENT, "page": USSD_PAGE}


@dataclass(frozen=True, slots=True)
class TextSize:
    """One text that must fit by itself: septets with the longest values, and what it has to fit."""

    key: str
    language: str
    longest: int
    holder: Holder

    @property
    def room(self) -> int:
        """Septets it may take."""
        return ROOMS[self.holder]

    @property
    def is_over(self) -> bool:
        """Whether it does not fit."""
        return self.longest > self.room


@dataclass(frozen=True, slots=True)
class ScreenSize:
    """A screen in one language, in septets."""

    screen: Screen
    language: str
    opens: bool
    """Whether a call may begin with it; a network may then put words of its own before it."""
    longest: int
    """Its longest page; of a screen that may not be cut into pages, all of it."""
    pages: int
    """Pages it is cut into at most; a list is tried with 40 lines."""
    below: Mapping[str, int]
    """Key of each sentence that may be shown above it -> the longest page then."""

    @property
    def room(self) -> int:
        """What a page of it may hold."""
        return USSD_FIRST_PAGE if self.opens else USSD_PAGE

    @property
    def most_below(self) -> int:
        """Its longest page with a sentence above it; 0 where none is ever shown."""
        return max(self.below.values(), default=0)

    @property
    def is_over(self) -> bool:
        """Whether something of it does not fit."""
        return self.longest > self.room or self.most_below > USSD_PAGE


@dataclass(frozen=True, slots=True)
class Sizes:
    """What was measured in one language."""

    texts: Sequence[TextSize]
    """Those that must fit by themselves, by key; the others stand on screens."""
    screens: Sequence[ScreenSize]


def sizes(
    menu: Menu,
    texts: Texts,
    language: str,
    keys: frozenset[str] | None = None,
    sound: frozenset[str] | None = None,
) -> Sizes:
    """Measure every text and screen with the longest values; only those with `keys`, if any.

    `sound` are those that can be measured (sound_texts), where that is known.

    What the language lacks is measured in Vietnamese, as it would be said. A text with a fault of
    its own has no length; it is left out, and so are the screens that it or one too long by itself
    may stand on.
    """
    sound = sound_texts(texts, language) if sound is None else sound
    asked = sound if keys is None else sound & keys
    widest = texts.widest_values(language)
    alone = [
        TextSize(key, language, _longest(texts, key, language, widest), holder)
        for key in sorted(asked)
        if (holder := holder_of(key))
    ]
    fitting = sound - {size.key for size in alone if size.is_over}
    renderer = Renderer(texts)
    screens = [
        _screen_size(renderer, screen, language, widest, opens=opens)
        for screen in menu.screens.values()
        if (on_it := texts_around(screen)) <= fitting and on_it & asked
        for opens in _places(menu, screen)
    ]
    return Sizes(alone, screens)


def texts_around(screen: Screen) -> frozenset[str]:
    """Return the keys of all texts that may take room on a screen, the keys that move about too."""
    return texts_on(screen) | NAVIGATION


def is_line(key: str) -> bool:
    """Say whether a text is a line of a list made at run time: a language, or a guide's title."""
    return key == LANGUAGE_NAME or (key.startswith("guide.") and key.endswith(".title"))


def holder_of(key: str) -> Holder | None:
    """Return what a text must fit by itself; None when it only ever stands among others."""
    if is_line(key):
        return "line"
    if key.startswith(SMS_PREFIXES):
        return "segment"
    return "page" if key.startswith(ERROR_PREFIX) else None


def _longest(texts: Texts, key: str, language: str, widest: Mapping[str, str]) -> int:
    """Return the length of a text; 0 when what may stand in its gaps has a fault of its own."""
    said = texts.say(key, language, widest)
    return 0 if unknown_characters(said) else septets(said)


def _places(menu: Menu, screen: Screen) -> Iterator[bool]:
    """Say whether a screen may open a call, may come later in one, or both."""
    instead = {menu.screens[name].when_empty for name in menu.fresh if name in menu.screens}
    if screen.id in menu.fresh | instead:
        yield True
    if screen.id not in menu.fresh:
        yield False


def _screen_size(
    renderer: Renderer, screen: Screen, language: str, widest: Mapping[str, str], *, opens: bool
) -> ScreenSize:
    said = {key: renderer.texts.say(key, language, widest) for key in sorted(errors_of(screen))}
    size, most, below = 0, 1, dict.fromkeys(said, 0)
    for state, facts in _situations(screen, language, widest, () if opens else ("before",)):
        pages = renderer.pages(screen, state, facts)
        most = max(most, len(pages))
        if screen.lists or screen.kind == "pages":
            size = max(size, *(septets(page.text) for page in pages))
        else:
            size = max(size, septets(renderer.whole(screen, state, facts).text))
        for error, words in said.items():
            below[error] = max(below[error], *(septets(page.below(words)) for page in pages))
    return ScreenSize(screen, language, opens, size, most, below)


def _situations(
    screen: Screen, language: str, widest: Mapping[str, str], trail: tuple[str, ...]
) -> Iterator[tuple[State, dict[str, str]]]:
    """Yield states and facts that together show every combination of conditional choices."""
    asked = {fact for choice in screen.choices for fact in (choice.when, choice.unless) if fact}
    conditions = sorted(asked)
    lines = (Option(str(n), "M" * LINE) for n in range(LONGEST_LIST if screen.lists else 0))
    options = tuple(lines)
    for holds in product((True, False), repeat=len(conditions)):
        facts = dict(widest)
        for condition, true in zip(conditions, holds, strict=True):
            facts[condition] = facts.get(condition) or "1" if true else ""
        yield State(screen.id, language, trail=trail, options=options), facts
