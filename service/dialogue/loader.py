"""Reads the menu files' plain values into a Menu; says of everything malformed what and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from .model import RESERVED_KEYS, Choice, Kind, Leap, Menu, Screen, Start

KINDS = frozenset(get_args(Kind))
PARTS = frozenset({"starts", "screens"})
NAMES = frozenset({"lists", "saves", "check", "does", "when_empty", "when", "unless"})
"""Fields that hold one name."""
START_FIELDS = frozenset({"screen", "when"})
SCREEN_FIELDS = frozenset(
    {"kind", "text", "choices", "lists", "saves", "check", "does", "next", "when_empty"}
)
CHOICE_FIELDS = frozenset({"text", "next", "sets", "does", "when", "unless"})


class MenuError(Exception):
    """The menu cannot be used; `faults` lists every reason found."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a menu: all that is well formed, and what is wrong with the rest."""

    menu: Menu
    faults: tuple[str, ...]
    malformed: frozenset[str]
    """Screens that are not or not wholly in the menu."""


def read_menu(source: Mapping[str, Any]) -> Menu:
    """Make a Menu of the values of a menu file; raise MenuError listing what is malformed."""
    reading = parse_menu(source)
    if reading.faults:
        raise MenuError(list(reading.faults))
    return reading.menu


def parse_menu(source: Mapping[str, Any]) -> Reading:
    """Make a Menu of what is well formed in the values of a menu file; raises nothing."""
    faults = [f"unknown part {part!r}" for part in sorted(set(map(str, source)) - PARTS)]
    screens, malformed = {}, set[str]()
    written = source.get("screens")
    if not isinstance(written, dict):
        faults.append("screens: should be a group of screens")
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


def _start_faults(starts: Any) -> Iterator[str]:
    if not isinstance(starts, list) or not starts:
        yield "starts: should be a list of screens a call may begin with"
        return
    for place, fields in enumerate(starts, start=1):
        where = f"starts, entry {place}"
        if not isinstance(fields, dict) or not isinstance(fields.get("screen"), str):
            yield f"{where}: names no screen"
            continue
        yield from _field_faults(where, fields, START_FIELDS)
        if "when" not in fields and place < len(starts):
            yield f"{where}: holds for everybody, so the next entry is never met"
        if "when" in fields and place == len(starts):
            yield "starts: the last entry must hold for everybody (no `when`)"


def _screen_faults(name: str, fields: Any) -> Iterator[str]:
    if not isinstance(fields, dict):
        yield f"{name}: should be a group of fields"
        return
    yield from _field_faults(name, fields, SCREEN_FIELDS)
    if fields.get("kind") not in KINDS:
        yield f"{name}: kind should be one of {', '.join(sorted(KINDS))}"
    if not isinstance(fields.get("text"), str):
        yield f"{name}: has no text"
    if not isinstance(fields.get("choices") or {}, dict):
        yield f"{name}: choices should be numbered lines"


def _sound_choices(name: str, fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the choices of a screen that can be used, and what is wrong with the others."""
    sound, faults = {}, []
    for key, choice in (fields.get("choices") or {}).items():
        found = list(_choice_faults(f"{name}, choice {key}", str(key), choice))
        faults += found
        if not found:
            sound[str(key)] = choice
    return sound, faults


def _choice_faults(where: str, key: str, fields: Any) -> Iterator[str]:
    if not (key.isascii() and key.isdigit()) or key.startswith("0") or key in RESERVED_KEYS:
        yield f"{where}: a key is a number other than {', '.join(sorted(RESERVED_KEYS))}"
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        yield f"{where}: has no text"
        return
    yield from _field_faults(where, fields, CHOICE_FIELDS)
    if fields.get("next") is None:
        yield f"{where}: leads nowhere (no `next`)"


def _field_faults(where: str, fields: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for field in sorted(set(map(str, fields)) - known):
        yield f"{where}: unknown field {field!r}"
    for field in sorted(NAMES & set(fields)):
        if not isinstance(fields[field], str):
            yield f"{where}: {field!r} should be one name"
    if not _is_leap(fields.get("next")):
        yield f"{where}: `next` should be a screen, or a screen for each outcome"
    sets = fields.get("sets") or {}
    if not isinstance(sets, dict) or not all(isinstance(v, str) for v in sets.values()):
        yield f"{where}: `sets` should be names and values (a number stands in quotes)"


def _is_leap(value: Any) -> bool:
    targets = value.values() if isinstance(value, dict) else [value or ""]
    return all(isinstance(target, str) for target in targets)


def _start(fields: Mapping[str, Any]) -> Start:
    return Start(fields["screen"], fields.get("when"))


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
        does=fields.get("does"),
        leap=_leap(fields.get("next")),
        when_empty=fields.get("when_empty"),
    )


def _leap(value: Any) -> Leap:
    if isinstance(value, dict):
        return Leap(by_outcome={str(outcome): target for outcome, target in value.items()})
    return Leap(always=value)
