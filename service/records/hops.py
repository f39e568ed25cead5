"""The two statements of a USSD hop: one read, one write. Driver SQL, prepared, never the ORM.

They run hundreds of times a second on a path where every 50 microseconds count; what a screen does
beyond showing itself goes through the unit of work instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

READ = """
    SELECT s.hop, s.seen_length, s.seen_digest, s.state, s.reply, s.open,
           h.id AS person_id, h.language, a.code, a.title, a.name, c.title, c.name, u.topic
    FROM (VALUES (%s::text, %s::text, %s::text)) AS call (carrier, session_id, msisdn)
    LEFT JOIN ussd_sessions s ON s.carrier = call.carrier AND s.session_id = call.session_id
                              AND s.msisdn = call.msisdn
    LEFT JOIN phones p ON p.msisdn = call.msisdn
    LEFT JOIN people h ON h.id = p.holder_id
    LEFT JOIN areas a ON a.id = h.area_id
    LEFT JOIN areas c ON c.id = a.parent_id AND c.kind = 'commune'
    LEFT JOIN help_requests u ON u.phone_id = p.id AND u.state = 'unfinished'
                              AND u.created_at > clock_timestamp() - interval '24 hours'
"""

INSERT = """
    INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest, state,
                               reply, open)
    VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""

UPDATE = """
    UPDATE ussd_sessions
    SET hop = hop + 1, seen_length = %s, seen_digest = %s, state = %s, reply = %s, open = %s,
        updated_at = clock_timestamp()
    WHERE carrier = %s AND session_id = %s AND msisdn = %s AND hop = %s
"""

LOCK = """
    SELECT hop FROM ussd_sessions
    WHERE carrier = %s AND session_id = %s AND msisdn = %s FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class CallKey:
    """What names a call: another number with the same session id is another call."""

    carrier: str
    session_id: str
    msisdn: str

    @property
    def parts(self) -> tuple[str, str, str]:
        """The key as the statements take it."""
        return (self.carrier, self.session_id, self.msisdn)


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it was left: what of the carrier's history was answered, and with what."""

    hop: int
    seen_length: int
    seen_digest: str
    state: Mapping[str, Any]
    reply: str
    open: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as we know: empty strings where we do not."""

    person_id: int | None
    language: str
    area_code: str
    area: tuple[str, str]
    """Title and name of the hamlet."""
    commune: tuple[str, str]
    unfinished: str
    """Topic of the request a dropped call left behind."""


def read(connection: Connection[Any], key: CallKey) -> tuple[Stored | None, Caller]:
    """Read a call and its caller in one statement."""
    row = connection.execute(READ, key.parts, prepare=True).fetchone()
    stored = None if row[0] is None else Stored(*row[:6])
    _, _, code, title, name, commune_title, commune_name, topic = row[6:]
    caller = Caller(
        person_id=row[6],
        language=row[7] or "",
        area_code=code or "",
        area=(title or "", name or ""),
        commune=(commune_title or "", commune_name or ""),
        unfinished=topic or "",
    )
    return stored, caller


def save(connection: Connection[Any], key: CallKey, before: int, after: Stored) -> bool:
    """Store a call as it stands after a hop; False when another hop of it was faster.

    `before` is the hop number it was read with, 0 for a new call.
    """
    values = (after.seen_length, after.seen_digest, _json(after.state), after.reply, after.open)
    if before == 0:
        done = connection.execute(INSERT, (*key.parts, *values), prepare=True)
    else:
        done = connection.execute(UPDATE, (*values, *key.parts, before), prepare=True)
    return done.rowcount == 1


def lock(connection: Connection[Any], key: CallKey) -> int:
    """Keep other hops of this call out until the transaction ends; return its hop number."""
    row = connection.execute(LOCK, key.parts).fetchone()
    return 0 if row is None else int(row[0])


def _json(state: Mapping[str, Any]) -> Jsonb:
    return Jsonb(state, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
