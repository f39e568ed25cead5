"""Turns a screen into what the caller reads: pages that fit, and no choice ever cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, septets

from .checks import errors_of
from .model import BACK, MORE, Choice, Facts, Screen, State, line_keys
from .texts import Texts


class Renderer:
    """Renders screens in any language; keeps the pages that nobody's own values stand in."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._fixed: dict[tuple[str, str, bool, tuple[str, ...]], str] = {}

    def page(self, screen: Screen, state: State, facts: Facts, *, error: str = "") -> str:
        """Return the page of `screen` this caller is on.

        At most 160 septets; 140 where there is nothing to go back to, since a call begins there
        and a network may put words of its own before it. `error` is the key of a sentence shown
        above; when all does not fit, it takes the place of the screen's own words, never of a line.
        """
        offered = tuple(choice.key for choice in shown(screen, {**facts, **state.values}))
        key = (screen.id, state.language, bool(state.trail), offered)
        plain = not (error or state.options or state.page)
        if plain and (kept := self._fixed.get(key)) is not None:
            return kept
        pages = self.pages(screen, state, facts)
        page = pages[min(state.page, len(pages) - 1)]
        if error:
            return page.below(self.texts.say(error, state.language, {**facts, **state.values}))
        if plain and len(pages) == 1 and self._is_fixed(screen, state.language):
            self._fixed[key] = page.text
        return page.text

    def pages(self, screen: Screen, state: State, facts: Facts) -> list[Page]:
        """Return all pages of a screen for this caller."""
        known = {**facts, **state.values}
        say, language = self.texts.say, state.language
        whole = self.whole(screen, state, known)
        room = USSD_PAGE if state.trail else USSD_FIRST_PAGE
        if screen.lists:
            room = min(room, self._room_beside_errors(screen, whole.head, language, known))
        if septets(whole.text) <= room:
            return [whole]
        return _paged(whole, self._foot(screen, state), say("nav.more", language), room)

    def whole(self, screen: Screen, state: State, known: Facts) -> Page:
        """Return a screen with all its lines, whether they fit one page or not."""
        say, language = self.texts.say, state.language
        lines = [f"{c.key} {say(c.text, language, known)}" for c in shown(screen, known)]
        lines += [f"{n} {o.label}" for n, o in zip(line_keys(), state.options, strict=False)]
        foot = self._foot(screen, state)
        return Page(say(screen.text, language, known), (*lines, *foot))

    def _room_beside_errors(self, screen: Screen, head: str, language: str, known: Facts) -> int:
        """Return how long a page of a list may be, so that an error fits where its head stood.

        Otherwise the lines would have to move to another page, and the caller would miss some.
        """
        say = self.texts.say
        longest = max((septets(say(k, language, known)) for k in errors_of(screen)), default=0)
        return USSD_PAGE - max(0, longest - septets(head))

    def _foot(self, screen: Screen, state: State) -> list[str]:
        if screen.kind == "end" or not state.trail:
            return []
        return [f"{BACK} {self.texts.say('nav.back', state.language)}"]

    def _is_fixed(self, screen: Screen, language: str) -> bool:
        keys = [screen.text, *(choice.text for choice in screen.choices)]
        return all(self.texts.is_fixed(key, language) for key in keys)


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
    return [choice for choice in screen.choices if choice.is_shown(known)]


def _paged(whole: Page, foot: Sequence[str], more: str, room: int) -> list[Page]:
    """Cut a screen into pages; words are split only when they alone do not fit."""
    turn = (*foot, f"{MORE} {more}")
    *heads, head = _split_words(whole.head, room - septets("\n".join(turn)) - 1)
    pages = [Page(part, turn) for part in heads]
    rest = list(whole.lines[: len(whole.lines) - len(foot)])
    while True:
        last = Page(head, (*rest, *foot))
        if septets(last.text) <= room or not rest:  # no line is left to move to another page
            return [*pages, last]
        taken = _as_many_as_fit(head, rest, turn, room)
        pages.append(Page(head, (*rest[:taken], *turn)))
        rest = rest[taken:]
        head = head if taken else ""  # words that leave no room for a line have been read


def _as_many_as_fit(head: str, lines: Sequence[str], turn: Sequence[str], room: int) -> int:
    """Return how many lines go on this page: none only below words, so that paging ends."""
    taken = 0 if head else 1
    while taken < len(lines):
        if septets(Page(head, (*lines[: taken + 1], *turn)).text) > room:
            break
        taken += 1
    return taken


def _split_words(text: str, room: int) -> list[str]:
    """Split a text into parts of at most `room` septets.

    After a sentence where that leaves no part half empty, else at spaces; a word that alone is
    longer is split anywhere.
    """
    parts, part, sentence = [], "", ""
    for word in _words_that_fit(text, room):
        longer = f"{part} {word}" if part else word
        if part and septets(longer) > room:
            kept = sentence if sentence and septets(sentence) * 2 > room else part
            parts.append(kept)
            longer = f"{part.removeprefix(kept).lstrip()} {word}".lstrip()
            sentence = ""
        part = longer
        sentence = part if word.endswith((".", "!", "?")) else sentence
    return [*parts, part]


def _words_that_fit(text: str, room: int) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while septets(rest) > room > 0:  # nothing fits where the foot takes all; the check says so
            fits = next(n for n in range(room, 0, -1) if septets(rest[:n]) <= room)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest
