"""What is wrong with the way the screens of a menu lead to each other and what they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .checks import CHECKS
from .model import FACTS, ActionShape, Leap, Menu, Screen


def wiring_faults(
    menu: Menu, actions: Mapping[str, ActionShape], malformed: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield every such fault; `malformed` are screens there are that could not be read."""
    for screen in menu.screens.values():
        yield from _shape_faults(screen)
        yield from _name_faults(screen, actions, _facts(menu))
        yield from _leap_faults(screen.id, screen.does, screen.leap, actions)
        for choice in screen.choices:
            where = f"{screen.id}, choice {choice.key}"
            yield from _leap_faults(where, choice.does, choice.leap, actions)
        yield from _circle_faults(menu, screen)
    for start in menu.starts:
        if start.when and start.when not in FACTS:
            yield f"starts: {start.when!r} is no fact"
    yield from _reach_faults(menu, malformed)


def _facts(menu: Menu) -> frozenset[str]:
    """Return all names a line may ask for: facts, and what screens and lines keep."""
    saved = {screen.saves for screen in menu.screens.values() if screen.saves}
    choices = (choice for screen in menu.screens.values() for choice in screen.choices)
    return FACTS | saved | {name for choice in choices for name in choice.sets}


def _shape_faults(screen: Screen) -> Iterator[str]:
    """A screen lacks what its kind needs, or has what its kind never looks at."""
    where, takes_answers = screen.id, screen.kind == "ask" or screen.lists
    if screen.kind == "end":
        if screen.choices or screen.lists or screen.leap or screen.does:
            yield f"{where}: an end leads nowhere and does nothing"
        return
    if screen.kind == "choice" and not (screen.choices or screen.lists):
        yield f"{where}: a choice screen needs choices or a list"
    if screen.choices and screen.lists:
        yield f"{where}: choices and a list would have the same numbers"
    if takes_answers and not screen.leap:
        yield f"{where}: an answer leads nowhere (no `next`)"
    if not takes_answers and (screen.leap or screen.does or screen.saves):
        yield f"{where}: `next`, `does` and `saves` need a list or the kind ask"
    if screen.check and screen.kind != "ask":
        yield f"{where}: only the kind ask has a check"
    if screen.when_empty and not screen.lists:
        yield f"{where}: `when_empty` needs a list"


def _name_faults(
    screen: Screen, actions: Mapping[str, ActionShape], facts: frozenset[str]
) -> Iterator[str]:
    """A screen asks for a check, a list or a fact that does not exist."""
    if screen.check and screen.check not in CHECKS:
        yield f"{screen.id}: unknown check {screen.check!r}"
    if screen.lists and not (screen.lists in actions and actions[screen.lists].lists):
        yield f"{screen.id}: {screen.lists!r} is no action that lists"
    for choice in screen.choices:
        for fact in (choice.when, choice.unless):
            if fact and fact not in facts:
                yield f"{screen.id}, choice {choice.key}: {fact!r} is no fact"


def _leap_faults(
    where: str, does: str | None, leap: Leap, actions: Mapping[str, ActionShape]
) -> Iterator[str]:
    if does and does not in actions:
        yield f"{where}: unknown action {does!r}"
        return
    outcomes = actions[does].outcomes if does else frozenset({"ok"})
    said = repr(does) if does else "an answer without action"
    if leap.by_outcome and (unknown := set(leap.by_outcome) - outcomes):
        yield f"{where}: {said} never says {', '.join(sorted(unknown))}"
    if leap.by_outcome and (left := outcomes - set(leap.by_outcome)):
        yield f"{where}: does not say where to go when {said} says {', '.join(sorted(left))}"


def _circle_faults(menu: Menu, screen: Screen) -> Iterator[str]:
    met, at = {screen.id}, screen.when_empty
    while at and at not in met:
        met.add(at)
        at = menu.screens[at].when_empty if at in menu.screens else None
    if at == screen.id:
        yield f"{screen.id}: empty lists lead in a circle"


def _reach_faults(menu: Menu, malformed: frozenset[str]) -> Iterator[str]:
    """A screen is named and does not exist, or exists and cannot be reached from any start."""
    there = set(menu.screens) | malformed
    named = menu.fresh.union(*(_targets(screen) for screen in menu.screens.values()))
    yield from (f"{name}: is named but does not exist" for name in sorted(named - there))
    if not menu.starts or malformed:
        return
    reached: set[str] = set()
    ahead = set(menu.fresh)
    while ahead:
        reached |= ahead
        found = (_targets(menu.screens[name]) for name in ahead if name in menu.screens)
        ahead = set[str]().union(*found) - reached
    yield from (f"{name}: no screen leads here" for name in sorted(there - reached))


def _targets(screen: Screen) -> frozenset[str]:
    empty = {screen.when_empty} if screen.when_empty else set[str]()
    return frozenset(empty).union(*(leap.screens for leap in screen.leaps))
