from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.ops.other_user import OtherUser, can_become_another
from tests.ops.runs import PROCESSES, Run
from tests.ops.waiting import alive

pytestmark = pytest.mark.skipif(
    not can_become_another(),
    reason="NOT RUN: needs root and mount namespaces to run things as another user"
    " (as an ordinary user the other tests of this folder show the same)",
)


@pytest.fixture
def user(place: Path) -> Iterator[OtherUser]:
    other = OtherUser(place)
    yield other
    other.forget()


class RunAsOther(Run):
    def __init__(self, user: OtherUser, home: Path, **variables: str) -> None:
        super().__init__(home, PROCESSES, **variables)
        self.user = user

    def command(self) -> list[str]:
        return self.user.command(*super().command()[1:])

    def environment(self) -> dict[str, str]:
        wanted = {"CAUNOI_HOME", "PORT", "PHONES_PORT", "CONSOLE_PORT", *self.variables}
        ours = {name: value for name, value in super().environment().items() if name in wanted}
        return {**self.user.environment(), **ours}


@pytest.mark.parametrize("name", ["nhà có dấu cách", "x" * 120])
def test_an_ordinary_user_runs_everything_in_their_own_home(user: OtherUser, name: str) -> None:
    (user.home / name).mkdir()
    os.chown(user.home / name, user.uid, -1)
    run = RunAsOther(user, user.home / name / "var")
    try:
        run.start().until_ready()
        postgres = run.server("postgres")
        assert postgres.uids().effective == user.uid
        assert stat.S_IMODE(run.home.stat().st_mode) == 0o700
        os.kill(postgres.pid, signal.SIGKILL)
        run.until_said("PostgreSQL stopped")
        assert run.stop() == 0
        assert run.left() == []
    finally:
        run.tidy()


def test_a_home_of_somebody_else_is_one_sentence(user: OtherUser, place: Path) -> None:
    (place / "var").mkdir(mode=0o700)
    run = RunAsOther(user, place / "var").start()
    try:
        assert run.process is not None
        assert run.process.wait(60) == 1
        assert run.complained().startswith(f"CAUNOI_HOME: cannot use {place / 'var'}")
        assert run.complained().count("\n") == 1
    finally:
        run.tidy()


def test_root_runs_a_database_that_an_ordinary_user_made_as_that_user(user: OtherUser) -> None:
    run = RunAsOther(user, user.home / "var")
    try:
        run.start().until_ready()
        assert run.stop() == 0
        as_root = Run(run.home)
        as_root.start().until_ready()
        assert as_root.server("postgres").uids().effective == user.uid
        assert as_root.stop() == 0
        run.start().until_ready()
        assert run.stop() == 0
    finally:
        run.tidy()


def test_under_root_postgresql_is_not_root_and_passes_only_what_it_must(place: Path) -> None:
    (place / "beside").mkdir(mode=0o700)
    (place / "a").mkdir(mode=0o700)
    run = Run(place / "a" / "var").start().until_ready()
    try:
        assert run.server("postgres").uids().effective != 0
        assert stat.S_IMODE(run.home.stat().st_mode) == 0o711
        assert stat.S_IMODE((place / "a").stat().st_mode) == 0o701
        assert stat.S_IMODE((place / "beside").stat().st_mode) == 0o700
        assert stat.S_IMODE((run.home / "secrets.json").stat().st_mode) == 0o600
        assert stat.S_IMODE((run.home / "logs").stat().st_mode) == 0o700
        line = next(line for line in run.said().splitlines() if "let its user pass" in line)
        assert str(place / "a") in line
        postgres = run.server("postgres").pid
        assert psutil.Process(postgres).username() == "pgserver"
        assert run.stop() == 0
        assert not alive(postgres)
    finally:
        run.tidy()
