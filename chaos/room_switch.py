"""The big red switch: how long after the click the carrier still gets messages."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bench.console_visitor import Visitor

from .notes import read_notes
from .stage import Stage, StageError

WATCHED = 12.0
"""Seconds after the click in which hand-overs are looked for."""
SWITCH = "/brakes/sending/all"
OK, SEE_OTHER = 200, 303


def stops_within(stage: Stage, visitor: Visitor) -> float | None:
    """Turn all sending off in the console; return the seconds to the last hand-over.

    None when none was under way before, or when nothing leaves after it is turned on again.
    """
    before = _handed_over(stage)
    clicked = datetime.now(UTC)
    turn(visitor, "off")
    time.sleep(WATCHED)
    after = [at for at in _handed_over(stage) if at > clicked]
    turned_on = datetime.now(UTC)
    turn(visitor, "on")
    time.sleep(WATCHED / 2)
    if not before or not any(at > turned_on for at in _handed_over(stage)):
        return None
    return max((at - clicked).total_seconds() for at in after) if after else 0.0


def turn(visitor: Visitor, way: str) -> None:
    """Turn all sending "on" or "off" by the console's own page."""
    page = visitor.get(SWITCH)
    if page.status != OK:
        raise StageError(f"there is no page for the switch: {page.status}")
    done = visitor.submit(page, SWITCH, turn=way, reason="chaos")
    if done.status != SEE_OTHER:
        raise StageError(f"the switch could not be turned {way}: {done.status}")


def _handed_over(stage: Stage) -> list[datetime]:
    """Return when the carrier was asked to send each message."""
    return [
        datetime.fromisoformat(line["at"])
        for line in read_notes(stage.home.journal)
        if line["kind"] == "send"
    ]
