"""The room at a glance: is everything moving, what waits, what is the matter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from service.ops.health import LATE_SECONDS
from service.ops.seen import Lane, Pause, Seen, look

from .frame import console, go_to, page, who, words
from .roles import may

room = Blueprint("room", __name__)
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A lane and the verdict on it."""

    lane: Lane
    verdict: str
    is_well: bool


@room.get("/")
def home() -> Response:
    """Go where one's work is."""
    return go_to("room.glance" if may("room.glance", who().role) else "work.glance")


@room.get("/room")
def glance() -> Response:
    """Show what moves and what does not."""
    with console().engine.connect() as connection:
        seen = look(connection)
    rows = [row_of(seen, lane) for lane in seen.lanes]
    headline, is_well = headline_of(seen, rows)
    return page(
        "room.html",
        seen=seen,
        rows=rows,
        headline=headline,
        is_well=is_well,
        pause_in_words=_pause,
        how_long=_how_long,
    )


def row_of(seen: Seen, lane: Lane) -> Row:
    """Judge a lane: what waits is no fault, what waits for long or for nobody is."""
    if seen.stop is not None:
        return Row(lane, "stopped", is_well=False)
    if not lane.has_worker:
        return Row(lane, "no_worker", is_well=False)
    if lane.seconds > LATE_SECONDS:
        return Row(lane, "late", is_well=False)
    return Row(lane, "moving" if lane.waiting else "idle", is_well=True)


def headline_of(seen: Seen, rows: list[Row]) -> tuple[str, bool]:
    """Return the key of the sentence that matters most, and whether it is a good one."""
    if seen.stop is not None:
        return "stopped", False
    if seen.pauses:
        return "paused", False
    if not seen.has_clock:
        return "no_clock", False
    for verdict in ("no_worker", "late"):
        if any(row.verdict == verdict for row in rows):
            return verdict, False
    return ("alarms", False) if seen.alarms else ("well", True)


def _pause(pause: Pause) -> str:
    key = f"pause.{pause.code}"
    known = key if key in words().sentences else "pause.other"
    return words()(known, carrier=pause.carrier, code=pause.code)


def _how_long(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return words()("seconds", n=seconds)
    return words()("minutes", n=seconds // MINUTE)
