from __future__ import annotations

from pathlib import Path

import pytest

from tests.measures.kit import Reporting
from tests.village import TimedWorld


@pytest.fixture
def report(timed: TimedWorld, tmp_path: Path) -> Reporting:
    return Reporting(timed.runtime.settings.database_url, tmp_path)
