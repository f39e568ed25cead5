"""What is wrong with the way the screens of a menu lead to each other and what they ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .checks import CHECKS
from .faults import Fault, Where, at_choice, at_screen, at_start
from .model import FACTS, ActionShape, Leap, Menu, Screen
from .ways import next_screens, ways


def wiring_faults(
    menu: Menu, actions: Mapping[str, ActionShape], malformed: frozenset[str] = frozenset()
) -> Iterator[Fault]:
    """Yield every such fault; `malformed` are screens there are that could not be read."""
    for screen in menu.screens.values():
        yield from _shape_faults(screen)
        yield from _name_faults(screen, actions, _facts(menu))
        yield from _leap_faults(at_screen(screen.id), screen.does, screen.leap, actions)
        for choice in screen.choices:
            where = at_choice(screen.id, choice.key)
            yield from _leap_faults(where, choice.does, choice.leap, actions)
        yield from _circle_faults(menu, screen)
    for number, start in enumerate(menu.starts, start=1):
        if start.when and start.when not in FACTS:
            yield at_start(number).fault(f"{start.when!r} is no fact", "when")
    yield from _reach_faults(menu, malformed)


def _facts(menu: Menu) -> frozenset[str]:
    """Return all names a line may ask for: facts, and what screens and lines keep."""
    saved = {screen.saves for screen in menu.screens.values() if screen.saves}
    choices = (choice for screen in menu.screens.values() for choice in screen.choices)
    return FACTS | saved | {name for choice in choices for name in choice.sets}


def _shape_faults(screen: Screen) -> Iterator[Fault]:
    """A screen lacks what its kind needs, or has what its kind never looks at."""
    where, takes_answers = at_screen(screen.id), screen.kind == "ask" or screen.lists
    if screen.kind == "end":
        if screen.choices or screen.lists or screen.leap or screen.does:
            yield where.fault("an end leads nowhere and does nothing")
        return
    if screen.kind == "choice" and not (screen.choices or screen.lists):
        yield where.fault("a choice screen needs choices or a list")
    if screen.choices and screen.lists:
        yield where.fault("choices and a list would have the same numbers", "lists")
    if takes_answers and not screen.leap:
        yield where.fault("an answer leads nowhere (no `next`)")
    if not takes_answers and (screen.leap or screen.does or screen.saves):
        yield where.fault("`next`, `does` and `saves` need a list or the kind ask")
    if screen.check and screen.kind != "ask":
        yield where.fault("only the kind ask has a check", "check")
    if screen.secret and (screen.kind != "ask" or screen.choices or screen.lists):
        yield where.fault("only the kind ask, without lines, has a secret answer", "secret")
    elif screen.secret and not (screen.does and screen.saves):
        yield where.fault("a secret answer is lost without `does` and `saves`", "secret")
    if screen.when_empty and not screen.lists:
        yield where.fault("`when_empty` needs a list", "when_empty")
    if screen.redial == "ask" and not screen.about:
        yield where.fault("a new call cannot ask whether to go on without `about`", "redial")


def _name_faults(
    screen: Screen, actions: Mapping[str, ActionShape], facts: frozenset[str]
) -> Iterator[Fault]:
    """A screen asks for a check, a list or a fact that does not exist."""
    where = at_screen(screen.id)
    if screen.check and screen.check not in CHECKS:
        yield where.fault(f"unknown check {screen.check!r}", "check")
    if screen.lists and not (screen.lists in actions and actions[screen.lists].lists):
        yield where.fault(f"{screen.lists!r} is no action that lists", "lists")
    for choice in screen.choices:
        for field, fact in (("when", choice.when), ("unless", choice.unless)):
            if fact and fact not in facts:
                yield at_choice(screen.id, choice.key).fault(f"{fact!r} is no fact", field)


def _leap_faults(
    where: Where, does: str | None, leap: Leap, actions: Mapping[str, ActionShape]
) -> Iterator[Fault]:
    if does and does not in actions:
        yield where.fault(f"unknown action {does!r}", "does")
        return
    outcomes = actions[does].outcomes if does else frozenset({"ok"})
    said = repr(does) if does else "an answer without action"
    if leap.by_outcome and (unknown := sorted(set(leap.by_outcome) - outcomes)):
        yield where.fault(f"{said} never says {', '.join(unknown)}", "next", unknown[0])
    if leap.by_outcome and (left := sorted(outcomes - set(leap.by_outcome))):
        yield where.fault(f"does not say where to go when {said} says {', '.join(left)}", "next")


def _circle_faults(menu: Menu, screen: Screen) -> Iterator[Fault]:
    met, at = {screen.id}, screen.when_empty
    while at and at not in met:
        met.add(at)
        at = menu.screens[at].when_empty if at in menu.screens else None
    if at == screen.id:
        yield at_screen(screen.id).fault("empty lists lead in a circle", "when_empty")


def _reach_faults(menu: Menu, malformed: frozenset[str]) -> Iterator[Fault]:
    """A screen is named and does not exist, or exists and cannot be reached from any start."""
    there = set(menu.screens) | malformed
    dangling = list(_dangling_faults(menu, there))
    yield from dangling
    if not menu.starts or malformed or dangling:
        return  # what a way should have led to would be told as a fault of its own
    reached: set[str] = set()
    ahead = set(menu.fresh)
    while ahead:
        reached |= ahead
        found = (next_screens(menu.screens[name]) for name in ahead if name in menu.screens)
        ahead = set[str]().union(*found) - reached
    yield from (at_screen(name).fault("no screen leads here") for name in sorted(there - reached))


def _dangling_faults(menu: Menu, there: Collection[str]) -> Iterator[Fault]:
    for number, start in enumerate(menu.starts, start=1):
        if start.screen not in there:
            yield at_start(number).fault(_nowhere(start.screen), "screen")
    for way in (way for screen in menu.screens.values() for way in ways(screen)):
        if way.to_screen and way.to_screen not in there:
            yield way.where.fault(_nowhere(way.to_screen), *way.field)


def _nowhere(target: str) -> str:
    return f"leads to {target!r}, which does not exist"
