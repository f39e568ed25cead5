"""Whatever goes wrong with a command that has a cause to name is one sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.source import ROOT

Told = tuple[int, str, str]


@pytest.fixture
def caunoi(tmp_path: Path) -> Callable[..., Told]:
    """Runs a command in a home of its own; returns exit code, output and errors."""

    def run(*words: str, **variables: str) -> Told:
        ran = subprocess.run(
            [sys.executable, "-m", "service.cli", *words], input="",
            env={"PATH": os.environ["PATH"], "CAUNOI_HOME": str(tmp_path / "home"), **variables},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout, ran.stderr

    return run


def test_a_carrier_that_there_is_not_is_one_sentence(caunoi: Callable[..., Told]) -> None:
    assert caunoi("callback-urls", CARRIER="http") == (
        1,
        "",
        "CARRIER: there is no 'http'; there is africastalking.\n",
    )
