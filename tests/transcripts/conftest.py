"""`pytest tests/transcripts --update-golden` writes down what the phones show now."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Rewrite the transcripts as the service speaks now; read the difference before keeping.",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    # Not an option at all when the whole of tests/ is run: this file is then read too late.
    return bool(request.config.getoption("--update-golden", default=False))
