"""What the screens that ask for a hamlet may ask for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from service.dialogue.model import Done, Facts, Option
from service.records.areas import AreaAlias
from service.records.hops import COMMUNE
from service.text.codes import LENGTH, is_hamlet_code
from service.text.slips import code_slips

from . import areas
from .acting import Action, lists, reads
from .desk import Desk
from .finding import find
from .place_labels import coded_line, sighting_lines
from .sightings import DISTRICT, OLD_NAME, is_handle

MOST_SLIPS = 8
"""Hamlets offered for a mistyped code: as many as a page has lines."""
ARRIVED = ("hamlet", "renamed", "commune", "district")
"""Where a place that was found leads: to be confirmed, or to be looked for in it."""


def _find_place(desk: Desk, known: Facts) -> Done:
    """Find what was typed, a code or the name of a place, or what was chosen from a list.

    What a list is made from is kept only when there is something to list, so that a caller who
    types nonsense into a list still sees whose list it is.
    """
    session, typed = desk.unit.session, known["typed"]
    if is_handle(typed):
        return _arrive(session, typed)
    if typed.isdecimal():
        return _by_code(session, typed)
    found = find(session, typed)
    if not found.sightings:
        return Done("too_many" if found.more else "no_name")
    if len(found.sightings) == 1 and not found.more:
        return _arrive(session, found.sightings[0].handle)
    return Done("several", {"sought": typed, "others": "more" if found.more else ""})


def _by_code(session: Session, code: str) -> Done:
    if is_hamlet_code(code) and areas.find_area(session, code) is not None:
        return _arrive(session, code)
    if _slips(session, code):
        return Done("slip", {"sought": code})
    if len(code) != LENGTH:
        return Done("not_five")
    return Done("no_code" if is_hamlet_code(code) else "wrong_digit")


def _slips(session: Session, code: str) -> list[Option]:
    near = areas.hamlets_with_codes(session, code_slips(code))[:MOST_SLIPS]
    return [
        Option(hamlet.code, coded_line(hamlet.code, hamlet.name, commune.name))
        for hamlet, commune in near
    ]


def _arrive(session: Session, handle: str) -> Done:
    """Say where a place that was found or chosen leads, with what is said of it there."""
    if handle.startswith(DISTRICT):
        return Done("district", {"district": handle.removeprefix(DISTRICT)})
    code, _, former = handle.partition(OLD_NAME)
    area = areas.find_area(session, code)
    if area is None:
        return Done("gone")
    if handle.startswith(COMMUNE):
        return Done("commune", {"commune_code": area.code, "commune": areas.shown_name(area)})
    values = {
        "area": areas.handle(area),
        "hamlet": areas.shown_name(area),
        "commune": areas.shown_name(areas.commune_of(session, area)),
    }
    alias = session.get(AreaAlias, int(former)) if former else None
    if alias is None:
        return Done("hamlet", values)
    return Done("renamed", {**values, "former": areas.said(area.title, alias.name)})


def _find_area(desk: Desk, known: Facts) -> Done:
    area = areas.find_area(desk.unit.session, known.get("area", ""))
    if area is None:
        return Done("unknown")
    commune = areas.commune_of(desk.unit.session, area)
    return Done("found", {"hamlet": areas.shown_name(area), "commune": areas.shown_name(commune)})


def _count_provinces(desk: Desk, _known: Facts) -> Done:
    return Done("several" if len(areas.provinces(desk.unit.session)) > 1 else "one")


def _name_commune(desk: Desk, known: Facts) -> Done:
    commune = areas.find_area(desk.unit.session, f"{COMMUNE}{known['commune_code']}")
    return Done(values={"commune": areas.shown_name(commune) if commune else ""})


def _places_found(desk: Desk, known: Facts) -> Done:
    def say(key: str, values: Mapping[str, str]) -> str:
        return desk.words.texts.say(key, desk.language, values)

    found = find(desk.unit.session, known["sought"])
    return Done(options=sighting_lines(found.sightings, say))


def _hamlets_nearby(desk: Desk, known: Facts) -> Done:
    return Done(options=_slips(desk.unit.session, known["sought"]))


def _provinces(desk: Desk, _known: Facts) -> Done:
    return Done(options=areas.provinces(desk.unit.session))


def _districts(desk: Desk, known: Facts) -> Done:
    return Done(options=areas.districts(desk.unit.session, known.get("province", "")))


def _communes(desk: Desk, known: Facts) -> Done:
    return Done(options=areas.communes(desk.unit.session, known["district"]))


def _hamlets(desk: Desk, known: Facts) -> Done:
    return Done(options=areas.hamlets(desk.unit.session, known["commune_code"]))


PLACE_ACTIONS: Mapping[str, Action] = {
    "find_place": reads(
        _find_place,
        *ARRIVED,
        *("several", "too_many", "no_name"),
        *("slip", "no_code", "wrong_digit", "not_five"),
        "gone",
    ),
    "find_area": reads(_find_area, "found", "unknown"),
    "count_provinces": reads(_count_provinces, "one", "several"),
    "name_commune": reads(_name_commune),
    "places_found": lists(_places_found),
    "hamlets_nearby": lists(_hamlets_nearby),
    "provinces": lists(_provinces),
    "districts": lists(_districts),
    "communes": lists(_communes),
    "hamlets": lists(_hamlets),
}
"""Each action by name; none of them writes anything."""
