from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from granian.cli import cli

from service.ops.env_example import EXAMPLE, env_example
from service.ops.environment import as_environment
from service.ops.errors import StartError
from service.ops.lineup import PROCFILE
from service.ops.procfile import read_procfile
from service.outbox.classes import LANES
from service.settings import Settings


def test_each_lane_has_a_worker_of_its_own_and_each_worker_a_lane() -> None:
    workers = {n: line for n, line in read_procfile(PROCFILE).items() if n.startswith("worker")}
    assert workers == {f"worker-{lane}": f"python worker.py {lane}" for lane in LANES}


def test_holds_every_process_of_production_and_no_other() -> None:
    names = set(read_procfile(PROCFILE))
    assert names == {
        *("release", "web", "console", "clock"),
        *(f"worker-{lane}" for lane in LANES),
    }


def _expanded(line: str, **variables: str) -> list[str]:
    done = subprocess.run(
        ["/bin/sh", "-c", f'for word in {line}; do echo "$word"; done'],
        env={"PATH": os.defpath, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_the_web_line_is_one_the_web_server_understands() -> None:
    program, *words = _expanded(read_procfile(PROCFILE)["web"])
    assert program == "granian"
    told = cli.make_context("granian", words).params
    assert told["app"] == "service.app:create_app"
    assert told["factory"] is True
    assert str(told["interface"]) == "wsgi"
    assert (told["host"], told["port"]) == ("127.0.0.1", 8000)
    assert (told["workers"], told["blocking_threads"]) == (2, 4)
    assert told["respawn_failed_workers"] is True
    assert told["workers_kill_timeout"] == 10
    assert not told["log_access_enabled"], (
        "its lines would hold the secret in the callbacks' addresses"
    )


def test_the_web_line_listens_to_the_settings() -> None:
    line = read_procfile(PROCFILE)["web"]
    words = _expanded(line, HOST="0.0.0.0", PORT="80", WEB_WORKERS="3", WEB_THREADS="5")
    told = cli.make_context("granian", words[1:]).params
    assert (told["host"], told["port"]) == ("0.0.0.0", 80)
    assert (told["workers"], told["blocking_threads"]) == (3, 5)


def test_every_variable_in_it_is_a_setting_with_the_same_default() -> None:
    defaults = as_environment(Settings.model_construct())
    for line in read_procfile(PROCFILE).values():
        for name, default in re.findall(r"\$\{?(\w+)(?::-(\w[^}]*))?\}?", line):
            assert defaults[name] == default


@pytest.mark.parametrize("text", ["web granian\n", "web: a\nweb: b\n", ": x\n", "web:\n"])
def test_a_faulty_line_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Procfile"
    path.write_text(f"# what runs\n\n{text}")
    number = 2 + text.count("\n")
    with pytest.raises(StartError, match=rf'line {number}: expected a new "name: command"'):
        read_procfile(path)


def test_the_example_environment_is_the_one_the_settings_make() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == env_example(), (
        "remake it: caunoi env-example >.env.example"
    )


def test_the_example_environment_names_every_setting_with_help() -> None:
    lines = env_example().splitlines()
    for name, field in Settings.model_fields.items():
        [index] = [i for i, line in enumerate(lines) if line.startswith(f"{name.upper()}=")]
        assert field.description
        assert field.description.split()[0] in "".join(lines[index - 2 : index])


def test_loading_the_example_environment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    plain = Settings.from_environment()
    script = f"set -a; . '{EXAMPLE}'; env -0"
    done = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, cwd=tmp_path)
    for entry in done.stdout.decode().split("\0"):
        name, _, value = entry.partition("=")
        if name.lower() in Settings.model_fields:
            monkeypatch.setenv(name, value)
    assert Settings.from_environment() == plain
