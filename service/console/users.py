"""Users of the console: made and ended by whoever runs the service, never by a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from service.records.console import Role

from .audit import named, note
from .links import new_link
from .secret_words import Keys
from .sessions import end_all

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
ADD = text("""
    INSERT INTO console_users (name, role, area_id) VALUES (:name, :role, :area)
    ON CONFLICT DO NOTHING RETURNING id
""")
FIND = text("SELECT id FROM console_users WHERE name = :name")
AREA = text("""
    SELECT id FROM areas
    WHERE kind = :kind AND active AND (code = :code OR CAST(:code AS text) IS NULL)
""")
ALL = text("""
    SELECT u.name, u.role, u.disabled_at, u.password IS NOT NULL AS has_password,
           a.title || ' ' || a.name AS area,
           (SELECT expires_at FROM console_links l
            WHERE l.user_id = u.id AND l.expires_at > clock_timestamp()) AS link_until,
           (SELECT max(seen_at) FROM console_sessions s WHERE s.user_id = u.id) AS seen_at
    FROM console_users u LEFT JOIN areas a ON a.id = u.area_id ORDER BY u.name
""")
DISABLE = text("""
    UPDATE console_users SET disabled_at = clock_timestamp()
    WHERE id = :user AND disabled_at IS NULL
""")
RESET = text("""
    UPDATE console_users SET password = NULL, totp_salt = NULL, disabled_at = NULL WHERE id = :user
""")
FORGET_CODES = text("DELETE FROM recovery_codes WHERE user_id = :user")
FORGET_LINK = text("DELETE FROM console_links WHERE user_id = :user")


class UserFault(Exception):
    """Why a user cannot be made or changed, as a sentence."""


def add_user(
    connection: Connection, keys: Keys, name: str, role: Role, code: str | None, *, by: str
) -> str:
    """Make a user and return the token of the link by which they choose a password."""
    if not NAME.fullmatch(name):
        raise UserFault("A name has 2 to 40 letters a-z, digits, dots, dashes; like nong.an")
    area = _area(connection, role, code)
    added = connection.execute(ADD, {"name": name, "role": role, "area": area}).scalar_one_or_none()
    if added is None:
        raise UserFault(f"There is a user {name} already: `caunoi users reset {name}` renews them.")
    note(connection, by, "console_user_added", named(name), role=role)
    return new_link(connection, keys, added)


def all_users(connection: Connection) -> Sequence[Row[Any]]:
    """Return every user with what an administrator looks for."""
    return connection.execute(ALL).all()


def disable_user(connection: Connection, name: str, *, by: str) -> None:
    """Let a user in no more, and end what they have open."""
    user = _id(connection, name)
    connection.execute(DISABLE, {"user": user})
    connection.execute(FORGET_LINK, {"user": user})
    end_all(connection, user)
    note(connection, by, "console_user_disabled", named(name))


def reset_user(connection: Connection, keys: Keys, name: str, *, by: str) -> str:
    """Take password, six digits and spare codes away; return the token of a new link."""
    user = _id(connection, name)
    connection.execute(RESET, {"user": user})
    connection.execute(FORGET_CODES, {"user": user})
    end_all(connection, user)
    note(connection, by, "console_user_reset", named(name))
    return new_link(connection, keys, user)


def end_sessions(connection: Connection, name: str, *, by: str) -> int:
    """Sign a user out everywhere; return how many browsers that were."""
    ended = end_all(connection, _id(connection, name))
    note(connection, by, "console_sessions_ended", named(name), sessions=str(ended))
    return ended


def _id(connection: Connection, name: str) -> int:
    found: int | None = connection.execute(FIND, {"name": name}).scalar_one_or_none()
    if found is None:
        raise UserFault(f"There is no user {name}: `caunoi users list` names them.")
    return found


def _area(connection: Connection, role: Role, code: str | None) -> int | None:
    """Return the place of a new user; an operator, and a viewer without one, sees all."""
    if role is Role.OPERATOR and code:
        raise UserFault("An operator sees the whole service: leave --commune out.")
    if role is Role.COMMUNE and not code:
        raise UserFault("A commune's coordinator needs --commune CODE.")
    if role is Role.OPERATOR or (role is Role.VIEWER and not code):
        return None
    kind = "province" if role is Role.PROVINCE else "commune"
    found = connection.execute(AREA, {"kind": kind, "code": code}).scalars().all()
    if len(found) == 1:
        return int(found[0])
    if role is Role.PROVINCE:
        raise UserFault("Which province? Name it by --province CODE.")
    raise UserFault(f"There is no commune {code}: `caunoi areas list` has their codes.")
