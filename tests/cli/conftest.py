from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.source import ROOT

Told = tuple[int, str, str]
Caunoi = Callable[..., Told]


@pytest.fixture
def caunoi(tmp_path: Path) -> Caunoi:
    """Runs a command in a home of its own; returns exit code, output and errors."""

    def run(*words: str, **variables: str) -> Told:
        ran = subprocess.run(
            [sys.executable, "-m", "service.cli", *words], input="",
            env={"PATH": os.environ["PATH"], "CAUNOI_HOME": str(tmp_path / "home"), **variables},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout, ran.stderr

    return run
