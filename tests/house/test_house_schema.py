"""The migrations: numbered, in one line, there and back, and what they make is what the code means."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, make_url, pool, text

from service.ops.migrate import configuration, migrate
from service.ops.schema import current_revision, needed_revision
from service.records.engine import driver_url
from service.records.tables import metadata
from tests.house.source import ROOT

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
      AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, convalidated
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = """
    SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
    FROM pg_index JOIN pg_class c ON c.oid = indrelid
    WHERE c.relnamespace = 'public'::regnamespace
"""
TABLES = """
    SELECT relname, reloptions, relpersistence FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
"""
VIEWS = """
    SELECT relname, pg_get_viewdef(oid), obj_description(oid, 'pg_class') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
"""
OTHERS = """
    SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typname FROM pg_type t
    WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
"""
ALL = (TABLES, COLUMNS, CONSTRAINTS, INDEXES, VIEWS, OTHERS)
ALEMBICS = "alembic_version"


class Database:
    """An empty database of this test's own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = create_engine(driver_url(url), poolclass=pool.NullPool)

    def sees(self, query: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(query))]
        return sorted((row for row in rows if ALEMBICS not in str(row[0])), key=str)


@pytest.fixture
def databases(servers: dict[str, str], worker_id: str) -> Iterator[list[Database]]:
    server = create_engine(driver_url(servers["postgres"]), isolation_level="AUTOCOMMIT")
    names = [f"caunoi_schema_{n}_{worker_id}" for n in range(2)]
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield [Database(str(make_url(servers["postgres"]).set(database=name))) for name in names]
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_what_the_migrations_make_is_what_the_code_means(databases: list[Database]) -> None:
    migrated, meant = databases
    migrate(migrated.url)
    metadata.create_all(meant.engine)
    for query in ALL:
        assert migrated.sees(query) == meant.sees(query)
    assert len(migrated.sees(INDEXES)) > 40, "there was something to compare"
    assert all(said for _, _, said in migrated.sees(VIEWS)), "every view says what it is"


def test_down_to_nothing_and_up_again(databases: list[Database]) -> None:
    database, _ = databases
    assert migrate(database.url) == needed_revision()
    first = [database.sees(query) for query in ALL]
    assert migrate(database.url, "base") is None
    assert [database.sees(query) for query in (TABLES, OTHERS)] == [[], []]
    assert migrate(database.url) == needed_revision()
    assert current_revision(database.engine) == needed_revision()
    assert [
        database.sees(q) for q in (TABLES, COLUMNS, CONSTRAINTS, INDEXES, VIEWS, OTHERS)
    ] == first


def test_migrations_are_numbered_in_one_line_to_head() -> None:
    files = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    for number, name in enumerate(files, start=1):
        assert re.fullmatch(rf"{number:04d}_[a-z]+(_[a-z]+)+\.py", name), name
    scripts = ScriptDirectory.from_config(configuration())
    assert scripts.get_heads() == [needed_revision()]
    line = [script.revision for script in scripts.walk_revisions()][::-1]
    assert line == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [scripts.get_revision(r).down_revision for r in line] == [None, *line[:-1]]  # type: ignore[union-attr]
