"""A database somebody named for a play: never one in which people live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, MetaData, make_url, text

from service.ops.checks import check_database
from service.ops.errors import StartError
from service.ops.stop_signals import StopSignals
from service.records.engine import make_engine
from service.settings import check_address

FOR_PLAY = "_play"
"""End of the name of a database that may be emptied."""
TABLES = text("""
    SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname !~ '^pg_'
      AND nspname <> 'information_schema'
""")
# A table that a view reads is not dropped before it.
DROP_VIEWS = text("""
    DO $$
    DECLARE found record;
    BEGIN
        FOR found IN SELECT viewname FROM pg_views WHERE schemaname = current_schema()
        LOOP
            EXECUTE format('DROP VIEW IF EXISTS %I CASCADE', found.viewname);
        END LOOP;
    END $$
""")


@contextmanager
def borrowed_database(url: str) -> Iterator[str]:
    """Lend an empty database; it is emptied again at the end.

    One that holds something is emptied first if its name ends in `_play`. Raises StartError when
    it may not be, or does not answer.
    """
    try:
        check_address(url, "postgresql")
    except ValueError as fault:
        raise StartError(f"--database: {fault}.") from None
    check_database(url, "--database")
    engine = make_engine(url, name="caunoi play", pool_size=1, statement_seconds=15)
    try:
        _refuse_the_real(engine, make_url(url).database or "")
        _empty(engine)
        try:
            yield url
        finally:
            with StopSignals():
                _empty(engine)
    finally:
        engine.dispose()


def _refuse_the_real(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        tables = connection.execute(TABLES).scalar_one()
    if tables and not name.endswith(FOR_PLAY):
        raise StartError(
            f"--database: {name} holds {tables} tables; name one that is empty, or one whose name"
            f" ends in {FOR_PLAY}: that is emptied."
        )


def _empty(engine: Engine) -> None:
    """Take out every view and table, of whichever version of the service."""
    with engine.begin() as connection:
        connection.execute(DROP_VIEWS)
    found = MetaData()
    found.reflect(engine)
    found.drop_all(engine)
