"""The address is the key: who does not have it finds nothing, and leaves nothing but a count."""

from __future__ import annotations

import ast
import inspect
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import ValidationError

from service.app import create_app
from service.gateway import guard
from service.runtime import Runtime
from tests.village import NEIGHBOUR, SECRET, World, settings

NEWER = "the-newer-secret-of-two-5678"
SMS = {"from": NEIGHBOUR, "to": "8499", "text": "GIUP VNEID", "id": "1"}
COUNTED = ("counters", "alarms", "periodic_work", "beats")


def rows_written(world: World) -> int:
    """How many rows there are beyond the places and the counters."""
    names = world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = [name for (name,) in names if name not in COUNTED]
    return sum(int(world.one(f'SELECT count(*) AS n FROM "{table}"').n) for table in tables)


def counted(world: World, name: str) -> int:
    return int(world.one("SELECT coalesce(sum(n), 0) AS n FROM counters WHERE name = :n", n=name).n)


def eventually(check: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_wrong_secret_writes_nothing_but_a_count_and_in_time_an_alarm(world: World) -> None:
    before = rows_written(world)
    guesses = ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "*", "%00", "é" * 30, NEWER]
    for guess in guesses:
        for door in ("ussd", "sms", "receipts", "ussd-events"):
            answer = world.post(door, SMS, secret=guess)
            assert (answer.status_code, answer.data) == (404, b"")
    known = len([guess for guess in guesses if guess]) * 4
    eventually(lambda: counted(world, "wrong_secret") == known)
    assert rows_written(world) == before
    alarm = world.one("SELECT about, detail FROM alarms WHERE name = 'wrong_secret'")
    assert SECRET[:-1] not in f"{alarm.about}{alarm.detail}"


def test_a_few_wrong_secrets_are_no_alarm(world: World) -> None:
    for _ in range(20):
        world.post("sms", SMS, secret="mistyped")
    eventually(lambda: counted(world, "wrong_secret") == 20)
    assert world.rows("SELECT FROM alarms") == []


def test_a_flood_of_wrong_secrets_is_few_writes(world: World) -> None:
    writes = "SELECT n_tup_ins + n_tup_upd AS n FROM pg_stat_user_tables WHERE relname = 'counters'"
    world.do("SELECT pg_stat_force_next_flush()")
    before = world.one(writes).n
    began = time.monotonic()
    for _ in range(1000):
        world.post("sms", SMS, secret="guess")
    eventually(lambda: counted(world, "wrong_secret") == 1000)
    took = time.monotonic() - began
    world.do("SELECT pg_stat_force_next_flush()")
    assert world.one(writes).n - before <= took / guard.PASS_ON_SECONDS + 2


@pytest.fixture
def rotating(world: World) -> Iterator[World]:
    """The same database behind a gateway that changes its secret just now."""
    other = object.__new__(World)
    changed = settings(world.runtime.settings.database_url, gateway_secrets=f"{NEWER},{SECRET}")
    other.runtime, other._phones = Runtime(changed, "test"), {}
    yield other
    other.close()


def test_two_secrets_hold_during_a_rotation_and_no_third(rotating: World) -> None:
    assert rotating.post("sms", SMS, secret=NEWER).status_code == 200
    assert rotating.post("sms", {**SMS, "id": "2"}, secret=SECRET).status_code == 200
    for third in (NEWER + SECRET, f"{NEWER},{SECRET}", "another-secret-of-28-letters"):
        assert rotating.post("sms", SMS, secret=third).status_code == 404
    eventually(lambda: counted(rotating, "wrong_secret") == 3)
    with pytest.raises(ValidationError, match="more than two secrets"):
        settings("postgresql:///x", gateway_secrets=f"{NEWER},{SECRET},{NEWER[::-1]}")
    with pytest.raises(ValidationError, match="22 characters"):
        settings("postgresql:///x", gateway_secrets="short")


def test_a_gateway_without_a_secret_does_not_open() -> None:
    world = World("postgresql:///x", gateway_secrets="")
    with pytest.raises(ValueError, match="no gateway secret"):
        create_app(replace(world.runtime))


def test_secrets_are_compared_in_constant_time_and_all_of_them() -> None:
    """By its structure: a digest comparison for each secret, and no way out before the last."""
    (method,) = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(guard)))
        if isinstance(node, ast.FunctionDef) and node.name == "know"
    ]
    calls = [ast.unparse(node.func) for node in ast.walk(method) if isinstance(node, ast.Call)]
    assert "hmac.compare_digest" in calls
    assert not [node for node in ast.walk(method) if isinstance(node, ast.Compare | ast.If)]
    assert not [node for node in ast.walk(method) if isinstance(node, ast.GeneratorExp | ast.For)]
