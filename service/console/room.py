"""The room at a glance: is everything moving, what waits, what is the matter, what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import HTTPException

from service.ops.around import HEARD_MINUTES
from service.ops.pulse_curves import Span, read_curves

from .curves import charts_of, small_charts_of
from .frame import console, go_to, page, who, words
from .glance import Glance, Lookout, unnamed
from .roles import may
from .room_signs import Signs
from .sessions import LONGEST_HOURS

room = Blueprint("room", __name__)
WALL_SECONDS = 15
"""How often a screen on the wall looks again."""
LAST_MINUTES = timedelta(minutes=30)
"""How long before its end a session on the wall says so."""


@room.get("/")
def home() -> Response:
    """Go where one's work is."""
    return go_to("room.glance" if may("room.glance", who().role) else "work.glance")


@room.get("/room")
def glance() -> Response:
    """Show what moves and what does not."""
    seen = look_out()
    return page(
        "room.html",
        seen=seen,
        signs=Signs(seen, words()),
        charts=small_charts_of(seen.curves, words()),
        minutes=HEARD_MINUTES,
        link_to=_link_to,
    )


@room.get("/wall")
def wall() -> Response:
    """Show the same in few words and very large, to be read across a room.

    Nobody presses anything at a wall: it looks again by itself, each time as its user, and so its
    session lasts to its end after twelve hours, which it announces.
    """
    seen = unnamed(look_out(), words()("wall.somebody"))
    ends_at = who().began_at + timedelta(hours=LONGEST_HOURS)
    ends_soon = ends_at - seen.room.at < LAST_MINUTES
    return page(
        "wall.html",
        seen=seen,
        signs=Signs(seen, words()),
        refresh=WALL_SECONDS,
        ends_at=ends_at if ends_soon else None,
    )


@room.get("/curves")
def curves() -> Response:
    """Show what was in the last hour, day or month."""
    asked = request.args.get("span", Span.HOUR)
    if asked not in set(Span):
        abort(404)
    with console().engine.connect() as connection:
        read = read_curves(connection, Span(asked))
    return page("curves.html", curves=read, charts=charts_of(read, words()), spans=list(Span))


def look_out() -> Glance:
    """Return how things are now, as somebody may have been told a moment ago."""
    return cast("Lookout", current_app.extensions["lookout"]).glance()


def _link_to(path: str) -> str:
    """Return the address of another page if there is one and whoever asks may reach it."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except HTTPException:
        return ""
    return path if may(endpoint, who().role) else ""
