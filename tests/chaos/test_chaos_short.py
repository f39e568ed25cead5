"""`make chaos-kill` in half a minute: real processes, a few of each blow, the same judge."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.plan import short
from chaos.run import run
from chaos.verdict import figures


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's user may pass under root, which tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="caunoi-chaos-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_nothing_is_lost_while_processes_are_killed(place: Path) -> None:
    evidence = run(short(seed=7), place, print)
    missed = [figure.line for figure in figures(evidence) if not figure.good]
    assert not missed, "\n".join([*missed, *evidence.logs.leaks])
