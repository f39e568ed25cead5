from __future__ import annotations

import pytest

from tests.carriers.contract import samples

FIXTURES = {
    "send_sample": "send",
    "report_sample": "reports",
    "sms_sample": "sms",
    "hop_sample": "ussd",
    "end_sample": "ussd_ends",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every sample of the carrier a test class names."""
    for fixture in FIXTURES.keys() & set(metafunc.fixturenames):
        found = samples(metafunc.cls.name, FIXTURES[fixture])
        metafunc.parametrize(fixture, found, ids=[sample["name"] for sample in found])
