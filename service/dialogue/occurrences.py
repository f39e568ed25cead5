"""Where people meet each text, and in which order a call brings them."""

from __future__ import annotations

from collections.abc import Iterator

from .checks import errors_of
from .measure import NAVIGATION, is_line
from .model import Menu, Screen
from .texts import DEFAULT_LANGUAGE, SMS_PREFIXES, Texts
from .ways import next_screens

FEW = 3
"""Screens named one by one; of more only the number is said."""


def in_order(menu: Menu, texts: Texts, language: str) -> tuple[str, ...]:
    """Return the keys of a language as a call brings them: screen after screen from the home one.

    What no screen shows (SMS, guides, what is said of many screens) follows in the file's order.
    """
    there = texts.keys(language)
    on_screens = [key for screen in _walk(menu) for key in _keys_of(screen) if key in there]
    return tuple(dict.fromkeys((*on_screens, *texts.listed(language))))


def occurrences(menu: Menu, texts: Texts) -> dict[str, str]:
    """Return, for each Vietnamese key, where people meet it.

    "root" is the head of that screen, "root 1" its line 1, "above root" an error on it, "SMS" a
    message; a text that stands in for a gap of others has that gap: "{topic}".
    """
    found: dict[str, list[str]] = {key: [] for key in texts.listed(DEFAULT_LANGUAGE)}
    for screen in _walk(menu):
        for key, where in _places_on(screen):
            if key in found and where not in found[key]:
                found[key].append(where)
    return {key: _said(texts, key, places) for key, places in found.items()}


def _said(texts: Texts, key: str, places: list[str]) -> str:
    if key in NAVIGATION:
        return "every page"
    gaps = [f"{{{n}}}" for n, gap in texts.gaps.items() if gap.text and key.startswith(gap.text)]
    if len(places) > FEW:
        kind = "above" if all(place.startswith("above ") for place in places) else "on"
        places = [f"{kind} {len(places)} screens"]
    if is_line(key):
        places = [*places, "a line in a list"]
    elif key.startswith(SMS_PREFIXES):
        places = [*places, "SMS"]
    return ", ".join([*places, *gaps])


def reached(texts: Texts, key: str, language: str) -> frozenset[str]:
    """Return the keys of all texts in which this one may stand: itself, and those with its gap."""
    every = texts.keys(language) | texts.keys(DEFAULT_LANGUAGE)
    found, ahead = set[str](), {key}
    while ahead:
        found |= ahead
        starts = {name: gap.text for name, gap in texts.gaps.items() if gap.text}
        gaps = {name for name, start in starts.items() if any(k.startswith(start) for k in ahead)}
        ahead = {k for k in every if gaps & texts.gaps_of(k, language)} - found
    return frozenset(found)


def _walk(menu: Menu) -> Iterator[Screen]:
    """Yield every screen that can be reached, each before those it leads to."""
    first = (menu.starts[-1].screen, *(start.screen for start in menu.starts))
    met: set[str] = set()
    ahead = list(reversed(first))
    while ahead:
        name = ahead.pop()
        if name in met or name not in menu.screens:
            continue
        met.add(name)
        screen = menu.screens[name]
        yield screen
        ahead += reversed(next_screens(screen))


def _keys_of(screen: Screen) -> Iterator[str]:
    yield from (key for key, _ in _places_on(screen))


def _places_on(screen: Screen) -> Iterator[tuple[str, str]]:
    yield screen.text, screen.id
    yield from ((choice.text, f"{screen.id} {choice.key}") for choice in screen.choices)
    yield from ((key, f"above {screen.id}") for key in sorted(errors_of(screen)))
