from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy import make_url

from service.app import create_app
from service.outbox.ladder import MOVES
from service.phones import server
from service.phones.network import Network
from service.phones.options import Options
from service.phones.pages import create_app as create_phones
from tests.conftest import TEMPLATE, make_database
from tests.outbox.kit import Box
from tests.village import SECRET, World

WATCHED = Path(__file__).with_name("watched.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Short logs: a traceback with all its variables takes a second to draw."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


@pytest.fixture(scope="session")
def watched_url(servers: dict[str, str], worker_id: str) -> str:
    """A database of this worker process whose clock can be moved and whose moves are watched."""
    url = make_database(servers["postgres"], f"caunoi_outbox_{worker_id}", TEMPLATE)
    watch(url)
    return url


def watch(url: str) -> None:
    """Install the clock and the guard of watched.sql."""
    with psycopg.connect(url) as connection:
        connection.execute(WATCHED)
        connection.cursor().executemany(
            "INSERT INTO watched.allowed VALUES (%s, %s)",
            [(before, after) for before, onward in MOVES.items() for after in onward],
        )
        connection.execute(
            f"ALTER DATABASE {make_url(url).database} SET search_path = watched, pg_catalog, public"
        )


@pytest.fixture(scope="session")
def session_box(watched_url: str) -> Iterator[Box]:
    """The outbox, a running stand-in carrier, and the gateway it reports to, all over real HTTP."""
    for_gateway, for_phones = (server.bind("127.0.0.1", 0) for _ in range(2))
    gateway_port, phones_port = (s.getsockname()[1] for s in (for_gateway, for_phones))
    gateway = f"http://127.0.0.1:{gateway_port}/gateway/africastalking/{SECRET}"
    network = Network(Options(gateway=gateway, api_key="test-key", time_factor=0.001))
    world = World(watched_url, carrier_url=f"http://127.0.0.1:{phones_port}")
    running = [
        server.make(create_phones(network), for_phones),
        server.make(create_app(world.runtime), for_gateway),
    ]
    threads = [threading.Thread(target=http.serve_forever, args=(0.02,)) for http in running]
    for thread in threads:
        thread.start()
    yield Box(world, network)
    for http, thread in zip(running, threads, strict=True):
        http.shutdown()
        thread.join()
    network.close()
    world.close()


@pytest.fixture
def box(session_box: Box) -> Box:
    """An empty outbox and a carrier in good health."""
    session_box.empty()
    return session_box
