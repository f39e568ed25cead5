"""The life of one request and of one text that came in, without words, names or numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from .life import Step
from .words import Words

MOST = 100

REQUEST = text("""
    SELECT r.id, r.number, r.state, r.topic, r.phone_id, r.channel, r.reopened, r.created_at,
           char_length(r.words) AS characters, a.title || ' ' || a.name AS place, t.name AS team,
           r.accepted_by IS NOT NULL AS is_taken, c.due_at
    FROM help_requests r JOIN areas a ON a.id = r.area_id LEFT JOIN teams t ON t.id = r.team_id
    LEFT JOIN climbs c ON c.request_id = r.id
    WHERE r.id = :id
""")
EVENTS = text("""
    SELECT event, person_id IS NOT NULL AS by_somebody, note IS NOT NULL AS has_note, at
    FROM request_events WHERE request_id = :id ORDER BY id DESC LIMIT :most
""")
CLIMBED = text("""
    SELECT lap, rung, times, party, people, at FROM climb_steps
    WHERE request_id = :id ORDER BY at DESC LIMIT :most
""")
WRITTEN = text("""
    SELECT id, class AS message_class, state, created_at FROM messages_out
    WHERE request_id = :id ORDER BY id DESC LIMIT :most
""")

TEXT_IN = text("""
    SELECT m.id, m.carrier, m.sender, m.recipient, m.intent, m.sent_at, m.received_at,
           char_length(m.body) AS characters, p.id AS phone_id
    FROM messages_in m LEFT JOIN phones p ON p.msisdn = m.sender
    WHERE m.id = :id
""")
# Whatever answers a text is put in its transaction, so within moments of it.
ANSWERS = text("""
    SELECT id, class AS message_class, state, created_at AS at FROM messages_out
    WHERE msisdn = :sender AND starts_with(idem_key, 'sms:' || :id || ':')
      AND created_at BETWEEN :at - interval '1 minute' AND :at + interval '10 minutes'
    ORDER BY created_at, id LIMIT 12
""")


@dataclass(frozen=True, slots=True)
class RequestLife:
    """A request and what happened to it."""

    request: Row[Any]
    steps: Sequence[Step]


def live_of_request(connection: Connection, request_id: int, words: Words) -> RequestLife | None:
    """Read the life of a request by four statements; None when there is no such request."""
    asked = {"id": request_id, "most": MOST}
    request = connection.execute(REQUEST, {"id": request_id}).one_or_none()
    if request is None:
        return None
    steps = [
        *_happened(connection.execute(EVENTS, asked).all(), words),
        *(
            Step(row.at, "life.climbed", {"rung": row.rung + 1, "lap": row.lap, "n": row.people})
            for row in connection.execute(CLIMBED, asked)
        ),
        *(
            Step(
                row.created_at,
                "life.wrote",
                {"state": words.name_of("message", row.state)},
                link=("message", str(row.id)),
            )
            for row in connection.execute(WRITTEN, asked)
        ),
    ]
    return RequestLife(request, sorted(steps, key=lambda step: step.at))


def text_of(connection: Connection, text_id: int) -> tuple[Row[Any], Sequence[Row[Any]]] | None:
    """Return a text that came in, and the messages that answered it; None when there is none."""
    row = connection.execute(TEXT_IN, {"id": text_id}).one_or_none()
    if row is None:
        return None
    asked = {"sender": row.sender, "id": str(row.id), "at": row.received_at}
    return row, connection.execute(ANSWERS, asked).all()


def _happened(rows: Sequence[Row[Any]], words: Words) -> Iterator[Step]:
    for row in rows:
        # The notes of what the machine did are its own, in its own words.
        has_note = row.by_somebody and row.has_note
        notes = (words("life.has_note"),) if has_note else ()
        yield Step(row.at, f"event.{row.event}", notes=notes)
