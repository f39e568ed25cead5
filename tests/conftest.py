"""Real PostgreSQL and Valkey for the whole run, a database of its own for each worker process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, make_url, text

from bench.village_time import VillageTime
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.migrate import migrate
from service.records.engine import driver_url, make_engine
from service.records.unit import Units
from service.village.gazetteer import load_places
from tests.as_first import put_back
from tests.village import MORNING, TimedWorld, World

# A busy machine is no fault of the code; what is found once is found again.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

DATA = Path(__file__).resolve().parents[1] / "data"
TEMPLATE = "caunoi_template"

pytest_plugins: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that started the run."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(tempfile.mkdtemp(prefix="caunoi-test-"))
    folder.chmod(0o711)
    postgres = EmbeddedPostgres(folder / "pg", fsync=False)
    postgres.start()
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(postgres.stop)
    valkey = EmbeddedValkey(folder / "vk", appendonly=False)
    valkey.start()
    config.add_cleanup(valkey.stop)
    _make_template(postgres.plain_url)
    config.stash[SERVERS] = {"postgres": postgres.plain_url, "redis": valkey.url}


def pytest_configure_node(node) -> None:
    """Tell each worker process where the servers are."""
    node.workerinput["servers"] = node.config.stash[SERVERS]


SERVERS = pytest.StashKey[dict[str, str]]()


def _make_template(url: str) -> None:
    server = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
        # Rows stay in the order in which they were written, whatever was deleted before them.
        connection.execute(text("ALTER SYSTEM SET autovacuum = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    server.dispose()
    template = str(make_url(url).set(database=TEMPLATE))
    migrate(template)
    engine = make_engine(template, name="template", pool_size=1, statement_seconds=30)
    with Units(engine, lambda _lane: None).open() as unit:
        load_places(unit.session, DATA)
    engine.dispose()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Addresses of PostgreSQL and Valkey of this run."""
    config = request.config
    if hasattr(config, "workerinput"):
        return config.workerinput["servers"]
    return config.stash[SERVERS]


@pytest.fixture(scope="session")
def database_url(servers: dict[str, str], worker_id: str) -> str:
    """A database of this worker process, with the places loaded."""
    return make_database(servers["postgres"], f"caunoi_{worker_id}", TEMPLATE)


def make_database(server_url: str, name: str, template: str) -> str:
    """Make an empty copy of a template and return its address."""
    server = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    server.dispose()
    return str(make_url(server_url).set(database=name))


@pytest.fixture(scope="session")
def session_world(database_url: str) -> Iterator[World]:
    """The service's parts on this worker's database."""
    world = World(database_url)
    yield world
    world.close()


@pytest.fixture
def world(session_world: World) -> World:
    """The demo village as on its first day: nobody has called yet."""
    put_back(session_world)
    session_world.refresh()
    return session_world


@pytest.fixture(scope="session")
def session_timed(servers: dict[str, str], worker_id: str) -> Iterator[TimedWorld]:
    """The service's parts on a database of their own, whose clock can be turned."""
    url = make_database(servers["postgres"], f"caunoi_timed_{worker_id}", TEMPLATE)
    world = TimedWorld(url, time=VillageTime(url))
    yield world
    world.close()


@pytest.fixture
def timed(session_timed: TimedWorld) -> TimedWorld:
    """The demo village on Tuesday, 1 December 2026, nine in the morning; time is the test's."""
    session_timed.time.turn_to(MORNING)
    put_back(session_timed)
    session_timed.refresh()
    return session_timed
