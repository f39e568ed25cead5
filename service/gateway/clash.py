"""Two doings that met in the database: each goes through when it is tried once more alone."""

from __future__ import annotations

CLASHES = frozenset({"40001", "40P01", "23505"})
"""SQLSTATEs of a lost race: serialization, deadlock, unique key (PostgreSQL manual, appendix A)."""


def clashed(error: Exception) -> bool:
    """Say whether an error of the driver, or SQLAlchemy's around it, tells of such a meeting."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) in CLASHES
