"""What is kept of a secret that people type: an argon2id hash. Whoever asks mixes in the pepper."""

from __future__ import annotations

import secrets
from threading import Lock

MEMORY_KIB = 19 * 1024
PASSES = 2
"""ASVS 5.0, appendix C: argon2id with 19 MiB and two passes, or more."""
SALT_BYTES, HASH_BYTES = 16, 32

_one_at_a_time = Lock()
"""A hash takes 19 MiB: one process never needs them twice."""


def hash_of(peppered: bytes) -> str:
    """Return what is kept of a secret."""
    # Loaded with the first one: it is large, and most processes need none for days.
    from argon2.low_level import Type, hash_secret  # noqa: PLC0415

    with _one_at_a_time:
        return hash_secret(
            peppered,
            secrets.token_bytes(SALT_BYTES),
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=1,
            hash_len=HASH_BYTES,
            type=Type.ID,
        ).decode()


def is_hash_of(kept: str, peppered: bytes) -> bool:
    """Say whether this is what was kept of a secret."""
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415 - as above
    from argon2.low_level import Type, verify_secret  # noqa: PLC0415

    with _one_at_a_time:
        try:
            return verify_secret(kept.encode(), peppered, Type.ID)
        except VerifyMismatchError:
            return False
