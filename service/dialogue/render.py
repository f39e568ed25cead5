"""Turns a screen into what the caller reads: pages that fit, and no choice ever cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, septets

from .model import BACK, MORE, Choice, Facts, Screen, State
from .texts import Texts


class Renderer:
    """Renders screens in any language; keeps the pages that are the same for everybody."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._fixed: dict[tuple[str, str, bool], str] = {}

    def page(
        self, screen: Screen, state: State, facts: Facts, *, first: bool = False, error: str = ""
    ) -> str:
        """Return the page of `screen` this caller is on, at most 160 septets (140 on a first hop).

        `error` is the key of a sentence shown above; when all does not fit, it takes the place of
        the screen's own words, never of a choice.
        """
        key = (screen.id, state.language, bool(state.trail))
        plain = not (error or state.options or state.page)
        if plain and (kept := self._fixed.get(key)) is not None:
            return kept
        pages = self.pages(screen, state, facts, first=first)
        page = pages[min(state.page, len(pages) - 1)]
        if error:
            return page.below(self.texts.say(error, state.language, {**facts, **state.values}))
        if plain and len(pages) == 1 and self._is_fixed(screen, state.language):
            self._fixed[key] = page.text
        return page.text

    def pages(
        self, screen: Screen, state: State, facts: Facts, *, first: bool = False
    ) -> list[Page]:
        """Return all pages of a screen for this caller."""
        known = {**facts, **state.values}
        say, language = self.texts.say, state.language
        head = say(screen.text, language, known)
        lines = [f"{c.key} {say(c.text, language, known)}" for c in shown(screen, known)]
        lines += [f"{n} {option.label}" for n, option in enumerate(state.options, start=1)]
        budget = USSD_FIRST_PAGE if first else USSD_PAGE
        return _paged(head, lines, self._foot(screen, state), say("nav.more", language), budget)

    def _foot(self, screen: Screen, state: State) -> list[str]:
        if screen.kind == "end" or not state.trail:
            return []
        return [f"{BACK} {self.texts.say('nav.back', state.language)}"]

    def _is_fixed(self, screen: Screen, language: str) -> bool:
        keys = [screen.text, *(choice.text for choice in screen.choices)]
        return not any(choice.when for choice in screen.choices) and all(
            self.texts.is_fixed(key, language) for key in keys
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the screen's words, its numbered lines and the keys that move about."""

    head: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The page as sent."""
        return "\n".join([self.head, *self.lines]) if self.head else "\n".join(self.lines)

    def below(self, error: str) -> str:
        """Return the page with an error above it, without the screen's words if need be."""
        whole = f"{error}\n{self.text}"
        return whole if septets(whole) <= USSD_PAGE else "\n".join([error, *self.lines])


def shown(screen: Screen, known: Facts) -> list[Choice]:
    """Return the choices of a screen this caller is offered."""
    return [c for c in screen.choices if c.when is None or known.get(c.when)]


def _paged(
    head: str, lines: Sequence[str], foot: Sequence[str], more: str, budget: int
) -> list[Page]:
    """Cut a screen into pages; words are split only when they alone do not fit."""
    whole = Page(head, (*lines, *foot))
    if septets(whole.text) <= budget:
        return [whole]
    turn = (*foot, f"{MORE} {more}")
    heads = _split_words(head, budget - septets("\n".join(turn)) - 1)
    pages = [Page(part, turn) for part in heads[:-1]]
    head = heads[-1] if len(heads) > 1 else head
    rest = list(lines)
    while True:
        last = Page(head, (*rest, *foot))
        if septets(last.text) <= budget:
            return [*pages, last]
        taken = _as_many_as_fit(head, rest, turn, budget)
        pages.append(Page(head, (*rest[:taken], *turn)))
        rest = rest[taken:]


def _as_many_as_fit(head: str, lines: Sequence[str], turn: Sequence[str], budget: int) -> int:
    """Return how many lines go on this page; one at least, so that paging ends."""
    taken = 1
    while taken < len(lines):
        if septets(Page(head, (*lines[: taken + 1], *turn)).text) > budget:
            break
        taken += 1
    return taken


def _split_words(text: str, room: int) -> list[str]:
    """Split a text at spaces into parts of at most `room` septets."""
    parts, part = [], ""
    for word in text.split(" "):
        longer = f"{part} {word}" if part else word
        if part and septets(longer) > room:
            parts.append(part)
            part = word
        else:
            part = longer
    return [*parts, part]
