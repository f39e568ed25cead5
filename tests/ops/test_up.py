from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.ops.embedded_postgres import EmbeddedPostgres
from tests.ops.runs import PROCESSES, Run, stand_in
from tests.ops.waiting import alive, eventually

NewRun = Callable[..., Run]


def test_starts_everything_in_order_and_says_where(new_run: NewRun) -> None:
    run = new_run().start().until_ready()
    assert re.search(
        rf"Ready in \d+\.\d s\. Phones: http://127\.0\.0\.1:{run.phones_port}/ "
        rf" Console: http://127\.0\.0\.1:{run.console_port}/ "
        rf" Health: http://127\.0\.0\.1:{run.port}/readyz  Stop with Ctrl-C\.",
        run.said(),
    )
    assert run.answers("/readyz")
    assert run.answers("/healthz", run.phones_port)
    assert run.answers("/healthz", run.console_port)
    life = run.life()
    assert life[0] == "release ran"
    assert life.index("seed-demo ran") < life.index("phones started")
    assert {"web started", "clock started", "phones started", "worker-bulk started"} <= set(life)
    assert run.complained() == ""


def test_its_programs_are_told_all_settings_and_the_phones_theirs(new_run: NewRun) -> None:
    run = new_run(SMS_CODE="8088").start().until_ready()
    told = json.loads((run.home / "release.json").read_text())
    secrets = json.loads((run.home / "secrets.json").read_text())
    assert told["DATABASE_URL"].startswith("postgresql://caunoi@/caunoi?host=")
    assert told["REDIS_URL"].startswith("unix:///")
    assert told["GATEWAY_SECRETS"] == secrets["gateway_secrets"][0]
    assert told["SECRET_KEY"] == secrets["secret_key"]
    assert told["CARRIER_URL"] == f"http://127.0.0.1:{run.phones_port}"
    assert told["CARRIER_API_KEY"] == secrets["carrier_api_key"]
    assert told["SMS_CODE"] == "8088"
    assert told["WEB_WORKERS"] == "2"
    phones = json.loads((run.home / "phones.json").read_text())
    gateway = f"http://127.0.0.1:{run.port}/gateway/africastalking/{told['GATEWAY_SECRETS']}"
    assert phones == {
        "PHONES_HOST": "127.0.0.1",
        "PHONES_PORT": str(run.phones_port),
        "PHONES_GATEWAY": gateway,
        "PHONES_USERNAME": "sandbox",
        "PHONES_API_KEY": secrets["carrier_api_key"],
        "PHONES_CAST": str(run.home / "cast.json"),
        "PHONES_JOURNAL": str(run.home / "phones.jsonl"),
    }


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_in_order_and_leaves_nothing(
    new_run: NewRun, how: signal.Signals
) -> None:
    run = new_run().start().until_ready()
    assert len(run.left()) > 8
    assert run.stop(how) == 0
    assert run.left() == []
    stopped = [line.removesuffix(" stopped") for line in run.life() if line.endswith(" stopped")]
    assert set(stopped[:3]) == {"web", "console", "phones"}
    assert stopped[3] == "clock"
    assert set(stopped[4:]) == {"worker-reply", "worker-bulk"}
    assert "database system is shut down" in (run.home / "logs" / "postgres.log").read_text()
    assert run.complained() == ""


def test_a_second_ctrl_c_does_not_wait_and_leaves_nothing(new_run: NewRun) -> None:
    run = new_run({**PROCESSES, "worker-deaf": stand_in("deaf")}).start().until_ready()
    assert run.process is not None
    os.killpg(run.process.pid, signal.SIGINT)
    eventually(lambda: "worker-reply stopped" in run.life(), "the workers' turn to stop")
    assert alive(run.pid("worker-deaf"))
    assert run.stop(signal.SIGINT, seconds=15) == 0
    assert run.left() == []
    assert "worker-deaf did not stop in time; killed it." in run.said()


def test_goes_on_when_nobody_reads_its_output_any_more(new_run: NewRun) -> None:
    run = new_run()
    run.process = subprocess.Popen(
        run.command(),
        env=run.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert run.process.stdout is not None
    assert run.process.stderr is not None
    while b"Ready in" not in run.process.stdout.readline():
        assert run.process.poll() is None
    run.process.stdout.close()
    run.process.stderr.close()
    eventually(lambda: "clock started" in run.life(), "the clock")
    os.kill(run.pid("clock"), signal.SIGKILL)
    eventually(lambda: run.life().count("clock started") == 2, "the clock again")
    assert run.stop() == 0
    assert run.left() == []


def test_ctrl_c_while_it_is_still_starting_leaves_nothing(new_run: NewRun) -> None:
    run = new_run({**PROCESSES, "release": stand_in("idle")}).start()
    eventually(lambda: "release started" in run.life(), "the first program to run")
    assert run.stop(signal.SIGINT) == 0
    assert run.left() == []
    assert run.complained() == ""


def test_ctrl_c_before_it_is_ready_waits_for_no_door_that_never_opened(new_run: NewRun) -> None:
    run = new_run({**PROCESSES, "web": stand_in("deaf")}).start()
    eventually(lambda: "phones started" in run.life(), "all but the web to answer")
    began = time.monotonic()
    assert run.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 10, "the patience with a web that serves is 15 s"
    assert run.left() == []
    assert "did not stop in time" not in run.said()
    assert run.complained() == ""


def test_uses_the_servers_it_is_given(new_run: NewRun, place: Path) -> None:
    other = EmbeddedPostgres(place / "other" / "postgres", fsync=False)
    other.start()
    try:
        run = new_run(DATABASE_URL=other.plain_url, REDIS_URL="redis://127.0.0.1:1/0").start()
        run.until_ready()
        told = json.loads((run.home / "release.json").read_text())
        assert told["DATABASE_URL"] == other.plain_url
        assert "REDIS_URL: no Redis answers at 127.0.0.1:1 " in run.said()
        assert not (run.home / "postgres").exists()
        assert not (run.home / "valkey").exists()
        assert run.stop() == 0
        assert other.answers()
    finally:
        other.stop()


def test_with_a_real_carrier_there_are_no_phones(new_run: NewRun) -> None:
    carrier = {"CARRIER_URL": "https://carrier.invalid", "CARRIER_API_KEY": "theirs"}
    run = new_run(**carrier).start().until_ready()
    assert "Phones" not in run.said()
    assert "phones started" not in run.life()
    assert "seed ran" in run.life()
    assert "seed-demo ran" not in run.life()
    assert json.loads((run.home / "release.json").read_text())["CARRIER_API_KEY"] == "theirs"
