"""How the pages of requests, hamlets and classes read: one transaction, within one's own places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort
from sqlalchemy import text
from sqlalchemy.orm import Session

from .asked import asked_number
from .frame import console, who
from .scope import Places, places_of

A_PAGE = 50
COMMUNES = text("""
    SELECT id, concat_ws(' ', nullif(title, ''), name) AS name FROM areas
    WHERE kind = 'commune' AND active AND (:everywhere OR id = ANY(:places)) ORDER BY name_key, id
""")


@dataclass(frozen=True, slots=True)
class Choice:
    """A commune that a list may be narrowed to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Look:
    """An open transaction, whose places it may read, and those they chose of them."""

    session: Session
    mine: Places
    places: Places
    place: int | None

    def communes(self) -> Sequence[Choice]:
        """Return the communes there are to choose from."""
        rows = self.session.execute(COMMUNES, self.mine.bound())
        return [Choice(row.id, row.name) for row in rows]


@contextmanager
def looking() -> Iterator[Look]:
    """Open a transaction for whoever asks; the field `place` narrows it.

    Another's place is answered as one that there is not.
    """
    place = asked_number("place")
    with Session(console().engine) as session, session.begin():
        connection = session.connection()
        mine = places_of(connection, who())
        places = mine if place is None else places_of(connection, who(), place)
        if mine is None or places is None:
            abort(404)
        yield Look(session, mine, places, place)
