"""A web process over sockets whose database is stopped, hangs and comes back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.migrate import migrate
from tests.gateway.live import Live, running
from tests.ops.metrics_pages import TOKEN, Page

PROMETHEUS_WAITS = 10.0


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[EmbeddedPostgres, Live]]:
    """An empty, migrated database of our own, and a web process on it."""
    with tempfile.TemporaryDirectory(prefix="caunoi-figures-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres = EmbeddedPostgres(folder / "pg", fsync=False)
        postgres.start()
        migrate(postgres.plain_url)
        try:
            with running(postgres.plain_url, folder, METRICS_TOKEN=TOKEN) as live:
                yield postgres, live
        finally:
            postgres.stop()


def scrape(live: Live) -> Page:
    began = time.monotonic()
    answer = live.send("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200, live.logs()[-4000:]
    assert time.monotonic() - began < PROMETHEUS_WAITS
    return Page(answer.text)


def test_a_database_that_stops_and_comes_back(own: tuple[EmbeddedPostgres, Live]) -> None:
    postgres, live = own
    assert scrape(live).figure("database_up") == 1
    postgres.stop()
    away = scrape(live)
    assert (away.figure("database_up"), away.figure("redis_up")) == (0, 0)
    assert away.figure("sending_on") is None
    postgres.start()
    back = scrape(live)
    assert (back.figure("database_up"), back.figure("sending_on")) == (1, 1)


def test_a_database_that_hangs_keeps_prometheus_no_longer_than_it_waits(
    own: tuple[EmbeddedPostgres, Live],
) -> None:
    postgres, live = own
    assert scrape(live).figure("database_up") == 1
    assert postgres.process is not None
    server = psutil.Process(postgres.process.pid)
    frozen = [server, *server.children(recursive=True)]
    for process in frozen:
        process.suspend()
    try:
        assert scrape(live).figure("database_up") == 0
        assert scrape(live).figure("database_up") == 0
    finally:
        for process in reversed(frozen):
            process.resume()
    deadline = time.monotonic() + 20
    while scrape(live).figure("database_up") != 1:
        assert time.monotonic() < deadline, live.logs()[-4000:]
        time.sleep(0.2)


def test_the_token_is_in_no_log(own: tuple[EmbeddedPostgres, Live]) -> None:
    _, live = own
    scrape(live)
    assert live.send("GET", "/metrics", headers={"Authorization": "Bearer no"}).status == 404
    assert TOKEN not in live.logs()
