"""Bring the database to the schema this version of the service needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool, text

from service.ops.errors import StartError
from service.records.engine import driver_url

from .schema import MIGRATIONS, current_revision

LOCK = 0x43_4E_01
"""Advisory lock held while migrating, so that two releases at once do it one by one."""


def configuration() -> Config:
    """Make Alembic's configuration; there is no ini file to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(url: str, revision: str = "head") -> str | None:
    """Move the database to `revision` and return where it is then.

    Waits at most a second for a table lock (a waiting ALTER would stop every reader behind it)
    and leaves the database as it was when anything fails. Raises StartError when there is no such
    revision, or the database is at one that only a newer version of the service knows.
    """
    config = configuration()
    known = sorted(
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    )
    if revision not in {"base", "head", *known}:
        raise StartError(
            f"There is no revision {revision!r}; there are {', '.join(known)}, base and head."
        )
    engine = create_engine(
        driver_url(url),
        poolclass=pool.NullPool,
        connect_args={"options": "-c lock_timeout=1s -c timezone=UTC", "connect_timeout": 5},
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        config.attributes["connection"] = connection
        before = MigrationContext.configure(connection).get_current_revision()
        connection.commit()
        if before not in {None, *known}:
            raise StartError(f"The database is at {before}, which this version does not know.")
        if revision == "base" or (before is not None and revision < before):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()
    found = current_revision(engine)
    engine.dispose()
    return found
