"""The check at start: every fault of menus and texts at once, before a villager meets one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .checks import ABOUT_PREFIX, ERROR_TEXTS, texts_on
from .faults import Fault, Where, at_choice, at_screen, at_text
from .measure import NAVIGATION
from .misfits import misfits
from .model import ActionShape, Menu
from .sound import text_fault
from .texts import DEFAULT_LANGUAGE, Texts
from .ways import ways
from .wiring import wiring_faults


def faults(
    menu: Menu,
    texts: Texts,
    actions: Mapping[str, ActionShape],
    used: frozenset[str],
    malformed: frozenset[str] = frozenset(),
) -> Iterator[Fault]:
    """Yield every fault of a menu in the languages that are offered.

    `used` are the text keys the code itself asks for, `malformed` the screens that could not be
    read and are therefore missing from the menu.
    """
    yield from wiring_faults(menu, actions, malformed)
    asked, ours = _asked(menu), texts.keys(DEFAULT_LANGUAGE)
    for language in texts.languages:
        for key in sorted(lacks(menu, texts, used, language)):
            if language == DEFAULT_LANGUAGE:
                yield _missing(key, asked.get(key))
            elif key in ours:  # else what Vietnamese lacks would be said once for each language
                yield untranslated(key, language)
        yield from text_faults(menu, texts, language, used, malformed)


def text_faults(
    menu: Menu,
    texts: Texts,
    language: str,
    used: frozenset[str],
    malformed: frozenset[str] = frozenset(),
) -> Iterator[Fault]:
    """Yield every fault of the texts there are in one language."""
    there = texts.keys(language)
    if not malformed:
        for key in sorted(there - _wanted(menu, used)):
            yield Fault(f"nothing asks for text {key!r}", at_text(language, key).place)
    for key in sorted(there):
        if said := text_fault(key, language, texts):
            yield at_text(language, key).fault(said)
    yield from (misfit.fault(menu, language) for misfit in misfits(menu, texts, language))


def lacks(menu: Menu, texts: Texts, used: frozenset[str], language: str) -> frozenset[str]:
    """Return the keys a language has no text for; it may be offered when there is none."""
    return _wanted(menu, used) - texts.keys(language)


def _wanted(menu: Menu, used: frozenset[str]) -> frozenset[str]:
    on_screens = (texts_on(screen) for screen in menu.screens.values())
    return (NAVIGATION | ERROR_TEXTS | used).union(*on_screens)


def _asked(menu: Menu) -> dict[str, tuple[Where, tuple[str, ...]]]:
    """Return for each text key of the menu what asks for it first, and in which field."""
    asked: dict[str, tuple[Where, tuple[str, ...]]] = {}
    for screen in menu.screens.values():
        asked.setdefault(screen.text, (at_screen(screen.id), ("text",)))
        if screen.about:
            asked.setdefault(f"{ABOUT_PREFIX}{screen.about}", (at_screen(screen.id), ("about",)))
        for choice in screen.choices:
            asked.setdefault(choice.text, (at_choice(screen.id, choice.key), ("text",)))
        for way in ways(screen):
            asked.setdefault(way.error, (way.where, way.field))
    return asked


def untranslated(key: str, language: str) -> Fault:
    """Say that a language lacks a text, at the Vietnamese that is to be translated."""
    return at_text(DEFAULT_LANGUAGE, key).fault(f"is missing in {language}.yaml")


def _missing(key: str, asked: tuple[Where, tuple[str, ...]] | None) -> Fault:
    said = f"text {key!r} is missing in texts/{DEFAULT_LANGUAGE}.yaml"
    if asked is None:
        return Fault(said, ("texts", DEFAULT_LANGUAGE))
    where, field = asked
    return where.fault(said, *field)
