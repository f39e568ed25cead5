from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from service.ops.leftovers import marked
from service.ops.lineup import PROCFILE
from service.ops.procfile import read_procfile
from service.ops.program import NAME_MARK, RUN_MARK
from tests.ops.runs import MEEK, Run
from tests.ops.waiting import alive, eventually

NewRun = Callable[..., Run]


@pytest.mark.parametrize("name", ["web", "worker-reply", "clock", "phones"])
def test_a_killed_program_is_started_again_and_its_children_are_not_left(
    new_run: NewRun, name: str
) -> None:
    run = new_run().start().until_ready()
    before = run.left()
    os.kill(run.pid(name), signal.SIGKILL)
    run.until_said(rf"{name} stopped \(killed by signal 9\); starting it again in 0\.5 s")
    count = run.life().count(f"{name} started")
    eventually(lambda: run.life().count(f"{name} started") == count + 1, f"{name} again")
    eventually(run.answers, "web to answer")
    assert len(run.left()) == len(before)
    assert run.stop() == 0
    assert run.left() == []


@pytest.mark.parametrize(("folder", "title"), [("postgres", "PostgreSQL"), ("valkey", "Valkey")])
def test_a_killed_server_is_started_again(new_run: NewRun, folder: str, title: str) -> None:
    run = new_run().start().until_ready()
    killed = run.server(folder).pid
    os.kill(killed, signal.SIGKILL)
    run.until_said(rf"{title} stopped \(killed by signal 9\); starting it again in 0\.5 s")
    log = run.home / "logs" / f"{folder}.log"
    eventually(
        lambda: log.read_text().lower().count("ready to accept connections") == 2, "it to be ready"
    )
    assert run.server(folder).pid != killed
    assert run.stop() == 0
    assert run.left() == []


def test_the_real_web_line_survives_kills_and_leaves_nothing(new_run: NewRun) -> None:
    line = read_procfile(PROCFILE)["web"].replace("service.app", "tests.ops.tiny_app")
    root = str(Path(__file__).resolve().parents[2])
    run = new_run({**MEEK, "web": line}, PYTHONPATH=root).start().until_ready()
    processes = marked({RUN_MARK: str(run.home), NAME_MARK: "web"})
    [leader] = [process for process in processes if os.getpgid(process.pid) == process.pid]
    [server, *_] = [p for p in processes if p != leader and p.pid in served_by(run)]

    server.kill()
    eventually(lambda: server.pid not in served_by(run) and run.answers(), "another web process")
    leader.kill()
    run.until_said(r"web stopped \(killed by signal 9\)")
    eventually(run.answers, "web to answer")
    assert not any(alive(process.pid) for process in processes)
    assert run.stop() == 0
    assert run.left() == []
    assert "did not stop in time" not in run.said()


def served_by(run: Run) -> set[int]:
    """Pids of the processes that answer, of a few requests."""
    found = set()
    for _ in range(20):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/", timeout=2) as answer:
                found.add(int(answer.read()))
        except OSError:
            continue
    return found


def test_a_program_that_keeps_dying_is_tried_more_and_more_slowly(new_run: NewRun) -> None:
    run = new_run().start().until_ready()
    for seconds in ("0.5", "1", "2"):
        count = run.life().count("clock started")
        os.kill(run.pid("clock"), signal.SIGKILL)
        run.until_said(rf"clock stopped .*; starting it again in {re.escape(seconds)} s")
        eventually(lambda c=count: run.life().count("clock started") == c + 1, "the clock again")


def test_everything_ends_when_the_supervisor_is_killed_and_the_next_start_works(
    new_run: NewRun,
) -> None:
    run = new_run(MEEK).start().until_ready()
    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: not run.left(), "everything to end with the supervisor")
    again = new_run(MEEK)
    again.port, again.phones_port = run.port, run.phones_port
    again.start().until_ready()
    assert again.stop() == 0
    assert again.left() == []


def test_leftovers_that_hold_the_port_and_the_database_do_not_stop_a_start(
    new_run: NewRun,
) -> None:
    """As on a system that does not end children with their parent, or when one is hung."""
    run = new_run().start().until_ready()
    assert run.process is not None
    kept = [run.server("postgres"), run.server("valkey"), psutil.Process(run.pid("web"))]
    for process in kept:
        process.suspend()
    run.process.kill()
    run.process.wait()
    again = new_run()
    again.port, again.phones_port = run.port, run.phones_port
    again.start().until_ready()
    assert not any(process.is_running() and alive(process.pid) for process in kept)
    assert "processes that an earlier run left behind" in again.said()
    assert again.stop() == 0
    assert again.left() == []
