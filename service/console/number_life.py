"""The life of one number, newest first: texts, messages, calls, requests, classes, consents.

Each kind is read by an index of its own, at most a page of each, so that a number with a hundred
thousand messages costs what one with ten does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from service.records.base import LARGEST_ID
from service.village.suppressions import digest

from .secret_words import Keys

ON_A_PAGE = 50
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile(r"(\d{1,16})\.([a-z]{1,10})\.(-?\d{1,19})", re.ASCII)

PHONE = text("""
    SELECT p.id, p.msisdn, p.created_at, p.last_heard_at, p.doubted_at, p.holder_id IS NOT NULL
           AS has_holder, (SELECT count(*) FROM people o WHERE o.phone_id = p.id) AS people
    FROM phones p WHERE p.id = :id
""")
ROLES = text("""
    SELECT t.id AS team_id, t.name AS team, m.role, m.since, m.until
    FROM people o JOIN memberships m ON m.person_id = o.id JOIN teams t ON t.id = m.team_id
    WHERE o.phone_id = :id ORDER BY m.until DESC NULLS FIRST, m.since DESC LIMIT 12
""")
WISHES = text("SELECT kind, since FROM suppressions WHERE digest = :digest ORDER BY since")

# The order of the page as a condition that each index can be searched with. A call's key is no
# number, so its digest stands for it.
PAGE = text("""
    (SELECT 'text' AS kind, id, received_at AS at, intent AS state, NULL AS about,
            char_length(body) AS n, NULL::timestamptz AS since
     FROM messages_in WHERE sender = :msisdn
       AND (received_at, 'text', id)
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY received_at DESC, id DESC LIMIT :most)
    UNION ALL
    (SELECT 'message', id, created_at, state, class, segments, NULL
     FROM messages_out WHERE msisdn = :msisdn
       AND (created_at, 'message', id)
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY created_at DESC, id DESC LIMIT :most)
    UNION ALL
    (SELECT 'call', hashtextextended(session_id, 0), updated_at,
            CASE WHEN NOT open THEN lower(coalesce(ended, 'ended'))
                 WHEN updated_at > clock_timestamp() - interval '3 minutes' THEN 'open'
                 ELSE 'silent' END, state->>'s', hop, started_at
     FROM ussd_sessions WHERE msisdn = :msisdn
       AND (updated_at, 'call', hashtextextended(session_id, 0))
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY updated_at DESC, hashtextextended(session_id, 0) DESC LIMIT :most)
    UNION ALL
    (SELECT 'request', id, created_at, state, topic, number, NULL
     FROM help_requests WHERE phone_id = :phone
       AND (created_at, 'request', id)
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY created_at DESC, id DESC LIMIT :most)
    UNION ALL
    (SELECT 'seat', e.id, e.created_at, e.state, c.title, t.number, t.starts_at
     FROM enrolments e JOIN trainings t ON t.id = e.training_id JOIN courses c ON c.id = t.course_id
     WHERE e.phone_id = :phone
       AND (e.created_at, 'seat', e.id)
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY e.created_at DESC, e.id DESC LIMIT :most)
    UNION ALL
    (SELECT 'consent', id, at, CASE WHEN given THEN 'yes' ELSE 'no' END, kind, NULL, NULL
     FROM consents WHERE phone_id = :phone
       AND (at, 'consent', id)
           < (:at, CAST(:kind AS text), CAST(:id AS bigint))
     ORDER BY at DESC, id DESC LIMIT :most)
    ORDER BY at DESC, kind DESC, id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: what comes next is older, or as old and later in the order."""

    at: datetime
    kind: str = "~"
    id: int = LARGEST_ID

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{(self.at - BEGINNING) // timedelta(microseconds=1)}.{self.kind}.{self.id}"


END_OF_TIME = Cursor(datetime(9000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class NumberLife:
    """A page of a number's life; `phone` is None where the number has no row of its own."""

    msisdn: str
    phone: Row[Any] | None
    roles: Sequence[Row[Any]]
    wishes: Sequence[Row[Any]]
    rows: Sequence[Row[Any]]
    older: str
    """The cursor of the next page; empty on the last."""


def cursor_of(written: str) -> Cursor | None:
    """Read a cursor from an address; None for what is none."""
    if not written:
        return END_OF_TIME
    parts = CURSOR.fullmatch(written)
    if parts is None or abs(int(parts[3])) > LARGEST_ID:
        return None
    return Cursor(BEGINNING + timedelta(microseconds=int(parts[1])), parts[2], int(parts[3]))


def phone_of(connection: Connection, phone_id: int) -> Row[Any] | None:
    """Return what is kept of a phone itself."""
    return connection.execute(PHONE, {"id": phone_id}).one_or_none()


def live_of_number(
    connection: Connection, keys: Keys, msisdn: str, phone: Row[Any] | None, after: Cursor
) -> NumberLife:
    """Read a page of a number's life by three statements."""
    phone_id = phone.id if phone is not None else None
    asked = {"msisdn": msisdn, "phone": phone_id, "most": ON_A_PAGE + 1}
    asked |= {"at": after.at, "kind": after.kind, "id": after.id}
    rows = connection.execute(PAGE, asked).all()
    older = ""
    if len(rows) > ON_A_PAGE:
        last = rows[ON_A_PAGE - 1]
        older = str(Cursor(last.at, last.kind, last.id))
    roles = connection.execute(ROLES, {"id": phone_id}).all() if phone_id else ()
    wishes = connection.execute(WISHES, {"digest": digest(keys.key, msisdn)}).all()
    return NumberLife(msisdn, phone, roles, wishes, rows[:ON_A_PAGE], older)
