"""Which schema this version needs and which one the database has, without loading Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def needed_revision() -> str:
    """Return the revision this version needs: the one line of migrations/HEAD.

    Two branches that both add a migration meet in that line, so that git says so.
    """
    return (MIGRATIONS / "HEAD").read_text(encoding="utf-8").strip()


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at, None when it was never migrated."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        return None
