"""The database is stopped, killed, frozen or gone: a caller hears a kind word, and soon."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import structlog.testing

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.migrate import migrate
from service.village.gazetteer import load_places
from tests.conftest import DATA
from tests.gateway.live import Live, Said, all_at_once, running
from tests.village import NEIGHBOUR, Phone, World, demo_village

SORRY_SECONDS = 2.0
NOISE = 1.0
"""What a busy test machine may add to what is promised."""


class Own:
    """A PostgreSQL, the demo village in it, and a web process on it that is never restarted."""

    def __init__(self, postgres: EmbeddedPostgres, world: World, live: Live) -> None:
        self.postgres, self.world, self.live = postgres, world, live
        self.calls = 0

    def caller(self, call: int) -> Phone:
        """The phone of a call; each call is another's, since a newer one ends the older."""
        return Phone(self.world, f"+849000{20000 + call}", session=f"ATUid_{call}")

    def dial(self) -> tuple[Said, float]:
        self.calls += 1
        fields = self.caller(self.calls).fields()
        began = time.monotonic()
        answer = self.live.post("ussd", fields)
        return answer, time.monotonic() - began

    def goes_on(self, call: int) -> bool:
        """Answer the first screen of a call."""
        caller = self.caller(call)
        caller.history = ["2"]
        return self.live.post("ussd", caller.fields()).text.startswith("CON ")

    def serves(self) -> bool:
        return self.dial()[0].text.startswith("CON ")

    def comes_back(self, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not self.serves():
            assert time.monotonic() < deadline, self.live.logs()[-4000:]
            time.sleep(0.1)


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    with tempfile.TemporaryDirectory(prefix="caunoi-away-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres = EmbeddedPostgres(folder / "pg", fsync=False)
        postgres.start()
        migrate(postgres.plain_url)
        world = World(postgres.plain_url)
        with world.runtime.units.open() as unit:
            load_places(unit.session, DATA)
        demo_village(world)
        try:
            with running(postgres.plain_url, folder) as live:
                yield Own(postgres, world, live)
        finally:
            world.close()
            postgres.stop()


def sorry(own: Own) -> None:
    answer, took = own.dial()
    assert (answer.status, answer.text[:11]) == (200, "END Xin loi"), answer
    assert took < SORRY_SECONDS + NOISE


def fill_the_pool(own: Own) -> None:
    """Leave more than one connection open in the web process."""
    all_at_once([lambda: own.dial()[0] for _ in range(8)])
    assert own.serves()


def test_a_database_that_is_stopped_and_comes_back(own: Own) -> None:
    fill_the_pool(own)
    assert own.goes_on(own.calls)
    own.postgres.stop()
    for _ in range(3):
        sorry(own)
    texting = {"from": NEIGHBOUR, "to": "8499", "text": "HD", "id": "while-away"}
    assert own.live.post("sms", texting).status == 503, "so that the carrier sends it again"
    assert own.live.get("/readyz").status == 503
    assert own.live.get("/healthz").status == 200
    own.postgres.start()
    own.comes_back()
    assert own.live.post("sms", texting).status == 200
    assert len(own.world.phone(NEIGHBOUR).inbox()) == 1
    assert own.goes_on(1)


def test_a_database_whose_connections_all_died_is_not_noticed(own: Own) -> None:
    fill_the_pool(own)
    own.world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'caunoi web'"
    )
    answers = all_at_once([lambda: own.dial()[0] for _ in range(8)])
    assert {answer.text[:4] for answer in answers} == {"CON "}


def test_a_database_that_is_killed_comes_back_by_itself(own: Own) -> None:
    fill_the_pool(own)
    assert own.postgres.process is not None
    own.postgres.process.send_signal(signal.SIGQUIT)
    own.postgres.process.wait()
    sorry(own)
    own.postgres.start()
    own.comes_back()


def test_a_database_that_hangs_keeps_nobody_waiting(own: Own) -> None:
    fill_the_pool(own)
    assert own.postgres.process is not None
    server = psutil.Process(own.postgres.process.pid)
    frozen = [server, *server.children(recursive=True)]
    for process in frozen:
        process.suspend()
    try:
        waits: list[float] = []

        def dial(number: int) -> None:
            caller = Phone(own.world, NEIGHBOUR, session=f"ATUid_hung_{number}")
            began = time.monotonic()
            answer = own.live.post("ussd", caller.fields())
            waits.append(time.monotonic() - began)
            assert answer.text.startswith("END Xin loi")

        callers = [threading.Thread(target=dial, args=(n,)) for n in range(24)]
        for caller in callers:
            caller.start()
            time.sleep(0.05)
        for caller in callers:
            caller.join(60)
        assert len(waits) == 24
        assert max(waits) < SORRY_SECONDS + NOISE
        assert own.live.get("/healthz").status == 200
    finally:
        for process in reversed(frozen):
            process.resume()
    own.comes_back()


def test_a_database_that_never_was_is_the_same() -> None:
    for url in (
        "postgresql://caunoi@/caunoi?host=/nowhere",
        "postgresql://caunoi@127.0.0.1:9/caunoi",
    ):
        world = World(url)
        caller = Phone(world, NEIGHBOUR, session="ATUid_1")
        assert world.client.get("/healthz").status_code == 200
        with structlog.testing.capture_logs():  # tracebacks for a terminal take seconds to paint
            began = time.monotonic()
            answer = world.post("ussd", caller.fields())
            assert time.monotonic() - began < SORRY_SECONDS + NOISE
            sms = world.post("sms", {"from": NEIGHBOUR, "to": "8499", "text": "HD"})
        assert (answer.status_code, answer.text[:11]) == (200, "END Xin loi")
        assert sms.status_code == 503
        assert world.client.get("/readyz").status_code == 503
        world.close()
