from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.full import make_year, office_on
from tests.console.office import Office
from tests.village import World


@pytest.fixture
def office(world: World) -> Office:
    """The console, with nobody in it."""
    return Office(world)


@pytest.fixture(scope="session")
def year(servers: dict[str, str], worker_id: str) -> str:
    """Name of a database that holds a year of the service, to be copied."""
    name = f"caunoi_year_{worker_id}"
    make_year(servers["postgres"], name)
    return name


@pytest.fixture(scope="module")
def full_office(servers: dict[str, str], year: str) -> Iterator[Office]:
    """The console with a year behind it, for the tests of one module."""
    with office_on(servers["postgres"], f"{year}_copy", year) as made:
        yield made
