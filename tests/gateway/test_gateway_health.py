"""/healthz says that the process lives, /readyz whether it can serve and what is wrong beside."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.outbox.classes import LANES
from service.runtime import Runtime
from tests.village import NEIGHBOUR, World, settings

PAUSED = """
    INSERT INTO carrier_pauses (carrier, code, until)
    VALUES ('africastalking', 'no_balance', clock_timestamp() + interval '1 minute')
"""


def beat(world: World) -> None:
    for kind, lane in [("clock", None), *(("worker", lane) for lane in LANES)]:
        world.do(
            "INSERT INTO beats (name, kind, lane, pid) VALUES (:name, :kind, :lane, 1)",
            name=f"{kind}-{lane}", kind=kind, lane=lane,
        )  # fmt: skip


def readyz(world: World) -> tuple[int, dict[str, Any]]:
    answer = world.client.get("/readyz")
    return answer.status_code, answer.get_json()


@pytest.fixture
def alive(world: World, servers: dict[str, str]) -> Iterator[World]:
    """All workers and the clock beat, Redis answers."""
    beat(world)
    other = object.__new__(World)
    url = world.runtime.settings.database_url
    other.runtime = Runtime(settings(url, redis_url=servers["redis"]), "test")
    other._phones = {}
    yield other
    other.close()


def test_all_is_well(alive: World) -> None:
    assert readyz(alive)[0] == 200
    found = readyz(alive)[1]
    assert found["status"] == "ready"
    assert (found["database"], found["migrations"], found["redis"]) == ("ok", "ok", "ok")
    assert alive.client.get("/healthz").status_code == 200
    assert alive.client.head("/readyz").status_code == 200


def test_a_schema_that_is_behind_cannot_serve(alive: World) -> None:
    kept = alive.one("SELECT version_num FROM alembic_version").version_num
    try:
        for version in ("0000", ""):
            alive.do("UPDATE alembic_version SET version_num = :v", v=version)
            status, found = readyz(alive)
            assert (status, found["status"], found["migrations"]) == (503, "unready", "behind")
        alive.do("ALTER TABLE alembic_version RENAME TO elsewhere")
        assert readyz(alive)[0] == 503
        alive.do("ALTER TABLE elsewhere RENAME TO alembic_version")
        alive.do("UPDATE alembic_version SET version_num = '9999'")
        status, found = readyz(alive)
        assert (status, found["migrations"]) == (200, "ahead"), "the old processes go on meanwhile"
    finally:
        alive.do("UPDATE alembic_version SET version_num = :v", v=kept)
    assert alive.client.get("/healthz").status_code == 200


def test_redis_away_is_named_and_serves(world: World) -> None:
    beat(world)
    with socket.socket() as deaf:  # accepts and never answers
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        for url in ("redis://127.0.0.1:9/0", f"redis://127.0.0.1:{port}/0"):
            other = object.__new__(World)
            kept = world.runtime.settings.database_url
            other.runtime, other._phones = Runtime(settings(kept, redis_url=url), "test"), {}
            began = time.monotonic()
            status, found = readyz(other)
            assert (status, found["status"], found["redis"]) == (200, "degraded", "away")
            assert time.monotonic() - began < 5
            assert len(other.phone(NEIGHBOUR).text("HD")) in {0, 1}
            other.close()


def test_a_missing_worker_and_a_missing_clock_are_named(alive: World) -> None:
    alive.do("UPDATE beats SET beat_at = beat_at - interval '31 seconds' WHERE lane = 'reply'")
    status, found = readyz(alive)
    assert (status, found["status"]) == (200, "degraded")
    assert found["workers"] == {"emergency": "ok", "reply": "missing", "bulk": "ok"}
    alive.do("DELETE FROM beats WHERE kind = 'clock'")
    assert readyz(alive)[1]["clock"] == "missing"


def test_sending_stopped_and_a_carrier_paused_are_named(alive: World) -> None:
    alive.do(PAUSED)
    status, found = readyz(alive)
    assert (status, found["status"], found["sending"]) == (200, "degraded", "paused: no_balance")
    alive.do("INSERT INTO switches (name, is_on, changed_by) VALUES ('sending', false, 'test')")
    assert readyz(alive)[1]["sending"] == "stopped"
    alive.do("UPDATE switches SET is_on = true")
    alive.do("UPDATE carrier_pauses SET until = clock_timestamp() - interval '1 second'")
    assert readyz(alive)[1]["status"] == "ready"


def test_a_message_that_waits_too_long_is_named(alive: World) -> None:
    alive.phone(NEIGHBOUR).text("HD")
    assert readyz(alive)[1]["status"] == "ready"
    alive.do("UPDATE messages_out SET due_at = due_at - interval '61 seconds'")
    status, found = readyz(alive)
    assert (status, found["status"]) == (200, "degraded")
    assert found["oldest_due_seconds"]["reply"] > 60
    assert NEIGHBOUR[3:] not in str(found)
