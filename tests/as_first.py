"""The village as on its first day, put back by one statement; loading it anew takes far longer.

The first test of a worker loads it; what is in the tables then is kept in a schema beside them.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from tests.village import KEPT, NOT_SHIPPED, PAST_THE_GUARD, World, demo_village, empty_tables

ANEW = 150
"""After so many times it is loaded anew: rows that were deleted stay in the files until then."""
TABLES = text("""
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND NOT tablename = ANY(:kept) ORDER BY 1
""")
COLUMNS = text("""
    SELECT quote_ident(column_name) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = :table AND is_generated = 'NEVER'
""")
SEQUENCES = text("""
    SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = 'public' AND NOT starts_with(sequencename, 'area') ORDER BY 1
""")


def put_back(world: World) -> None:
    """Make a world's database that of the demo village on its first day."""
    times: int = getattr(world, "put_back_times", 0)
    world.put_back_times = times + 1  # type: ignore[attr-defined]
    if times % ANEW:
        with world.engine.begin() as connection:
            connection.execute(text("SELECT kept.put_back()"))
        return
    empty_tables(world.engine)
    demo_village(world)
    _keep(world.engine)


def _keep(engine: Engine) -> None:
    with engine.begin() as connection:
        tables = connection.execute(TABLES, {"kept": list(KEPT)}).scalars().all()
        connection.execute(text("DROP SCHEMA IF EXISTS kept CASCADE"))
        connection.execute(text("CREATE SCHEMA kept"))
        full = [name for name in tables if _has_rows(connection, name)]
        for name in full:
            connection.execute(text(f"CREATE TABLE kept.{name} AS TABLE public.{name}"))
        for name, column in (("areas", "id"), ("area_aliases", "area_id")):
            connection.execute(
                text(f"CREATE TABLE kept.{name} AS SELECT * FROM public.{name}"
                     f" WHERE {column} IN ({NOT_SHIPPED})")
            )  # fmt: skip
        body = [
            PAST_THE_GUARD,
            f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE",
            *(f"DELETE FROM {name}" for name in tables),
            f"DELETE FROM area_aliases WHERE area_id IN ({NOT_SHIPPED})",
            f"DELETE FROM areas WHERE id IN ({NOT_SHIPPED})",
            *(_copy(connection, name)
              for name in ("areas", "area_aliases", *full)),
            *(f"PERFORM setval('{row.sequencename}', {row.last_value or 1},"
              f" {'true' if row.last_value else 'false'})"
              for row in connection.execute(SEQUENCES)),
        ]  # fmt: skip
        connection.execute(
            text("CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
                 + "; ".join(body).replace(":", r"\:") + "; END $$")
        )  # fmt: skip


def _copy(connection: Connection, table: str) -> str:
    names = ", ".join(connection.execute(COLUMNS, {"table": table}).scalars())
    return f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM kept.{table}"


def _has_rows(connection: Connection, table: str) -> bool:
    return bool(connection.execute(text(f"SELECT EXISTS (SELECT FROM {table})")).scalar_one())
