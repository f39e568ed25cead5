"""The two statements of a USSD hop: one read, one write. Driver SQL, prepared, never the ORM.

They run hundreds of times a second on a path where every 50 microseconds count; what a screen does
beyond showing itself goes through the unit of work instead. Below the driver's cursors, since a
cursor's own work costs more than the database's answer: 25 us of processor time against 10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from psycopg import Connection, generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

COMMUNE = "xa:"
"""What stands before the official code of a commune, so that it is not taken for a hamlet's."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the name it has on connections on which it is prepared."""

    name: bytes
    sql: bytes


READ = Statement(
    b"hop_read",
    b"""
    SELECT s.hop, s.seen_length, s.seen_digest, s.state, s.reply, s.open,
           h.id AS person_id, h.language,
           CASE a.kind WHEN 'commune' THEN 'xa:' || a.code ELSE a.code END,
           a.title, a.name, c.title, c.name, u.topic
    FROM (VALUES ($1::text, $2::text, $3::text)) AS call (carrier, session_id, msisdn)
    LEFT JOIN ussd_sessions s ON s.carrier = call.carrier AND s.session_id = call.session_id
                              AND s.msisdn = call.msisdn
    LEFT JOIN phones p ON p.msisdn = call.msisdn
    LEFT JOIN people h ON h.id = p.holder_id
    LEFT JOIN areas a ON a.id = h.area_id AND a.active
    LEFT JOIN areas c ON c.id = a.parent_id AND c.kind = 'commune'
    LEFT JOIN help_requests u ON u.phone_id = p.id AND u.state = 'unfinished'
                              AND u.created_at > clock_timestamp() - interval '24 hours'
""",
)

INSERT = Statement(
    b"hop_insert",
    b"""
    INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest, state,
                               reply, open)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
""",
)

UPDATE = Statement(
    b"hop_update",
    b"""
    UPDATE ussd_sessions
    SET hop = hop + 1, seen_length = $1, seen_digest = $2, state = $3, reply = $4, open = $5,
        updated_at = clock_timestamp()
    WHERE carrier = $6 AND session_id = $7 AND msisdn = $8 AND hop = $9
""",
)

LOCK = """
    SELECT hop FROM ussd_sessions
    WHERE carrier = %s AND session_id = %s AND msisdn = %s FOR UPDATE
"""


DONE = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
_ready: WeakSet[Connection[Any]] = WeakSet()
"""The connections on which the statements are prepared."""
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
    """Names the area the person lives in, as service.village.areas.find_area takes it."""
    area: tuple[str, str]
    """Title and name of the hamlet."""
    commune: tuple[str, str]
    unfinished: str
    """Topic of the request a dropped call left behind."""


def get_ready(connection: Connection[Any]) -> None:
    """Prepare the statements on a new connection that nothing else will use.

    Elsewhere they are sent whole: a rollback of the driver's forgets what is prepared.
    """
    for statement in (READ, INSERT, UPDATE):
        connection.pgconn.send_prepare(statement.name, statement.sql)
        _answer(connection)
    _ready.add(connection)


def read(connection: Connection[Any], key: CallKey) -> tuple[Stored | None, Caller]:
    """Read a call and its caller in one statement."""
    found = _run(connection, READ, _parts(key))
    row: list[Any] = [
        None if (value := found.get_value(0, column)) is None else value.decode()
        for column in range(found.nfields)
    ]
    hop, length, digest, state, reply, is_open, person, *about = row
    stored = None
    if hop is not None:
        stored = Stored(int(hop), int(length), digest, json.loads(state), reply, is_open == "t")
    language, code, title, name, commune_title, commune_name, topic = (
        value or "" for value in about
    )
    caller = Caller(
        person_id=int(person) if person else None,
        language=language,
        area_code=code,
        area=(title, name),
        commune=(commune_title, commune_name),
        unfinished=topic,
    )
    return stored, caller


def save(connection: Connection[Any], key: CallKey, before: int, after: Stored) -> bool:
    """Store a call as it stands after a hop; False when another hop of it was faster.

    `before` is the hop number it was read with, 0 for a new call.
    """
    values = [
        b"%d" % after.seen_length,
        after.seen_digest.encode(),
        _as_json(after.state).encode(),
        after.reply.encode(),
        b"t" if after.open else b"f",
    ]
    if before == 0:
        done = _run(connection, INSERT, [*_parts(key), *values])
    else:
        done = _run(connection, UPDATE, [*values, *_parts(key), b"%d" % before])
    return done.command_tuples == 1


def lock(connection: Connection[Any], key: CallKey) -> int:
    """Keep other hops of this call out until the transaction ends; return its hop number."""
    row = connection.execute(LOCK, key.parts).fetchone()
    return 0 if row is None else int(row[0])


def _parts(key: CallKey) -> list[bytes]:
    return [part.encode() for part in key.parts]


def _run(connection: Connection[Any], statement: Statement, values: Sequence[bytes]) -> PGresult:
    """Run one of the statements; raises psycopg.Error as a cursor would."""
    if connection in _ready:
        connection.pgconn.send_query_prepared(statement.name, values)
    else:
        connection.pgconn.send_query_params(statement.sql, values)
    return _answer(connection)


def _answer(connection: Connection[Any]) -> PGresult:
    """Wait as the connection waits, and no longer, for the answer to what was sent."""
    result: PGresult
    (result,) = connection.wait(generators.execute(connection.pgconn))
    if result.status not in DONE:
        raise error_from_result(result)
    return result
