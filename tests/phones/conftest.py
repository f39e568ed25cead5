from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gateway_recorder import Gateway
from phones_world import Phones, run

from service.phones.options import Options
from tests.chromium import launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    yield gateway
    gateway.close()


@pytest.fixture
def options(gateway: Gateway) -> Options:
    return Options(gateway=gateway.url, api_key="key", port=0, time_factor=0.001, report_delay=0.0)


@pytest.fixture
def phones(options: Options) -> Iterator[Phones]:
    yield from run(options)
