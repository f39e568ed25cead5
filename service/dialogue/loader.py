"""Reads the menu files' plain values into a Menu; says of everything malformed what and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from .model import BACK, MORE, Choice, Kind, Leap, Menu, Screen, Start

KINDS = frozenset(get_args(Kind))
SCREEN_FIELDS = frozenset(
    {"kind", "text", "choices", "lists", "saves", "check", "does", "next", "when_empty"}
)
CHOICE_FIELDS = frozenset({"text", "next", "sets", "does", "when"})
RESERVED_KEYS = frozenset({BACK, MORE, "00", "98"})


class MenuError(Exception):
    """The menu cannot be used; `faults` lists every reason found."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_menu(source: Mapping[str, Any]) -> Menu:
    """Make a Menu of the values of a menu file; raise MenuError listing what is malformed."""
    faults: list[str] = []
    screens = {}
    for name, fields in (source.get("screens") or {}).items():
        found = list(_screen_faults(str(name), fields))
        faults += found
        if not found:
            screens[str(name)] = _screen(str(name), fields)
    starts = tuple(
        Start(str(start.get("screen", "")), start.get("when"))
        for start in source.get("starts") or ()
        if isinstance(start, dict)
    )
    if not starts or starts[-1].when is not None:
        faults.append("starts: the last entry must hold for everybody (no `when`)")
    if faults:
        raise MenuError(faults)
    return Menu(screens, starts)


def _screen_faults(name: str, fields: Any) -> Iterator[str]:
    if not isinstance(fields, dict):
        yield f"{name}: should be a group of fields"
        return
    for field in sorted(set(fields) - SCREEN_FIELDS):
        yield f"{name}: unknown field {field!r}"
    if fields.get("kind") not in KINDS:
        yield f"{name}: kind should be one of {', '.join(sorted(KINDS))}"
    if not isinstance(fields.get("text"), str):
        yield f"{name}: has no text"
    choices = fields.get("choices") or {}
    if not isinstance(choices, dict):
        yield f"{name}: choices should be numbered lines"
        return
    for key, choice in choices.items():
        yield from _choice_faults(f"{name}, choice {key}", str(key), choice)


def _choice_faults(where: str, key: str, fields: Any) -> Iterator[str]:
    if not key.isdigit() or key in RESERVED_KEYS:
        yield f"{where}: a key is a number other than {', '.join(sorted(RESERVED_KEYS))}"
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        yield f"{where}: has no text"
        return
    for field in sorted(set(fields) - CHOICE_FIELDS):
        yield f"{where}: unknown field {field!r}"
    if "next" not in fields:
        yield f"{where}: leads nowhere (no `next`)"


def _screen(name: str, fields: Mapping[str, Any]) -> Screen:
    return Screen(
        id=name,
        kind=fields["kind"],
        text=fields["text"],
        choices=tuple(
            Choice(
                key=str(key),
                text=choice["text"],
                leap=_leap(choice["next"]),
                sets={str(k): str(v) for k, v in (choice.get("sets") or {}).items()},
                does=choice.get("does"),
                when=choice.get("when"),
            )
            for key, choice in (fields.get("choices") or {}).items()
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
        return Leap(by_outcome={str(k): str(v) for k, v in value.items()})
    return Leap(always=None if value is None else str(value))
