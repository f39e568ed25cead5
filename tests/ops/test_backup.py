"""A backup is whole or not there at all; and that there is one is noted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from service.ops.backup import KEPT, _programs, back_up
from service.ops.errors import StartError
from tests.command import Command
from tests.village import World


def test_a_backup_holds_the_village(world: World, tmp_path: Path) -> None:
    made = back_up(world.runtime.settings.database_url, tmp_path / "backups")
    assert made.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(
        [str(_programs() / "pg_restore"), "--data-only", "--table=phones", "--file=-", str(made)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "+84900000002" in listed
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_the_newest_are_kept_and_nothing_of_others(world: World, tmp_path: Path) -> None:
    for day in range(1, 21):
        (tmp_path / f"caunoi-202601{day:02}-010000.dump").touch()
    (tmp_path / "mine.dump").touch()
    made = back_up(world.runtime.settings.database_url, tmp_path)
    kept = sorted(path.name for path in tmp_path.glob("caunoi-*.dump"))
    assert len(kept) == KEPT
    assert kept[-1] == made.name
    assert (tmp_path / "mine.dump").exists()


def test_a_backup_that_fails_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="The backup failed"):
        back_up("postgresql://u:hush-hush@127.0.0.1:1/x", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_not_seen_in_the_list_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "bin" / "pg_dump"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho "pg_dump (PostgreSQL) 99"\necho "$@ / $PGPASSWORD" >>{seen}\n'
    )
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    back_up("postgresql://u:hush-hush@db.invalid/x", tmp_path / "backups")
    said = seen.read_text().splitlines()[-1]
    assert "postgresql://u@db.invalid/x" in said
    assert said.endswith("/ hush-hush")


class Backup(Command):
    group = "backup"


def test_the_command_makes_a_file_and_notes_it(world: World, tmp_path: Path) -> None:
    run = Backup(world.runtime.settings.database_url, tmp_path)
    code, said, complained = run()
    assert code == 0, complained
    assert str(tmp_path / "home" / "backups" / "caunoi-") in said
    assert world.one("SELECT value FROM gauges WHERE name = 'backup'").value > 1000
    assert run("--done")[1] == "Noted: the database is backed up.\n"
    assert world.one("SELECT detail FROM gauges WHERE name = 'backup'").detail == "by other means"
    assert "leave FOLDER out" in run(str(tmp_path), "--done")[2]
    (tmp_path / "file").touch()
    code, _, complained = run(str(tmp_path / "file" / "x"))
    assert code == 1
    assert complained.startswith("The backup cannot be written to")
