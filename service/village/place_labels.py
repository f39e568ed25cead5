"""Places on one line of a phone: 28 septets, and still to be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from service.dialogue.model import LINE, Option
from service.text.codes import LENGTH
from service.text.fold import fold
from service.text.gsm7 import cut, septets

from .sightings import Kind, Sighting
from .titles import Level, split_title

SHORTEST_COMMUNE = 10
"""Septets of a commune that stay when a hamlet's name is long."""
SHORT = {"Thành phố": "TP", "Thị xã": "TX"}
"""District titles as they are written for short."""

Say = Callable[[str, Mapping[str, str]], str]
"""Gives the text of a key in the caller's language, with its gaps filled."""


def short_district(written: str) -> str:
    """Return a former district as a list of districts has it: "Hoa An", "TP Cao Bang"."""
    title, name = split_title(written, Level.DISTRICT)
    return fold(f"{SHORT[title]} {name}" if title in SHORT else name).text


def said_district(written: str) -> str:
    """Return a former district as one says it: "huyen Hoa An", "TP Cao Bang"."""
    title, name = split_title(written, Level.DISTRICT)
    return fold(f"{SHORT.get(title, title.lower())} {name}".strip()).text


def listed_name(title: str, name: str) -> str:
    """Return a hamlet's name as a list has it; one that is only a number keeps its title."""
    said = name if any(sign.isalpha() for sign in name) else f"{title} {name}"
    return fold(said).text


def hamlet_line(name: str, commune: str, room: int = LINE) -> str:
    """Return "name, commune" within so many septets; both lose their ends before one is lost."""
    name, commune = fold(name).text, fold(commune).text
    left = room - len(", ")
    commune = cut(commune, max(left - septets(name), SHORTEST_COMMUNE))
    return f"{cut(name, left - septets(commune))}, {commune}"


def coded_line(code: str, name: str, commune: str) -> str:
    """Return "code name, commune" for a list in which codes are what counts."""
    return f"{code} {hamlet_line(name, commune, LINE - len(code) - 1)}"


def told_apart(options: Sequence[Option]) -> list[Option]:
    """Put the code before the line of each hamlet whose line another has too."""
    lines = Counter(cut(option.label, LINE) for option in options)
    return [
        Option(option.value, f"{option.value[:LENGTH]} {option.label}")
        if lines[cut(option.label, LINE)] > 1 and option.value[:LENGTH].isdecimal()
        else option
        for option in options
    ]


def sighting_lines(sightings: Sequence[Sighting], say: Say) -> list[Option]:
    """Return what a search found as the lines of a list, each saying which place it is."""
    return told_apart([Option(found.handle, sighting_line(found, say)) for found in sightings])


def sighting_line(found: Sighting, say: Say) -> str:
    """Return the line of one place: the fullest way to say it that fits."""
    values = {
        "place": listed_name(found.title, found.was or found.name),
        "hamlet": fold(found.name).text,
        "commune": fold(found.commune).text,
        "district": short_district(found.district),
        "title": fold(found.title.lower()).text,
    }
    if found.kind is Kind.DISTRICT:
        values["district"] = said_district(found.district)
    lines = [say(key, values) for key in _ways(found)]
    if found.kind is Kind.HAMLET:
        name = values["hamlet"] if found.was else values["place"]
        lines.append(hamlet_line(name, found.commune))
    return next((line for line in lines if septets(line) <= LINE), lines[-1])


def _ways(found: Sighting) -> Sequence[str]:
    """Return the keys of the texts that may say a place, the fullest first."""
    if found.kind is Kind.HAMLET:
        return ("hamlet.line_renamed",) if found.was else ()
    if found.kind is Kind.DISTRICT:
        return ("hamlet.line_district",)
    if found.kind is Kind.COMMUNE:
        if not found.exact:
            return ("hamlet.line_commune",)
        return (*(["hamlet.line_new_in"] if found.district else []), "hamlet.line_new")
    if not found.exact:
        return ("hamlet.line_old_name", "hamlet.line_old_name_short")
    if not found.district:
        return ("hamlet.line_once",)
    return ("hamlet.line_old_in", "hamlet.line_old")
