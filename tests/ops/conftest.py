from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ops.runs import Run


@pytest.fixture
def place() -> Iterator[Path]:
    """A private folder with a blank and Vietnamese letters, short enough for a socket in it.

    Not tmp_path: pytest takes back the right to pass it that PostgreSQL's user needs under root.
    """
    folder = Path(tempfile.mkdtemp(prefix="caunoi-test-", dir="/tmp")).resolve()
    inner = folder / "nhà của Mế"
    inner.mkdir()
    yield inner
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_run(place: Path) -> Iterator[Callable[..., Run]]:
    """Makes runs of `up` in one home, and ends what a failed test leaves of them."""
    runs: list[Run] = []

    def make(processes: dict[str, str] | None = None, **variables: str) -> Run:
        run = Run(place / "var", processes, **variables)
        runs.append(run)
        return run

    yield make
    for run in runs:
        run.tidy()
