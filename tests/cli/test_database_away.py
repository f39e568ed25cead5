"""A command whose database is away, or has no tables, says so in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from service.records.engine import driver_url
from tests.cli.conftest import Caunoi
from tests.conftest import make_database

COMMANDS = (
    "status", "seed", "migrate", "areas list", "areas find na", "areas cards --commune 01273",
    "areas load data/templates/hamlets.csv", "sending off --by x", "resume-carrier",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_database_is_one_sentence(caunoi: Caunoi, tmp_path: Path, command: str) -> None:
    assert caunoi(*command.split()) == (
        1,
        "",
        f"No PostgreSQL runs in {tmp_path}/home; start it with `caunoi up`, or set DATABASE_URL.\n",
    )


def test_a_database_elsewhere_that_is_away_is_named_without_its_password(caunoi: Caunoi) -> None:
    code, out, errors = caunoi("status", DATABASE_URL="postgresql://u:hush@127.0.0.1:1/x")
    assert (code, out) == (1, "")
    assert errors.startswith("DATABASE_URL: no PostgreSQL answers at 127.0.0.1:1 (")
    assert errors.count("\n") == 1
    assert "hush" not in errors


@pytest.fixture
def empty(servers: dict[str, str], worker_id: str) -> Iterator[str]:
    """A database without any table."""
    name = f"caunoi_bare_{worker_id}"
    yield make_database(servers["postgres"], name, "template0")
    server = create_engine(driver_url(servers["postgres"]), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_a_database_without_tables_is_one_sentence_until_it_has_them(
    caunoi: Caunoi, empty: str
) -> None:
    for command in ("status", "seed --if-changed", "areas list", "resume-carrier"):
        told = caunoi(*command.split(), DATABASE_URL=empty)
        assert told == (1, "", "The database is not migrated: run `caunoi migrate`.\n"), command
    code, _, errors = caunoi("migrate", "nosuch", DATABASE_URL=empty)
    assert code == 1
    last = errors.splitlines()[-1]
    assert re.fullmatch(r"There is no revision 'nosuch'; there are 0001, .*, base and head\.", last)
    assert caunoi("migrate", DATABASE_URL=empty)[0] == 0
    assert caunoi("areas", "list", DATABASE_URL=empty) == (
        1,
        "",
        "No commune is loaded: `caunoi seed`.\n",
    )
    engine = create_engine(driver_url(empty))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert caunoi("migrate", DATABASE_URL=empty)[2].endswith(
        "The database is at 9999, which this version does not know.\n"
    )
