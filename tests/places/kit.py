"""Lists to load and searches to make, in few words."""

from __future__ import annotations

from service.dialogue.texts import DEFAULT_LANGUAGE
from service.village.area_changes import Plan
from service.village.finding import Findings, find
from service.village.hamlet_lists import load_hamlets
from service.village.place_labels import sighting_lines
from tests.village import World

HEAD = "code,title,name,commune_code,former_names,coverage,source"


def load(world: World, *rows: str, head: str = HEAD, **options: bool) -> Plan:
    """Load rows of a list of hamlets."""
    return load_bytes(world, "\n".join([head, *rows]).encode(), **options)


def load_bytes(world: World, data: bytes, **options: bool) -> Plan:
    with world.runtime.units.open() as unit:
        return load_hamlets(unit.session, data, source="a list", **options)


def loaded(world: World, *rows: str, **options: bool) -> Plan:
    """Load rows that have no fault."""
    plan = load(world, *rows, **options)
    assert plan.faults == []
    return plan


def faults(plan: Plan) -> list[str]:
    return [str(fault) for fault in plan.faults]


def search(world: World, words: str) -> Findings:
    with world.runtime.units.open() as unit:
        return find(unit.session, words)


def handles(world: World, words: str) -> list[str]:
    """Return what names the places a search finds."""
    return [sighting.handle for sighting in search(world, words).sightings]


def lines(world: World, words: str) -> list[str]:
    """Return the lines a phone shows for a search."""
    texts = world.runtime.menus.texts
    shown = sighting_lines(
        search(world, words).sightings,
        lambda key, values: texts.say(key, DEFAULT_LANGUAGE, values),
    )
    return [option.label for option in shown]
