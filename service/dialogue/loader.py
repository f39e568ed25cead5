"""Reads the menu files' plain values into a Menu; says of everything malformed what and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from .faults import Fault, Located, MenuError, Where, at_choice, at_screen, at_start
from .model import RESERVED_KEYS, Choice, Kind, Leap, Menu, Redial, Screen, Start

KINDS = frozenset(get_args(Kind))
REDIALS = frozenset(get_args(Redial))
PARTS = frozenset({"starts", "screens"})
NO_SCREENS = "screens: should be a group of screens"
NAMES = frozenset({"lists", "saves", "check", "does", "when_empty", "when", "unless", "about"})
"""Fields that hold one name."""
START_FIELDS = frozenset({"screen", "when", "before_menu"})
SCREEN_FIELDS = frozenset(
    {
        *("kind", "text", "choices", "lists", "saves", "check", "does", "next", "when_empty"),
        *("redial", "about", "secret"),
    }
)
CHOICE_FIELDS = frozenset({"text", "next", "sets", "does", "when", "unless"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a menu: all that is well formed, and what is wrong with the rest."""

    menu: Menu
    faults: tuple[Fault, ...]
    malformed: frozenset[str]
    """Screens that are not or not wholly in the menu."""


def read_menu(source: Mapping[str, Any]) -> Menu:
    """Make a Menu of the values of a menu file; raise MenuError listing what is malformed."""
    reading = parse_menu(source)
    if reading.faults:
        raise MenuError([Located("menu", None, fault.said) for fault in reading.faults])
    return reading.menu


def parse_menu(source: Mapping[str, Any]) -> Reading:
    """Make a Menu of what is well formed in the values of a menu file; raises nothing."""
    parts = sorted(set(map(str, source)) - PARTS)
    faults = [Fault(f"unknown part {part!r}", (part,)) for part in parts]
    screens, malformed = {}, set[str]()
    written = source.get("screens")
    if not isinstance(written, dict):
        faults.append(Fault(NO_SCREENS, ("screens",)))
        written = {}
    for name, fields in written.items():
        found = list(_screen_faults(str(name), fields))
        sound, more = ({}, []) if found else _sound_choices(str(name), fields)
        faults += [*found, *more]
        if found or more:
            malformed.add(str(name))
        if sound or not (found or more):
            screens[str(name)] = _screen(str(name), fields, sound)
    found = list(_start_faults(source.get("starts")))
    starts = () if found else tuple(_start(fields) for fields in source["starts"])
    return Reading(Menu(screens, starts), (*faults, *found), frozenset(malformed))


def _start_faults(starts: Any) -> Iterator[Fault]:
    if not isinstance(starts, list) or not starts:
        yield Fault("starts: should be a list of screens a call may begin with", ("starts",))
        return
    for place, fields in enumerate(starts, start=1):
        where = at_start(place)
        if not isinstance(fields, dict) or not isinstance(fields.get("screen"), str):
            yield where.fault("names no screen")
            continue
        yield from _field_faults(where, fields, START_FIELDS)
        if not isinstance(fields.get("before_menu", False), bool):
            yield where.fault("`before_menu` should be true or false", "before_menu")
        if "when" not in fields and place < len(starts):
            yield where.fault("holds for everybody, so the next entry is never met")
        if "when" in fields and place == len(starts):
            yield where.fault("is the last and must hold for everybody (no `when`)", "when")


def _screen_faults(name: str, fields: Any) -> Iterator[Fault]:
    where = at_screen(name)
    if not isinstance(fields, dict):
        yield where.fault("should be a group of fields")
        return
    yield from _field_faults(where, fields, SCREEN_FIELDS)
    if fields.get("kind") not in KINDS:
        yield where.fault(f"kind should be one of {', '.join(sorted(KINDS))}", "kind")
    if fields.get("redial", "start") not in REDIALS:
        yield where.fault(f"redial should be one of {', '.join(sorted(REDIALS))}", "redial")
    if not isinstance(fields.get("secret", False), bool):
        yield where.fault("`secret` should be true or false", "secret")
    if not isinstance(fields.get("text"), str):
        yield where.fault("has no text", "text")
    if not isinstance(fields.get("choices") or {}, dict):
        yield where.fault("choices should be numbered lines", "choices")


def _sound_choices(name: str, fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the choices of a screen that can be used, and what is wrong with the others."""
    sound, faults = {}, []
    for key, choice in (fields.get("choices") or {}).items():
        found = list(_choice_faults(at_choice(name, str(key)), str(key), choice))
        faults += found
        if not found:
            sound[str(key)] = choice
    return sound, faults


def _choice_faults(where: Where, key: str, fields: Any) -> Iterator[Fault]:
    if not (key.isascii() and key.isdigit()) or key.startswith("0") or key in RESERVED_KEYS:
        yield where.fault(f"a key is a number other than {', '.join(sorted(RESERVED_KEYS))}")
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        yield where.fault("has no text")
        return
    yield from _field_faults(where, fields, CHOICE_FIELDS)
    if fields.get("next") is None:
        yield where.fault("leads nowhere (no `next`)")


def _field_faults(
    where: Where, fields: Mapping[str, Any], known: frozenset[str]
) -> Iterator[Fault]:
    for field in sorted(set(map(str, fields)) - known):
        yield where.fault(f"unknown field {field!r}", field)
    for field in sorted(NAMES & set(fields)):
        if not isinstance(fields[field], str):
            yield where.fault(f"{field!r} should be one name", field)
    if not _is_leap(fields.get("next")):
        yield where.fault("`next` should be a screen, or a screen for each outcome", "next")
    sets = fields.get("sets") or {}
    if not isinstance(sets, dict) or not all(isinstance(v, str) for v in sets.values()):
        yield where.fault("`sets` should be names and values (a number stands in quotes)", "sets")


def _is_leap(value: Any) -> bool:
    targets = value.values() if isinstance(value, dict) else [value or ""]
    return all(isinstance(target, str) for target in targets)


def _start(fields: Mapping[str, Any]) -> Start:
    return Start(fields["screen"], fields.get("when"), fields.get("before_menu", False))


def _screen(name: str, fields: Mapping[str, Any], choices: Mapping[str, Any]) -> Screen:
    return Screen(
        id=name,
        kind=fields["kind"],
        text=fields["text"],
        choices=tuple(
            Choice(
                key=key,
                text=choice["text"],
                leap=_leap(choice["next"]),
                sets=dict(choice.get("sets") or {}),
                does=choice.get("does"),
                when=choice.get("when"),
                unless=choice.get("unless"),
            )
            for key, choice in choices.items()
        ),
        lists=fields.get("lists"),
        saves=fields.get("saves"),
        check=fields.get("check"),
        secret=fields.get("secret", False),
        does=fields.get("does"),
        leap=_leap(fields.get("next")),
        when_empty=fields.get("when_empty"),
        redial=fields.get("redial", "start"),
        about=fields.get("about"),
    )


def _leap(value: Any) -> Leap:
    if isinstance(value, dict):
        return Leap(by_outcome={str(outcome): target for outcome, target in value.items()})
    return Leap(always=value)
