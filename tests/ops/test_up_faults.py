from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable

import pytest

from tests.ops.runs import PROCESSES, Run, stand_in
from tests.ops.waiting import eventually

NewRun = Callable[..., Run]


@pytest.mark.parametrize("variable", ["PORT", "PHONES_PORT", "CONSOLE_PORT"])
def test_a_taken_port_is_one_sentence_and_nothing_is_started(
    new_run: NewRun, variable: str
) -> None:
    run = new_run()
    ports = {"PORT": run.port, "PHONES_PORT": run.phones_port, "CONSOLE_PORT": run.console_port}
    port = ports[variable]
    with socket.create_server(("127.0.0.1", port)):
        run.start()
        eventually(run.ended, "it to give up")
    assert run.process is not None
    assert run.process.returncode == 1
    assert run.complained() == (
        f"Port {port} is taken by another program; set {variable} to a free one.\n"
    )
    assert not (run.home / "postgres").exists()
    assert run.left() == []


def test_a_second_run_in_the_same_home_is_told_of_the_first(new_run: NewRun) -> None:
    first = new_run().start().until_ready()
    second = new_run()
    second.out, second.err = second.home.parent / "out2.txt", second.home.parent / "err2.txt"
    second.start()
    eventually(second.ended, "the second to give up")
    assert first.process is not None
    assert second.process is not None
    assert second.process.returncode == 1
    assert second.complained() == (
        f"Cau Noi already runs here (pid {first.process.pid}), phones at"
        f" http://127.0.0.1:{first.phones_port}/\n"
    )
    assert first.answers()
    assert first.stop() == 0


def test_a_malformed_variable_is_one_sentence(new_run: NewRun) -> None:
    run = new_run(USSD_CODE="384", WEB_WORKERS="many")
    run.command = lambda: [sys.executable, "-m", "service.cli", "up"]
    run.start()
    eventually(run.ended, "it to give up")
    assert run.process is not None
    assert run.process.returncode == 1
    assert "USSD_CODE: should look like" in run.complained()
    assert "WEB_WORKERS: " in run.complained()
    assert run.complained().count("\n") == 1


@pytest.mark.parametrize("name", ["release", "seed"])
def test_a_failing_preparation_is_one_sentence_and_leaves_nothing(
    new_run: NewRun, name: str
) -> None:
    run = new_run({**PROCESSES, "release": stand_in("fail")} if name == "release" else None)
    if name == "seed":
        run.seed_demo = stand_in("fail")
    run.start()
    eventually(run.ended, "it to give up")
    log = run.home / "logs" / f"{name}.log"
    assert run.complained() == f"{name} failed (exit code 3): the reason; see {log}.\n"
    assert run.process is not None
    assert run.process.returncode == 1
    assert run.left() == []
    assert name == "seed" or "web started" not in run.life()
    assert "phones started" not in run.life()


def test_a_program_that_dies_at_its_start_shows_its_last_lines(new_run: NewRun) -> None:
    run = new_run({**PROCESSES, "clock": stand_in("fail"), "web": stand_in("idle")}).start()
    eventually(run.ended, "it to give up")
    assert "clock stopped (exit code 3); starting it again in 0.5 s" in run.said()
    assert run.said().count("    the reason\n") == 1
    assert re.fullmatch(r"clock died 3 times at its start; see .*clock\.log\.\n", run.complained())
    assert run.left() == []


def test_a_database_that_does_not_answer_is_one_sentence(new_run: NewRun) -> None:
    run = new_run(DATABASE_URL="postgresql://me:hush@127.0.0.1:1/db").start()
    eventually(run.ended, "it to give up")
    assert run.complained().startswith("DATABASE_URL: no PostgreSQL answers at 127.0.0.1:1 (")
    assert run.complained().count("\n") == 1
    assert "hush" not in run.complained()


def test_a_real_carrier_without_a_key_is_one_sentence(new_run: NewRun) -> None:
    run = new_run(CARRIER_URL="https://carrier.invalid").start()
    eventually(run.ended, "it to give up")
    assert run.complained() == "CARRIER_API_KEY: is needed when CARRIER_URL is set.\n"


def test_a_carrier_that_there_is_not_is_one_sentence_and_nothing_is_started(
    new_run: NewRun,
) -> None:
    run = new_run(CARRIER="foo").start()
    eventually(run.ended, "it to give up")
    assert run.process is not None
    assert run.process.returncode == 1
    assert run.complained() == "CARRIER: there is no 'foo'; there is africastalking.\n"
    assert not (run.home / "postgres").exists()
