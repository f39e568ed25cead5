"""The check at start: every fault of menus and texts at once, before a villager meets one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, septets, unknown_characters

from .checks import ERROR_TEXTS, errors_of
from .model import LINE, ActionShape, Menu, Option, Screen, State
from .render import Renderer
from .texts import INSTEAD_IN_SMS, SMS_PREFIX, Texts
from .wiring import wiring_faults

NAVIGATION = frozenset({"nav.back", "nav.more"})
ERROR_PREFIX = "error."
"""Texts under this prefix may be all a caller is shown, and must fit a page."""
SEGMENT = 160
LONGEST_LIST = 40
"""Lines of the list every list screen is tried with."""


def faults(
    menu: Menu,
    texts: Texts,
    actions: Mapping[str, ActionShape],
    used: frozenset[str],
    malformed: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Yield every fault of a menu.

    `used` are the text keys the code itself asks for, `malformed` the screens that could not be
    read and are therefore missing from the menu.
    """
    yield from wiring_faults(menu, actions, malformed)
    wanted = _wanted(menu, used)
    for language in texts.languages:
        there = texts.keys(language)
        yield from (f"{language}: text {key!r} is missing" for key in sorted(wanted - there))
        if not malformed:
            yield from (f"{language}: nothing asks for text {k!r}" for k in sorted(there - wanted))
        found = {key: fault for key in there if (fault := _text_fault(key, language, texts))}
        yield from (f"{language}: {key}: {found[key]}" for key in sorted(found))
        yield from _sizes(menu, texts, language, _sound(texts, language, found))


def lacks(menu: Menu, texts: Texts, used: frozenset[str], language: str) -> frozenset[str]:
    """Return the keys a language has no text for; it may be offered when there is none."""
    return _wanted(menu, used) - texts.keys(language)


def _wanted(menu: Menu, used: frozenset[str]) -> frozenset[str]:
    on_screens = (_keys_on(screen) for screen in menu.screens.values())
    return (NAVIGATION | ERROR_TEXTS | used).union(*on_screens)


def _keys_on(screen: Screen) -> frozenset[str]:
    """Return the keys of all texts that may be seen on a screen."""
    return errors_of(screen) | {screen.text, *(choice.text for choice in screen.choices)}


def _text_fault(key: str, language: str, texts: Texts) -> str:
    """Return what is wrong with one text; empty when nothing is."""
    if unknown := sorted(texts.gaps_of(key, language) - set(texts.gaps)):
        return f"gap {{{unknown[0]}}} is not declared in gaps.yaml"
    words = texts.say(key, language)
    if {"{", "}"} & set(words):
        return "a gap is {small_letters}"
    if odd := unknown_characters(words):
        return f"{' '.join(odd)} cannot be shown by a keypad phone"
    if key.startswith(SMS_PREFIX) and (refused := sorted(set(words) & set(INSTEAD_IN_SMS))):
        return f"{' '.join(refused)} may be refused in an SMS"
    longest = texts.widest(key, language)
    size = 0 if unknown_characters(longest) else septets(longest)
    if key.startswith(SMS_PREFIX) and size > SEGMENT:
        return f"{size} septets at the longest; a segment holds {SEGMENT}"
    if key.startswith(ERROR_PREFIX) and size > USSD_PAGE:
        return f"{size} septets at the longest; a page holds {USSD_PAGE}"
    return ""


def _sound(texts: Texts, language: str, found: Mapping[str, str]) -> frozenset[str]:
    """Return the texts that can be measured: without fault, as is all that may stand in them."""
    ends = tuple(gap.text for gap in texts.gaps.values() if gap.text)
    if any(key.startswith(ends) for key in found):
        gaps = {name for name, gap in texts.gaps.items() if gap.text}
        sound = (k for k in texts.keys(language) if k not in found)
        return frozenset(k for k in sound if not gaps & texts.gaps_of(k, language))
    return texts.keys(language) - set(found)


def _sizes(menu: Menu, texts: Texts, language: str, sound: frozenset[str]) -> Iterator[str]:
    """Render every screen with the longest values and every set of conditional choices."""
    renderer = Renderer(texts)
    for screen in menu.screens.values():
        if not _keys_on(screen) | NAVIGATION <= sound:
            continue
        for opens in _places(menu, screen):
            found = _page_faults(renderer, screen, language, opens=opens)
            yield from (f"{language}: {screen.id}: {fault}" for fault in found)


def _places(menu: Menu, screen: Screen) -> Iterator[bool]:
    """Say whether a screen may open a call, may come later in one, or both."""
    instead = {menu.screens[name].when_empty for name in menu.fresh if name in menu.screens}
    if screen.id in menu.fresh | instead:
        yield True
    if screen.id not in menu.fresh:
        yield False


def _page_faults(
    renderer: Renderer, screen: Screen, language: str, *, opens: bool
) -> Iterator[str]:
    limit = USSD_FIRST_PAGE if opens else USSD_PAGE
    widest = renderer.texts.widest_values(language)
    size, below = 0, dict.fromkeys(sorted(errors_of(screen)), 0)
    for state, facts in _situations(screen, language, widest, () if opens else ("before",)):
        pages = renderer.pages(screen, state, facts)
        if screen.lists or screen.kind == "pages":
            size = max(size, *(septets(page.text) for page in pages))
        else:
            size = max(size, septets(renderer.whole(screen, state, facts).text))
        for error in below:
            said = renderer.texts.widest(error, language)
            below[error] = max(below[error], *(septets(page.below(said)) for page in pages))
    if size > limit:
        yield f"{size} septets at the longest; a page holds {limit}"
        return
    for error, worst in below.items():
        if worst > USSD_PAGE:
            yield f"{worst} septets below {error!r}; a page holds {USSD_PAGE}"


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
