"""A clock to turn: the whole service on one database lives at the moment it is told.

All time of the service is the database's clock_timestamp(). Here a function of that name stands
before PostgreSQL's own in the search path and adds a shift, so that the very code and SQL that run
in the village run through weeks without sleeping. Between two turns it runs at the pace of the real
one, or at a slower one: then a busy machine makes nobody in the village late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, create_engine, make_url, pool, text

from service.records.engine import driver_url
from service.text.local_time import VIETNAM

INSTALL = (
    "CREATE SCHEMA sim",
    "CREATE TABLE sim.clock (told timestamptz, since timestamptz, pace float)",
    """
    CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT told + (pg_catalog.clock_timestamp() - since) * pace FROM sim.clock'
    """,
)
BEGIN = """
    INSERT INTO sim.clock VALUES (pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp(), :pace)
"""
TURN = "UPDATE sim.clock SET told = :moment, since = pg_catalog.clock_timestamp()"
PASS = """
    UPDATE sim.clock SET told = clock_timestamp() + :duration, since = pg_catalog.clock_timestamp()
"""
FORWARD = text("""
    UPDATE sim.clock SET told = greatest(clock_timestamp(), CAST(:moment AS timestamptz)),
                         since = pg_catalog.clock_timestamp()
    RETURNING told
""")
"""Turn the clock to a moment, never back."""
PATH = "public, sim, pg_catalog"
# A default was bound to PostgreSQL's own clock when its table was made; here it is bound anew.
BIND = """
    DO $$
    DECLARE found record;
    BEGIN
        FOR found IN
            SELECT d.adrelid::regclass AS of_table, a.attname AS of_column,
                   replace(pg_get_expr(d.adbin, d.adrelid), 'pg_catalog.', '') AS meant
            FROM pg_attrdef d
            JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE pg_get_expr(d.adbin, d.adrelid) LIKE '%clock_timestamp()%'
        LOOP
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s',
                           found.of_table, found.of_column, found.meant);
        END LOOP;
    END $$
"""


class VillageTime:
    """The clock of one database; installing it there is for databases made for a trial only."""

    def __init__(self, database_url: str, *, pace: float = 1.0) -> None:
        self._engine: Engine = create_engine(driver_url(database_url), poolclass=pool.NullPool)
        name = make_url(database_url).database
        with self._engine.begin() as connection:
            for statement in INSTALL:
                connection.execute(text(statement))
            connection.execute(text(BEGIN), {"pace": pace})
            connection.execute(text(f'ALTER DATABASE "{name}" SET search_path = {PATH}'))
        with self._engine.begin() as connection:
            connection.execute(text(BIND))

    def now(self) -> datetime:
        """Return what time it is there."""
        with self._engine.connect() as connection:
            moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment

    def turn_to(self, moment: datetime) -> None:
        """Turn the clock to a moment, forward or back; a naive one is Vietnam's time."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
        with self._engine.begin() as connection:
            connection.execute(text(TURN), {"moment": aware})

    def let_pass(self, duration: timedelta) -> None:
        """Let time pass, or run back for a negative duration."""
        with self._engine.begin() as connection:
            connection.execute(text(PASS), {"duration": duration})
