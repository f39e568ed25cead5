from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.live import Live, running


@pytest.fixture(scope="session")
def _web(database_url: str) -> Iterator[Live]:
    with (
        tempfile.TemporaryDirectory(prefix="caunoi-web-") as folder,
        running(database_url, Path(folder)) as live,
    ):
        yield live


@pytest.fixture
def live(world, _web: Live) -> Live:
    """A real web process on this worker's database, the demo village as on its first day."""
    return _web
