"""Signing in: name, password and six digits at once; every wrong answer is the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from service.outbox.alarms import close_alarm, raise_alarm
from service.records.console import Role

from .audit import named, note
from .passwords import digest_of, verifies
from .secret_words import Keys
from .sessions import Who, begin_session, end_all
from .six_digits import NEEDED_BY, key_of, step_of, take_step
from .waits import FREE_BY_NAME, Try, begin_try, succeed

USER = text("""
    SELECT id, name, role, password, totp_salt FROM console_users
    WHERE name = :name AND disabled_at IS NULL AND password IS NOT NULL
""")
USE_CODE = text("""
    UPDATE recovery_codes SET used_at = clock_timestamp()
    WHERE user_id = :user AND digest = :digest AND used_at IS NULL RETURNING user_id
""")
STILL = text("""
    SELECT id FROM console_users WHERE id = :user AND password = :password AND disabled_at IS NULL
    FOR SHARE
""")
OWN = text("SELECT password FROM console_users WHERE id = :user")
CHANGE = text("UPDATE console_users SET password = :password WHERE id = :user")
ALARM = "console_guessing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A session's token, or None with the seconds to wait (0: name, password or digits wrong)."""

    token: str | None
    wait: int = 0


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed to sign in, and from where."""

    name: str
    password: str
    digits: str
    address: str


def sign_in(engine: Engine, keys: Keys, typed: Typed) -> Outcome:
    """Sign somebody in who gives all that is asked of them."""
    name_digest = keys.digest("name", typed.name)
    with engine.begin() as connection:
        attempt = begin_try(connection, name_digest, typed.address[:45])
    if attempt.id is None:
        return Outcome(None, attempt.wait)
    with engine.connect() as connection:
        user = connection.execute(USER, {"name": typed.name[:40].replace("\0", "")}).one_or_none()
    # No connection is held while this works for a tenth of a second.
    right = verifies(keys, user.id if user else 0, user.password if user else None, typed.password)
    with engine.begin() as connection:
        if user is not None and right and _may_begin(connection, keys, user, typed.digits):
            succeed(connection, attempt)
            close_alarm(connection, ALARM, f"user {user.id}")
            note(connection, named(user.name), "signed_in", named(user.name))
            return Outcome(begin_session(connection, keys, user.id))
        _note_wrong(connection, user, attempt)
    return Outcome(None)


def change_password(engine: Engine, keys: Keys, who: Who, typed: Typed, new: str) -> Outcome:
    """Change one's own password: every session ends, and a new one begins here.

    The old one is asked for, and guessing it is as slow as signing in.
    """
    with engine.begin() as connection:
        attempt = begin_try(connection, keys.digest("name", who.name), typed.address[:45])
        kept = connection.execute(OWN, {"user": who.id}).scalar_one()
    if attempt.id is None:
        return Outcome(None, attempt.wait)
    if not verifies(keys, who.id, kept, typed.password):
        return Outcome(None)
    digest = digest_of(keys, who.id, new)
    with engine.begin() as connection:
        succeed(connection, attempt)
        connection.execute(CHANGE, {"user": who.id, "password": digest})
        end_all(connection, who.id)
        note(connection, named(who.name), "console_password_changed", named(who.name))
        return Outcome(begin_session(connection, keys, who.id))


def _may_begin(connection: Connection, keys: Keys, user: Row[Any], digits: str) -> bool:
    """Say whether a session may begin: nothing has changed since we looked, and nothing is wrong.

    The row is held: whoever changes the password or disables the user at this moment comes after
    us, and then ends the session too.
    """
    same = {"user": user.id, "password": user.password}
    return connection.execute(STILL, same).one_or_none() is not None and _second(
        connection, keys, user, digits
    )


def _second(connection: Connection, keys: Keys, user: Row[Any], typed: str) -> bool:
    """Say whether the six digits, or a spare code instead, are right; each is good once."""
    if Role(user.role) not in NEEDED_BY:
        return True
    if user.totp_salt is None:
        return False
    step = step_of(connection, key_of(keys, user.totp_salt), typed)
    if step is not None:
        return take_step(connection, user.id, step)
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    written = "-".join(code[start : start + 4] for start in range(0, len(code), 4))
    digest = keys.digest("spare code", f"{user.id}:{written}")
    used = connection.execute(USE_CODE, {"user": user.id, "digest": digest}).one_or_none()
    if used is not None:
        note(connection, named(user.name), "spare_code_used", named(user.name))
    return used is not None


def _note_wrong(connection: Connection, user: Row[Any] | None, attempt: Try) -> None:
    """Write down that somebody was kept out; a name that is none of ours is not written."""
    if user is None:
        note(connection, "somebody", "sign_in_refused", "an unknown name")
        return
    note(connection, "somebody", "sign_in_refused", named(user.name))
    if attempt.wrong_before + 1 >= FREE_BY_NAME:
        raise_alarm(connection, ALARM, f"user {user.id}")
