"""The invented classes: always ahead, for whoever practises on the phones page."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import caunoi
from service.village.demo_classes import load_demo_classes
from tests.village import DEMO, LEADER, NEIGHBOUR, TimedWorld, World


def load(timed: TimedWorld) -> int:
    with timed.runtime.units.open() as unit:
        return load_demo_classes(unit.session, DEMO)


def test_there_are_classes_to_try_and_new_ones_when_they_are_over(timed: TimedWorld) -> None:
    assert load(timed) == 3
    (said,) = timed.phone(NEIGHBOUR).text("LOP")
    assert said.startswith("Lop hoc: 10 VNeID t5 3/12 19h; 11 Tranh lua dao t7 5/12 19h. Dang ky")
    assert "12 Dich vu cong t2 7/12 8h" in timed.phone(LEADER).text("LOP DVC")[0]
    assert load(timed) == 0
    timed.let_pass(days=3)
    assert load(timed) == 1
    timed.phone(NEIGHBOUR).dial("4")
    assert (
        "1 13 VNeID cn 6/12 19h\n2 11 Tranh lua dao t7 5/12 19h\n" in timed.phone(NEIGHBOUR).screen
    )


def test_the_command_enters_them(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.runtime.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path))
    for _ in range(2):
        done = CliRunner().invoke(caunoi, ["seed", "--demo", "--if-changed"])
        assert done.exit_code == 0, done.output
    assert world.one("SELECT count(*) AS n FROM trainings").n == 3
