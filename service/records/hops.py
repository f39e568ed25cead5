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

from .hop_statements import ARRIVE, INSERT, READ, SHOW, UPDATE, Statement

COMMUNE = "xa:"
"""What stands before the official code of a commune, so that it is not taken for a hamlet's."""


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
    ended: str = ""
    """What ended it: the carrier's word, or NEWER."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as we know: empty strings where we do not."""

    phone_id: int | None
    person_id: int | None
    stale: bool
    """Silent for 90 days: the number may be somebody else's by now (requirement 23)."""
    member: bool
    """In a team."""
    language: str
    area_code: str
    """Names the area the person lives in, as service.village.areas.find_area takes it."""
    area: tuple[str, str]
    """Title and name of the hamlet."""
    commune: tuple[str, str]
    unfinished_id: str
    unfinished: str
    """Topic of the request a dropped call left behind."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a new call may begin with before the menu: empty strings where there is nothing."""

    left: Mapping[str, Any] | None
    """Where the last call of this number stood, within 24 hours."""
    request_id: str
    """Request of the oldest question that waits for an answer: topic, number, who has it."""
    topic: str
    number: str
    helper: str
    notice_id: str
    """The newest notice not yet read."""
    title: str
    shown: frozenset[str]
    """What was put before the menu today."""


def get_ready(connection: Connection[Any]) -> None:
    """Prepare the statements on a new connection that nothing else will use.

    Elsewhere they are sent whole: a rollback of the driver's forgets what is prepared.
    """
    for statement in (READ, ARRIVE, SHOW, INSERT, UPDATE):
        connection.pgconn.send_prepare(statement.name, statement.sql)
        _answer(connection)
    _ready.add(connection)


def read(connection: Connection[Any], key: CallKey) -> tuple[Stored | None, Caller]:
    """Read a call and its caller in one statement."""
    row = _row(_run(connection, READ, _parts(key)))
    hop, length, digest, state, reply, is_open, ended, phone, person, *about = row
    stored = None
    if hop:
        stored = Stored(
            int(hop), int(length), digest, json.loads(state), reply, is_open == "t", ended
        )
    stale, member, language, code, title, name, commune_title, commune_name, *unfinished = about
    caller = Caller(
        phone_id=int(phone) if phone else None,
        person_id=int(person) if person else None,
        stale=bool(stale),
        member=bool(member),
        language=language,
        area_code=code,
        area=(title, name),
        commune=(commune_title, commune_name),
        unfinished_id=unfinished[0],
        unfinished=unfinished[1],
    )
    return stored, caller


def arrive(connection: Connection[Any], msisdn: str) -> Arrival:
    """Read what a new call of a number may begin with."""
    row = _row(_run(connection, ARRIVE, [msisdn.encode()]))
    left, request_id, topic, number, helper, notice_id, title, shown = row
    return Arrival(
        left=json.loads(left) if left else None,
        request_id=request_id,
        topic=topic,
        number=number,
        helper=helper,
        notice_id=notice_id,
        title=title,
        shown=frozenset(shown.split()),
    )


def note_shown(connection: Connection[Any], phone_id: int, subject: str) -> None:
    """Note that something was put before the menu today."""
    _run(connection, SHOW, [b"%d" % phone_id, subject.encode()])


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


def _row(found: PGresult) -> list[str]:
    """Return the one row of an answer, with "" for NULL."""
    values = (found.get_value(0, column) for column in range(found.nfields))
    return [(value or b"").decode() for value in values]


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
