from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from service.ops.checks import answers_ok, check_database, check_port, redis_fault
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.environment import web_address
from service.ops.errors import StartError
from service.ops.leftovers import end, marked
from service.ops.log_files import cut, last_lines
from service.ops.spawn import spawn
from service.settings import Settings
from tests.ops.runs import free_port
from tests.ops.waiting import alive, eventually


def test_a_free_port_is_no_fault_even_just_after_a_server_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    check_port("127.0.0.1", port, "PORT")


def test_an_address_that_is_not_ours_names_the_host() -> None:
    with pytest.raises(StartError, match=r"^Cannot listen on 192\.0\.2\.1 port .*change HOST"):
        check_port("192.0.2.1", free_port(), "PORT")
    with pytest.raises(StartError, match=r"^Cannot listen on nowhere\.invalid"):
        check_port("nowhere.invalid", free_port(), "PORT")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may listen everywhere")
def test_a_port_only_for_root_says_so() -> None:
    with pytest.raises(StartError, match="only for root; set PORT to 1024 or more"):
        check_port("127.0.0.1", 80, "PORT")


def test_servers_that_answer_are_no_fault(place: Path) -> None:
    postgres, valkey = EmbeddedPostgres(place / "pg", fsync=False), EmbeddedValkey(place / "vk")
    try:
        postgres.start()
        check_database(postgres.plain_url)
        valkey.start()
        assert redis_fault(valkey.url) is None
    finally:
        valkey.stop()
        postgres.stop()


@pytest.mark.parametrize(
    "url", ["unix:///nowhere.sock", "redis://:hush@127.0.0.1:1/0", "redis://h:notaport/0"]
)
def test_a_redis_that_does_not_answer_is_one_line_without_its_password(url: str) -> None:
    fault = redis_fault(url)
    assert fault is not None
    assert fault.startswith("REDIS_URL: no Redis answers at ")
    assert "hush" not in fault
    assert "\n" not in fault


def test_something_that_is_not_http_does_not_count_as_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not answers_ok(f"http://127.0.0.1:{port}/readyz")
    assert not answers_ok(f"http://127.0.0.1:{port}/readyz")


@pytest.mark.parametrize(
    ("host", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("10.1.2.3", "10.1.2.3"), ("::1", "[::1]")],
)
def test_tells_an_address_that_can_be_opened(host: str, reached: str) -> None:
    assert web_address(Settings.model_construct(host=host)) == f"http://{reached}:8000"


def test_a_grown_log_is_moved_while_its_program_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as out:
        out.write(b"old line\n" * 10)
        cut(log, largest=50)
        out.write(b"new line\n")
        cut(log, largest=50)
    assert log.read_bytes() == b"new line\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"old line\n" * 10


def test_the_last_lines_are_those_since_the_start(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("before\n")
    since = log.stat().st_size
    log.write_text("before\nTraceback\n\nchữ\n")
    assert last_lines(log, since) == ["Traceback", "chữ"]
    assert last_lines(tmp_path / "none.log") == []


def test_ends_what_carries_a_mark_and_nothing_else(tmp_path: Path) -> None:
    deaf = "trap '' TERM; while :; do sleep 0.1; done"
    mark = {"CAUNOI_TEST_MARK": str(tmp_path)}
    run = [
        spawn(
            ["/bin/sh", "-c", deaf],
            log=tmp_path / "log",
            folder=tmp_path,
            environment={"PATH": os.defpath, **more},
        )
        for more in (mark, {})
    ]
    try:
        eventually(lambda: len(marked(mark)) > 0, "the program to carry its mark")
        found = marked(mark)
        assert run[0].pid in [process.pid for process in found]
        end(found, how=signal.SIGTERM, seconds=0.2)
        assert not alive(run[0].pid)
        assert alive(run[1].pid)
    finally:
        for process in run:
            process.kill()
            process.wait()


def test_a_program_that_is_not_there_says_so_in_its_log(tmp_path: Path) -> None:
    process = spawn(["no-such-program"], log=tmp_path / "log", folder=tmp_path)
    assert process.wait() == 1
    assert last_lines(tmp_path / "log") == ["cannot run no-such-program: No such file or directory"]
