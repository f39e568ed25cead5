"""How a doing that a menu may name is declared: what it may answer, and whether it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.dialogue.model import ActionShape, Done, Facts
from service.records.areas import Area

from .areas import find_area
from .desk import Desk

Run = Callable[[Desk, Facts], Done]


@dataclass(frozen=True, slots=True)
class Action:
    """A doing a menu may name: what it may answer, and what it does."""

    shape: ActionShape
    run: Run


def reads(run: Run, *outcomes: str) -> Action:
    """Declare a doing without effect."""
    return Action(ActionShape(frozenset(outcomes or ("ok",))), run)


def lists(run: Run) -> Action:
    """Declare a doing that gives the lines of a list."""
    return Action(ActionShape(lists=True), run)


def writes(run: Run, *outcomes: str) -> Action:
    """Declare a doing with an effect."""
    return Action(ActionShape(frozenset(outcomes or ("ok",)), writes=True), run)


def chosen_area(desk: Desk, known: Facts) -> Area:
    """Return the area a caller has chosen before; the menu leads nowhere without one."""
    area = find_area(desk.unit.session, known["area"], retired=True)
    assert area is not None
    return area
