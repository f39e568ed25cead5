"""What the database remembers of a class: who stood how, what happened, who was told what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, text

from service.text.fold import fold

from .ladder_history import Outage

PLACES = text("""
    SELECT e.id, e.phone_id, e.state, e.rank, coalesce(e.name, p.name, '') AS name
    FROM enrolments e LEFT JOIN people p ON p.id = e.person_id
    WHERE e.training_id = :id ORDER BY e.id
""")
EVENTS = text("""
    SELECT id, enrolment_id, event, at FROM enrolment_events WHERE training_id = :id ORDER BY id
""")
MESSAGES = text("""
    SELECT m.id, m.idem_key, coalesce(m.phone_id, p.id) AS phone_id, m.body, m.segments,
           m.created_at
    FROM messages_out m JOIN phones p ON p.msisdn = m.msisdn ORDER BY m.id
""")
TEXTS = text("""
    SELECT m.id, p.id AS phone_id, m.body FROM messages_in m LEFT JOIN phones p
      ON p.msisdn = m.sender ORDER BY m.id
""")
CLASS = text("SELECT starts_at, clock_timestamp() AS now FROM trainings WHERE id = :id")
KEY = re.compile(
    r"(?:(?P<seat>class:\d+:\d+):(?P<event>\d+)|sms:(?P<text>\d+)|(?P<other>[^:]+):.*?)"
    r":sms\.(?P<key>\w+)"
)
"""What caused a message: an event of a place, a text that came in, or another thing."""


class Placed(NamedTuple):
    """Somebody's place, as it stands at the end."""

    id: int
    phone_id: int
    state: str
    rank: int
    who: str
    """As they are named in texts."""


class Happened(NamedTuple):
    """A line of the history of a place."""

    id: int
    place_id: int
    event: str
    at: datetime


class Said(NamedTuple):
    """A message of the outbox."""

    id: int
    cause: str
    """What caused it: seat (an event), sms (a text), or another thing."""
    number: int
    """Of the event or the text."""
    key: str
    phone_id: int
    body: str
    segments: int
    at: datetime


class Texted(NamedTuple):
    """A text that came in."""

    id: int
    phone_id: int
    words: str


@dataclass
class History:
    """Everything about one class."""

    starts_at: datetime
    ended_at: datetime
    seats: Sequence[tuple[int, int]]
    """From which event on there were how many seats."""
    places: list[Placed] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    texts: list[Texted] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)


def read_history(
    engine: Engine,
    training_id: int,
    seats: Sequence[tuple[int, int]],
    outages: Sequence[Outage] = (),
) -> History:
    """Read it."""
    about = {"id": training_id}
    with engine.connect() as connection:
        training = connection.execute(CLASS, about).one()
        history = History(training.starts_at, training.now, seats, outages=list(outages))
        for row in connection.execute(PLACES, about):
            who = fold(row.name).text or "ba con"
            history.places.append(Placed(row.id, row.phone_id, row.state, row.rank, who))
        history.events = [Happened(*row) for row in connection.execute(EVENTS, about)]
        history.said = [_said(row) for row in connection.execute(MESSAGES)]
        history.texts = [Texted(*row) for row in connection.execute(TEXTS)]
    return history


def _said(row: object) -> Said:
    values = row._asdict()  # type: ignore[attr-defined]
    found = KEY.match(values["idem_key"])
    named = found.groupdict() if found else {}
    cause = "seat" if named.get("seat") else "sms" if named.get("text") else named.get("other")
    return Said(
        values["id"],
        cause or "other",
        int(named.get("event") or named.get("text") or 0),
        named.get("key") or "",
        values["phone_id"],
        values["body"],
        values["segments"],
        values["created_at"],
    )
