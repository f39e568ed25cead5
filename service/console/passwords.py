"""Passwords: which are good enough, and what is kept of them."""

from __future__ import annotations

import re

from service.village.kept_secrets import hash_of, is_hash_of

from .secret_words import Keys

SHORTEST, LONGEST = 12, 200
FEWEST_SIGNS = 5
"""Different characters; "aaaabbbbaaaa" is none."""
TRIED_FIRST = re.compile(
    r"(password|passw0rd|matkhau|qwerty|asdfgh|iloveyou|anhyeuem|emyeuanh|admin|welcome|letmein"
    r"|caobang|vietnam|caunoi|dangnhap|123456|abcdef|\d|[^a-z0-9])*"
)
"""Nothing but what everybody tries first, digits and signs."""


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
    return hash_of(_peppered(keys, user_id, password))


def verifies(keys: Keys, user_id: int, kept: str | None, password: str) -> bool:
    """Compare a password with what is kept; takes as long where nothing is."""
    if kept is None or len(password) > LONGEST:
        digest_of(keys, 0, password[:LONGEST])
        return False
    return is_hash_of(kept, _peppered(keys, user_id, password))


def _peppered(keys: Keys, user_id: int, password: str) -> bytes:
    return keys.raw("password", f"{user_id}:{password}")
