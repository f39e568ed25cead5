"""Callbacks are counted in memory, by how fast they were answered, and handed on together."""

from __future__ import annotations

import threading

import pytest
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from service.gateway.pace import Pace
from service.records.counters import HOPS, counter_of_hop, within_ms
from service.records.engine import make_engine
from tests.village import NEIGHBOUR, VILLAGER, World

COUNTS = "SELECT name, sum(n)::int AS n FROM counters GROUP BY name"


@pytest.fixture
def world(world: World) -> World:
    """The village, before which nothing was counted: earlier tests' counts are handed on late."""
    world.runtime.pace.hand_on()
    world.do("TRUNCATE counters")
    return world


def counted(world: World) -> dict[str, int]:
    return {row.name: row.n for row in world.rows(COUNTS)}


def test_what_comes_in_is_counted_by_its_door(world: World) -> None:
    world.phone(VILLAGER).dial()
    world.phone(NEIGHBOUR).text("TRO GIUP")
    world.post("receipts", {"id": "x", "status": "Success", "phoneNumber": NEIGHBOUR})
    world.post("sms", {}, secret="a-wrong-one")
    world.runtime.pace.hand_on()
    found = counted(world)
    assert sum(n for name, n in found.items() if name in HOPS) == 2
    assert found["texts_in"] == found["reports_in"] == 1


def test_a_process_that_ends_hands_on_what_it_has_counted(world: World) -> None:
    other = World(world.runtime.settings.database_url)
    other.phone(VILLAGER).dial()
    other.close()
    assert sum(n for name, n in counted(world).items() if name in HOPS) == 2


def test_many_threads_lose_no_count(world: World) -> None:
    pace = Pace(world.runtime.quick)

    def knock() -> None:
        for _ in range(200):
            pace.note("sms", 0.001)

    threads = [threading.Thread(target=knock) for _ in range(5)]
    for thread in threads:
        thread.start()
    pace.hand_on()
    for thread in threads:
        thread.join()
    pace.hand_on()
    assert counted(world)["texts_in"] == 1000


def test_a_database_that_is_away_costs_the_counts_and_nothing_else() -> None:
    engine = make_engine(
        "postgresql://caunoi@127.0.0.1:9/caunoi", name="t", pool_size=1, statement_seconds=1
    )
    pace = Pace(engine)
    pace.note("ussd", 0.01)
    pace.note("no such door", 0.01)
    with structlog.testing.capture_logs() as logs:
        pace.hand_on()
        pace.hand_on()
    assert [line["event"] for line in logs] == ["counts_lost"]
    engine.dispose()


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0.0, "hop_ms_5"), (0.005, "hop_ms_5"), (0.0051, "hop_ms_10"), (5, "hop_ms_5000"),
     (5.1, "hop_ms_over"), (90, "hop_ms_over")],
)  # fmt: skip
def test_a_hop_is_counted_by_the_first_bound_it_keeps(seconds: float, name: str) -> None:
    assert counter_of_hop(seconds) == name


@given(st.lists(st.floats(0, 9), min_size=1, max_size=200))
def test_a_share_is_never_promised_too_much(hops: list[float]) -> None:
    counts: dict[str, int] = {}
    for seconds in hops:
        counts[counter_of_hop(seconds)] = counts.get(counter_of_hop(seconds), 0) + 1
    told = within_ms(counts, 0.95)
    assert told is not None
    assert sum(seconds * 1000 <= told for seconds in hops) >= 0.95 * len(hops)


def test_without_hops_there_is_no_pace() -> None:
    assert within_ms({"texts_in": 3}, 0.95) is None
