from __future__ import annotations

import pytest

from tests.console.office import Office
from tests.village import World


@pytest.fixture
def office(world: World) -> Office:
    """The console, with nobody in it."""
    return Office(world)
