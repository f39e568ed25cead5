"""Sessions in the database, so that they end when we say so: no cookie can be called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from service.records.console import Role

from .secret_words import Keys, new_token

IDLE_MINUTES, LONGEST_HOURS = 30, 12
"""ASVS 5.0, 7.3: an end for a browser left alone, and one for every session."""

BEGIN = text("INSERT INTO console_sessions (digest, user_id) VALUES (:digest, :user)")
FIND = text("""
    SELECT u.id, u.name, u.role, u.area_id, a.title || ' ' || a.name AS area, s.began_at,
           s.seen_at < clock_timestamp() - interval '1 minute'
           AND NOT current_setting('transaction_read_only')::bool AS is_stale
    FROM console_sessions s JOIN console_users u ON u.id = s.user_id
    LEFT JOIN areas a ON a.id = u.area_id
    WHERE s.digest = :digest AND u.disabled_at IS NULL AND u.password IS NOT NULL
      AND s.seen_at > clock_timestamp() - make_interval(mins => :idle)
      AND s.began_at > clock_timestamp() - make_interval(hours => :longest)
""")
SEE = text("UPDATE console_sessions SET seen_at = clock_timestamp() WHERE digest = :digest")
END = text("DELETE FROM console_sessions WHERE digest = :digest")
END_ALL = text("DELETE FROM console_sessions WHERE user_id = :user")
END_OTHERS = text("DELETE FROM console_sessions WHERE user_id = :user AND digest <> :digest")
SWEEP = text("DELETE FROM console_sessions WHERE began_at < clock_timestamp() - interval '1 day'")
COUNT = text("""
    SELECT count(*) FROM console_sessions
    WHERE user_id = :user AND seen_at > clock_timestamp() - make_interval(mins => :idle)
      AND began_at > clock_timestamp() - make_interval(hours => :longest)
""")
LIMITS = {"idle": IDLE_MINUTES, "longest": LONGEST_HOURS}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in."""

    id: int
    name: str
    role: Role
    area_id: int | None
    area: str | None
    began_at: datetime


def begin_session(connection: Connection, keys: Keys, user_id: int) -> str:
    """Begin a session and return its token, which stands nowhere else."""
    token = new_token()
    connection.execute(SWEEP)
    connection.execute(BEGIN, {"digest": keys.digest("session", token), "user": user_id})
    return token


def find_session(
    connection: Connection, keys: Keys, token: str, *, is_used: bool = True
) -> Who | None:
    """Return who is signed in with a token, if that session still lives; it is seen now.

    With `is_used=False` it is not: a page that looks again by itself would keep the session of a
    browser left alone alive until the night.
    On a database that takes no writes people still look at what is wrong.
    """
    digest = keys.digest("session", token)
    row = connection.execute(FIND, {"digest": digest, **LIMITS}).one_or_none()
    if row is None:
        return None
    if row.is_stale and is_used:
        connection.execute(SEE, {"digest": digest})
    return Who(row.id, row.name, Role(row.role), row.area_id, row.area, row.began_at)


def end_session(connection: Connection, keys: Keys, token: str) -> None:
    """End one session."""
    connection.execute(END, {"digest": keys.digest("session", token)})


def end_all(connection: Connection, user_id: int) -> int:
    """End every session of a user; return how many there were."""
    return connection.execute(END_ALL, {"user": user_id}).rowcount


def end_others(connection: Connection, keys: Keys, user_id: int, token: str) -> int:
    """End all sessions of a user but the one with this token."""
    digest = keys.digest("session", token)
    return connection.execute(END_OTHERS, {"user": user_id, "digest": digest}).rowcount


def count_sessions(connection: Connection, user_id: int) -> int:
    """Return how many browsers a user is signed in with."""
    found: int = connection.execute(COUNT, {"user": user_id, **LIMITS}).scalar_one()
    return found
