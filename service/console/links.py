"""One-time links: how somebody gets in for the first time, or after a reset."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from service.records.console import Role

from .audit import named, note
from .passwords import digest_of
from .secret_words import Keys, new_salt, new_spare_code, new_token
from .sessions import end_all
from .six_digits import NEEDED_BY, key_of, step_of

HOURS = 24
SPARE_CODES = 10

MAKE = text("""
    INSERT INTO console_links (user_id, digest, totp_salt, expires_at)
    VALUES (:user, :digest, :salt, clock_timestamp() + make_interval(hours => :hours))
    ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest, totp_salt = excluded.totp_salt,
        expires_at = excluded.expires_at
""")
FIND = text("""
    SELECT u.id, u.name, u.role, l.totp_salt
    FROM console_links l JOIN console_users u ON u.id = l.user_id
    WHERE l.digest = :digest AND l.expires_at > clock_timestamp() AND u.disabled_at IS NULL
""")
USE = text("DELETE FROM console_links WHERE digest = :digest RETURNING user_id")
SET = text("""
    UPDATE console_users SET password = :password, totp_salt = :salt, totp_step = :step
    WHERE id = :user AND disabled_at IS NULL
""")
FORGET_CODES = text("DELETE FROM recovery_codes WHERE user_id = :user")
KEEP_CODE = text("INSERT INTO recovery_codes (user_id, digest) VALUES (:user, :digest)")


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link was made for, and the key for their phone where they need one."""

    user_id: int
    name: str
    salt: str
    key: str | None


def new_link(connection: Connection, keys: Keys, user_id: int) -> str:
    """Make a link's token; an earlier one of the user is void."""
    token = new_token()
    values = {"user": user_id, "digest": keys.digest("link", token)}
    connection.execute(MAKE, {**values, "salt": new_salt(), "hours": HOURS})
    return token


def find_link(connection: Connection, keys: Keys, token: str) -> Invited | None:
    """Return whom a link is for, if it still holds."""
    row = connection.execute(FIND, {"digest": keys.digest("link", token)}).one_or_none()
    if row is None:
        return None
    key = key_of(keys, row.totp_salt) if Role(row.role) in NEEDED_BY else None
    return Invited(row.id, row.name, row.totp_salt, key)


def use_link(
    connection: Connection, keys: Keys, token: str, *, password: str, digits: str
) -> list[str] | None:
    """Set a password and, where needed, the phone's key; return the spare codes.

    None when the digits are wrong, or the link was used meanwhile.
    """
    invited = find_link(connection, keys, token)
    if invited is None:
        return None
    step = step_of(connection, invited.key, digits) if invited.key else 0
    if step is None:
        return None
    if connection.execute(USE, {"digest": keys.digest("link", token)}).one_or_none() is None:
        return None
    kept = digest_of(keys, invited.user_id, password)
    salt = invited.salt if invited.key else None
    values = {"user": invited.user_id, "password": kept, "salt": salt, "step": step}
    connection.execute(SET, values)
    end_all(connection, invited.user_id)
    note(connection, named(invited.name), "console_password_set", named(invited.name))
    return _spare_codes(connection, keys, invited.user_id) if invited.key else []


def _spare_codes(connection: Connection, keys: Keys, user_id: int) -> list[str]:
    connection.execute(FORGET_CODES, {"user": user_id})
    codes = [new_spare_code() for _ in range(SPARE_CODES)]
    for code in codes:
        digest = keys.digest("spare code", f"{user_id}:{code}")
        connection.execute(KEEP_CODE, {"user": user_id, "digest": digest})
    return codes
