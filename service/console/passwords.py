"""Passwords: which are good enough, and what is kept of them."""

from __future__ import annotations

import re
import secrets
from threading import Lock

from service.village.pins import HASH_BYTES, MEMORY_KIB, PASSES, SALT_BYTES

from .secret_words import Keys

SHORTEST, LONGEST = 12, 200
FEWEST_SIGNS = 5
"""Different characters; "aaaabbbbaaaa" is none."""
TRIED_FIRST = re.compile(
    r"(password|passw0rd|matkhau|qwerty|asdfgh|iloveyou|anhyeuem|emyeuanh|admin|welcome|letmein"
    r"|caobang|vietnam|caunoi|dangnhap|123456|abcdef|\d|[^a-z0-9])*"
)
"""Nothing but what everybody tries first, digits and signs."""

_one_at_a_time = Lock()
"""A digest takes 19 MiB: one process never needs them twice."""


def fault_of(password: str, name: str) -> str | None:
    """Return the key of what is wrong with a new password, None when it is good."""
    if len(password) < SHORTEST:
        return "password.short"
    if len(password) > LONGEST:
        return "password.long"
    plain = password.casefold()
    if len(set(plain)) < FEWEST_SIGNS or TRIED_FIRST.fullmatch(plain.replace(name, "")):
        return "password.easy"
    return None


def digest_of(keys: Keys, user_id: int, password: str) -> str:
    """Return what is kept of a password."""
    # Loaded with the first one: it is large, and most pages need none.
    from argon2.low_level import Type, hash_secret  # noqa: PLC0415

    with _one_at_a_time:
        return hash_secret(
            _peppered(keys, user_id, password),
            secrets.token_bytes(SALT_BYTES),
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=1,
            hash_len=HASH_BYTES,
            type=Type.ID,
        ).decode()


def verifies(keys: Keys, user_id: int, kept: str | None, password: str) -> bool:
    """Compare a password with what is kept; takes as long where nothing is."""
    if kept is None or len(password) > LONGEST:
        digest_of(keys, 0, password[:LONGEST])
        return False
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415 - as above
    from argon2.low_level import Type, verify_secret  # noqa: PLC0415

    with _one_at_a_time:
        try:
            return verify_secret(kept.encode(), _peppered(keys, user_id, password), Type.ID)
        except VerifyMismatchError:
            return False


def _peppered(keys: Keys, user_id: int, password: str) -> bytes:
    return keys.raw("password", f"{user_id}:{password}")
