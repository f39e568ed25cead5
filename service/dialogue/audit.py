"""The check at start: every fault of menus and texts at once, before a villager meets one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from service.text.gsm7 import (
    USSD_FIRST_PAGE,
    USSD_HARD_LIMIT,
    USSD_PAGE,
    septets,
    unknown_characters,
)

from .checks import CHECKS, ERROR_TEXTS
from .model import ActionShape, Leap, Menu, Option, Screen, State
from .render import Renderer
from .texts import Texts

NAVIGATION = frozenset({"nav.back", "nav.more"})
SMS_PREFIX = "sms."
"""Texts under this prefix are sent as SMS and must fit one segment."""
SEGMENT = 160


def faults(
    menu: Menu, texts: Texts, actions: Mapping[str, ActionShape], used: frozenset[str]
) -> Iterator[str]:
    """Yield every fault of a menu; `used` are the text keys the code itself asks for."""
    yield from _wiring(menu, actions)
    wanted = frozenset(_wanted(menu)) | NAVIGATION | ERROR_TEXTS | used
    for language in texts.languages:
        missing = sorted(wanted - texts.keys(language))
        yield from (f"{language}: text {key!r} is missing" for key in missing)
        yield from _alphabet(texts, language)
        if not missing:
            yield from _sizes(menu, texts, language)


def complete(menu: Menu, texts: Texts, used: frozenset[str], language: str) -> bool:
    """Say whether a language has every text, so that it may be offered."""
    return frozenset(_wanted(menu)) | NAVIGATION | ERROR_TEXTS | used <= texts.keys(language)


def _wanted(menu: Menu) -> Iterator[str]:
    for screen in menu.screens.values():
        yield screen.text
        for leap in (screen.leap, *(choice.leap for choice in screen.choices)):
            yield from (target[1:] for target in _targets(leap) if target.startswith("!"))
        yield from (choice.text for choice in screen.choices)


def _targets(leap: Leap) -> list[str]:
    return [*([leap.always] if leap.always else []), *leap.by_outcome.values()]


def _wiring(menu: Menu, actions: Mapping[str, ActionShape]) -> Iterator[str]:
    reached = {start.screen for start in menu.starts}
    for screen in menu.screens.values():
        where = screen.id
        if screen.check and screen.check not in CHECKS:
            yield f"{where}: unknown check {screen.check!r}"
        if screen.lists and not (screen.lists in actions and actions[screen.lists].lists):
            yield f"{where}: {screen.lists!r} is no action that lists"
        if (screen.kind == "ask" or screen.lists) and not _targets(screen.leap):
            yield f"{where}: an answer leads nowhere (no `next`)"
        if screen.kind in {"choice", "pages"} and not (screen.choices or screen.lists):
            yield f"{where}: a {screen.kind} screen needs choices or a list"
        if screen.kind == "end" and (screen.choices or screen.lists or _targets(screen.leap)):
            yield f"{where}: an end leads nowhere"
        doings: list[tuple[str, str | None, Leap]] = [(where, screen.does, screen.leap)]
        doings += [(f"{where}, choice {c.key}", c.does, c.leap) for c in screen.choices]
        for at, does, leap in doings:
            yield from _leap_faults(at, does, leap, actions)
            reached |= {target for target in _targets(leap) if not target.startswith("!")}
        if screen.when_empty:
            reached.add(screen.when_empty)
    yield from (f"{name}: no screen leads here" for name in sorted(set(menu.screens) - reached))
    yield from (
        f"{name}: is named but does not exist" for name in sorted(reached - set(menu.screens))
    )


def _leap_faults(
    where: str, does: str | None, leap: Leap, actions: Mapping[str, ActionShape]
) -> Iterator[str]:
    if does and does not in actions:
        yield f"{where}: unknown action {does!r}"
        return
    outcomes = actions[does].outcomes if does else frozenset({"ok"})
    if leap.by_outcome and (unknown := set(leap.by_outcome) - outcomes):
        yield f"{where}: {does!r} never says {', '.join(sorted(unknown))}"
    if leap.by_outcome and (left := outcomes - set(leap.by_outcome)):
        yield f"{where}: does not say where to go when {does!r} says {', '.join(sorted(left))}"


def _alphabet(texts: Texts, language: str) -> Iterator[str]:
    for key in sorted(texts.keys(language)):
        for gap in sorted(texts.gaps_of(key, language) - set(texts.gaps)):
            yield f"{language}: {key}: gap {{{gap}}} is not declared"
            return
        widest = texts.widest(key, language)
        if odd := unknown_characters(widest):
            yield f"{language}: {key}: {' '.join(odd)} cannot be shown by a keypad phone"
        elif key.startswith(SMS_PREFIX) and (size := septets(widest)) > SEGMENT:
            yield f"{language}: {key}: {size} septets at the longest; a segment holds {SEGMENT}"


def _sizes(menu: Menu, texts: Texts, language: str) -> Iterator[str]:
    """Render every screen with the longest values and every set of conditional choices."""
    renderer = Renderer(texts)
    widest = texts.widest_values(language)
    for screen in menu.screens.values():
        limit = USSD_FIRST_PAGE if screen.id in menu.fresh else USSD_PAGE
        trail = () if screen.id in menu.fresh else ("before",)
        for state, facts in _situations(screen, language, widest, trail):
            pages = renderer.pages(screen, state, facts, first=screen.id in menu.fresh)
            size = max(septets(page.text) for page in pages)
            if size > limit or (len(pages) > 1 and not (screen.lists or screen.kind == "pages")):
                whole = sum(septets(page.text) for page in pages)
                yield f"{language}: {screen.id}: {whole} septets; a page holds {limit}"
                break
            for error in ERROR_TEXTS | set(_own_errors(screen)):
                worst = max(septets(page.below(texts.widest(error, language))) for page in pages)
                if worst > USSD_HARD_LIMIT:
                    yield f"{language}: {screen.id}: {worst} septets below {error!r}"


def _own_errors(screen: Screen) -> Iterator[str]:
    for leap in (screen.leap, *(choice.leap for choice in screen.choices)):
        yield from (target[1:] for target in _targets(leap) if target.startswith("!"))


def _situations(
    screen: Screen, language: str, widest: Mapping[str, str], trail: tuple[str, ...]
) -> Iterator[tuple[State, dict[str, str]]]:
    """Yield states and facts that together show every combination of conditional choices."""
    conditions = sorted({choice.when for choice in screen.choices if choice.when})
    options = tuple(Option(str(n), "M" * 24) for n in range(40)) if screen.lists else ()
    for holds in product((True, False), repeat=len(conditions)):
        facts = dict(widest)
        for condition, true in zip(conditions, holds, strict=True):
            facts[condition] = facts.get(condition) or "1" if true else ""
        yield State(screen.id, language, trail=trail, options=options), facts
