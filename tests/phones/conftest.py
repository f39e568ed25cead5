from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gateway_recorder import Gateway
from phones_world import Phones, run

from service.phones.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browsing import CHROMIUM, QUIET
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        pytest.skip(f"NO BROWSER TESTS: there is no Chromium at {CHROMIUM}; set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


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
