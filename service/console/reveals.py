"""Showing what is masked: with a reason, noted before it is shown, and not very often.

What is shown stands in one answer and nowhere else: not in a session, an address or a log.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, TextClause, text

from service.outbox.alarms import raise_alarm
from service.text.mask import mask_numbers

from .audit import named, note
from .life import NOBODY
from .sessions import Who

MOST_IN_AN_HOUR = 30
"""An operator asks for a few; whoever asks for more is a script behind somebody's session."""
SHORTEST, LONGEST = 5, 200
ALARM = "console_reveals"

QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended('reveal ' || :actor, 0))")
LATELY = text("""
    SELECT count(*) AS n, min(at) + interval '1 hour' AS again_at FROM audit
    WHERE at > clock_timestamp() - interval '1 hour' AND actor = :actor AND action = 'revealed'
""")

MASKED: Mapping[str, Mapping[str, TextClause]] = {
    "message": {
        "number": text("SELECT msisdn FROM messages_out WHERE id = :id"),
        "words": text("SELECT body FROM messages_out WHERE id = :id"),
    },
    "text": {
        "number": text("SELECT sender FROM messages_in WHERE id = :id"),
        "words": text("SELECT body FROM messages_in WHERE id = :id"),
    },
    "request": {
        "words": text("""
            SELECT unnest(ARRAY[words, beneficiary]) FROM help_requests WHERE id = :id
        """),
    },
    "phone": {
        "number": text("SELECT msisdn FROM phones WHERE id = :id"),
        "name": text("""
            SELECT o.name FROM people o JOIN phones p ON p.id = o.phone_id WHERE p.id = :id
            ORDER BY o.id <> coalesce(p.holder_id, 0), o.id LIMIT 12
        """),
    },
}
"""What can be shown of each kind of thing, and how it is read."""


def fault_of_reason(reason: str) -> str | None:
    """Return the key of what is wrong with a reason; None when it will do."""
    if not SHORTEST <= len(reason) <= LONGEST:
        return "reveal.reason_length"
    # Neither control characters nor those that turn the line of the audit around.
    if any(unicodedata.category(sign).startswith("C") for sign in reason):
        return "reveal.reason_signs"
    return None


def reveal(
    engine: Engine, who: Who, about: tuple[str, int], wanted: Sequence[str], reason: str
) -> Mapping[str, Sequence[str]] | datetime:
    """Note who wants to see what and why, then return it; or from when they may ask again.

    `about` is a kind of MASKED and the id; `wanted` are things that can be shown of it, of which
    those that are gone come back empty.
    """
    kind, its_id = about
    with engine.begin() as connection:
        again_at = note_reveal(connection, who, f"{kind} {its_id}", wanted, reason)
    if again_at is not None:
        return again_at
    with engine.connect() as connection:
        return {what: _read(connection, MASKED[kind][what], its_id) for what in wanted}


def note_reveal(
    connection: Connection, who: Who, about: str, wanted: Sequence[str], reason: str
) -> datetime | None:
    """Write a reveal into the audit; where there were too many, raise an alarm and say until when.

    To be committed before anything is shown: without the line in the audit nothing is.
    """
    actor = named(who.name)
    connection.execute(QUEUE, {"actor": actor})
    lately = connection.execute(LATELY, {"actor": actor}).one()
    if lately.n >= MOST_IN_AN_HOUR:
        raise_alarm(connection, ALARM, f"user {who.id}")
        again_at: datetime = lately.again_at
        return again_at
    note(connection, actor, "revealed", about, what=", ".join(wanted), reason=mask_numbers(reason))
    return None


def _read(connection: Connection, statement: TextClause, its_id: int) -> Sequence[str]:
    """Read values without those that are gone, the numbers of erased people among them."""
    values = connection.execute(statement, {"id": its_id}).scalars()
    return [value for value in values if value and not value.startswith(NOBODY)]
