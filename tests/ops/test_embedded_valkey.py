from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
import rq

from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.errors import StartError
from tests.ops.waiting import alive, eventually


@pytest.fixture
def valkey(place: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(place / "valkey")
    yield server
    server.stop("immediate")


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True, single_connection_client=False)


def put(server: EmbeddedValkey, value: str) -> None:
    with client(server) as connection:
        connection.rpush("queue", value)


def kept(server: EmbeddedValkey) -> list[str]:
    with client(server) as connection:
        return list(connection.lrange("queue", 0, -1))


def pid_of(server: EmbeddedValkey) -> int:
    assert server.process is not None
    return server.process.pid


def test_keeps_what_it_was_given_over_a_stop_and_over_a_kill(valkey: EmbeddedValkey) -> None:
    valkey.start()
    put(valkey, "one")
    valkey.stop()
    valkey.start()
    put(valkey, "two")
    os.kill(pid_of(valkey), signal.SIGKILL)
    valkey.start()
    assert kept(valkey) == ["one", "two"]


def test_without_a_file_it_forgets(place: Path) -> None:
    server = EmbeddedValkey(place / "valkey", appendonly=False)
    try:
        server.start()
        put(server, "one")
        server.stop()
        server.start()
        assert kept(server) == []
    finally:
        server.stop()


def test_listens_on_no_network_and_refuses_rather_than_evicts(valkey: EmbeddedValkey) -> None:
    valkey.start()
    assert psutil.Process(pid_of(valkey)).net_connections(kind="inet") == []
    assert (valkey.socket_folder / valkey.socket_name).stat().st_mode & 0o077 == 0
    with client(valkey) as connection:
        told = connection.config_get("maxmemory*")
        assert told["maxmemory"] == str(64 * 2**20)
        assert told["maxmemory-policy"] == "noeviction"
        assert connection.config_get("save") == {"save": ""}


@pytest.mark.parametrize("name", ["x" * 120, "hai, ba", "a+b%20&c=d#e?f", 'it\'s "so"'])
def test_any_folder_name_will_do(place: Path, name: str) -> None:
    server = EmbeddedValkey(place / name / "valkey")
    try:
        server.start()
        put(server, "one")
        assert kept(server) == ["one"]
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["a b=c", "x y" * 50])
def test_rq_can_work_through_it_whatever_its_folder_and_tmp_are_called(
    place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank in the socket's path once broke CLIENT INFO, and with it every RQ worker."""
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    server = EmbeddedValkey(place / name / "valkey")
    try:
        server.start()
        with redis.Redis.from_url(server.url) as connection:
            assert connection.client_info()["addr"]
            queue = rq.Queue("reply", connection=connection, serializer="json")
            job = queue.enqueue("builtins.abs", -3)
            worker = rq.SimpleWorker([queue], connection=connection, serializer="json")
            worker.work(burst=True, logging_level="ERROR")
            assert job.latest_result().return_value == 3
    finally:
        server.stop()


def test_a_file_cut_short_by_a_kill_does_not_stop_a_start(valkey: EmbeddedValkey) -> None:
    valkey.start()
    for number in range(100):
        put(valkey, str(number))
    valkey.stop()
    [file] = (valkey.folder / "appendonlydir").glob("*.incr.aof")
    os.truncate(file, file.stat().st_size - 7)
    valkey.start()
    assert kept(valkey) == [str(number) for number in range(99)]


def test_a_damaged_file_is_put_aside_and_said_so(place: Path) -> None:
    said: list[str] = []
    server = EmbeddedValkey(place / "valkey", say=said.append)
    try:
        server.start()
        for number in range(100):
            put(server, str(number))
        server.stop()
        [file] = (server.folder / "appendonlydir").glob("*.incr.aof")
        damaged = bytearray(file.read_bytes())
        damaged[500:600] = b"\0" * 100
        file.write_bytes(damaged)

        server.start()

        assert kept(server) == []
        assert "damaged" in said[0]
        [aside] = server.folder.glob("damaged-*")
        assert (aside / file.name).read_bytes() == damaged
    finally:
        server.stop()


def test_a_server_of_an_earlier_run_is_stopped_first(place: Path) -> None:
    earlier = EmbeddedValkey(place / "valkey")
    earlier.start()
    put(earlier, "one")
    before = pid_of(earlier)
    later = EmbeddedValkey(place / "valkey")
    try:
        later.start()
        assert not alive(before)
        assert kept(later) == ["one"]
    finally:
        later.stop()
        earlier.stop()


def test_a_file_where_the_folder_should_be_is_one_sentence(place: Path) -> None:
    (place / "valkey").write_text("")
    with pytest.raises(StartError, match=r"^Valkey cannot use .*valkey"):
        EmbeddedValkey(place / "valkey").start()


DIES = """
import os, signal, sys
from pathlib import Path
from service.ops.embedded_valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children")
def test_the_server_ends_when_its_parent_is_killed(valkey: EmbeddedValkey) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", DIES, str(valkey.folder)], check=False, capture_output=True
    )
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    server = int(parent.stdout)
    eventually(lambda: not alive(server), "Valkey to end with its parent")
