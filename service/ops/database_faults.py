"""What a command says when its database is away, or not at the schema it needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from service.ops.environment import without_password

NOT_THERE = frozenset({"42P01", "42703", "42704", "3F000"})
"""SQLSTATEs: no such table, column, type or schema (PostgreSQL manual, appendix A)."""
REFUSED = "FATAL:"
"""How a server's own words begin when one runs but takes no connection."""


def database_sentence(error: Exception, *, url: str, home: Path) -> str | None:
    """Say in one sentence what is wrong with the database; None when that is not what happened.

    `url` is DATABASE_URL as it was given, empty for the server inside `home`.
    """
    if not isinstance(error, OperationalError | ProgrammingError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state in NOT_THERE:
        return "The database is not migrated: run `caunoi migrate`."
    if state is None:  # no server has said so: there was no connection, or it broke
        return _nobody_there(error, url, home)
    if isinstance(error, OperationalError):
        return f"The database could not do this: {said(error)}."
    return None  # a statement that is wrong is a fault of ours and needs its traceback


def no_answer(url: str, error: Exception, named: str = "DATABASE_URL") -> str:
    """Say that no PostgreSQL answers at the address that `named` holds."""
    return f"{named}: no PostgreSQL answers at {without_password(url)} ({said(error)})."


def said(error: Exception) -> str:
    """Return the first line of what the driver says; those after it may quote what is stored."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines() or [""]
    return lines[0].rstrip(".")


def _nobody_there(error: DBAPIError, url: str, home: Path) -> str:
    if url:
        return no_answer(url, error)
    if REFUSED in (why := said(error)):
        return f"PostgreSQL in {home} takes no connection: {why.partition(REFUSED)[2].strip()}."
    return f"No PostgreSQL runs in {home}; start it with `caunoi up`, or set DATABASE_URL."
