"""What the database holds at the end of a run, and what is under way in it meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

UNDER_WAY = """
    SELECT count(*) AS messages,
           count(*) FILTER (WHERE state = 'leased') AS leased,
           count(*) FILTER (WHERE state = 'sending') AS sending,
           count(*) FILTER (WHERE state = 'queued' AND due_at <= clock_timestamp()) AS due,
           count(*) FILTER (WHERE state = 'queued' AND due_at > clock_timestamp()
                            AND due_at < clock_timestamp() + interval '10 minutes') AS later,
           count(*) FILTER (WHERE state = 'unknown') AS unknown
    FROM messages_out
"""
MESSAGES = """
    SELECT id, idem_key, class AS kind, msisdn, body, state, resends FROM messages_out ORDER BY id
"""
ATTEMPTS = """
    SELECT message_id, no, msisdn, outcome, code, carrier_message_id AS carrier_id FROM attempts
    ORDER BY id
"""
REQUESTS = """
    SELECT r.number, p.msisdn, r.topic, r.state,
           (SELECT count(*) FROM request_events e
            WHERE e.request_id = r.id AND e.event = 'told') AS told
    FROM help_requests r JOIN phones p ON p.id = r.phone_id
    ORDER BY r.id
"""
OVERDUE_WORK = """
    SELECT name FROM periodic_work
    WHERE next_at < clock_timestamp() - make_interval(secs => %s)
"""


class UnderWay(NamedTuple):
    """Messages by what is being done with them."""

    messages: int
    leased: int
    sending: int
    due: int
    later: int
    """Waiting for their next try; what is meant for later in the day does not count."""
    unknown: int

    @property
    def busy(self) -> int:
        """How many something should happen to now."""
        return self.leased + self.sending + self.due


class Message(NamedTuple):
    """A row of messages_out."""

    id: int
    idem_key: str
    kind: str
    msisdn: str
    body: str
    state: str
    resends: int


class Attempt(NamedTuple):
    """A row of attempts."""

    message_id: int
    no: int
    msisdn: str
    outcome: str
    code: str | None
    carrier_id: str | None


class Request(NamedTuple):
    """A row of help_requests."""

    number: int | None
    msisdn: str
    topic: str
    state: str
    told: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything the verdict asks the database."""

    messages: list[Message]
    attempts: list[Attempt]
    requests: list[Request]
    inbound: Counter[str]
    """Carrier's ids of stored SMS."""
    overdue_work: list[str]
    """Lines of the clock's timetable that should have been done long since."""

    @property
    def states(self) -> Counter[str]:
        """How many messages stand where."""
        return Counter(message.state for message in self.messages)


def under_way(url: str) -> UnderWay | None:
    """Count what is under way; None while the database is away."""
    try:
        with psycopg.connect(url, connect_timeout=2, row_factory=class_row(UnderWay)) as connection:
            return connection.execute(UNDER_WAY).fetchone()
    except psycopg.Error:
        return None


def holdings(url: str, patience: float) -> Holdings:
    """Read everything; `patience` is how many seconds periodic work may be overdue."""
    with psycopg.connect(url) as connection:
        with connection.cursor(row_factory=class_row(Message)) as cursor:
            messages = cursor.execute(MESSAGES).fetchall()
        with connection.cursor(row_factory=class_row(Attempt)) as cursor:
            attempts = cursor.execute(ATTEMPTS).fetchall()
        with connection.cursor(row_factory=class_row(Request)) as cursor:
            requests = cursor.execute(REQUESTS).fetchall()
        inbound = Counter(
            key for (key,) in connection.execute("SELECT dedupe_key FROM messages_in")
        )
        overdue = [name for (name,) in connection.execute(OVERDUE_WORK, (patience,))]
    return Holdings(messages, attempts, requests, inbound, overdue)
