"""Databases of their own for tests that load places: they stay where other tests do not see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

from service.records.engine import driver_url
from tests.conftest import TEMPLATE, make_database
from tests.village import World, demo_village


@contextmanager
def new_world(server_url: str, name: str) -> Iterator[World]:
    world = World(make_database(server_url, name, TEMPLATE))
    demo_village(world)
    yield world
    world.close()
    server = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def places(servers: dict[str, str], worker_id: str) -> Iterator[World]:
    """The service on a new database: the places that ship, the demo village, and nothing else."""
    with new_world(servers["postgres"], f"caunoi_places_{worker_id}") as world:
        yield world


@pytest.fixture(scope="module")
def same_places(servers: dict[str, str], worker_id: str) -> Iterator[World]:
    """The same for tests that change nothing: one database for all of a file."""
    with new_world(servers["postgres"], f"caunoi_same_places_{worker_id}") as world:
        yield world
