from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.ops.checks import check_room
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.errors import StartError
from service.ops.home import Home
from tests.ops.runs import Run
from tests.ops.waiting import eventually


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """A disk of 60 MB of its own."""
    disk = place / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m,mode=755", "none", str(disk)],
        check=False,
        capture_output=True,
    )
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("NOT RUN: a full disk can be tried only where we may mount one")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill the disk but for that many bytes; return the file that does."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast.write_bytes(b"\0" * max(0, free - leave))
    return ballast


def test_up_refuses_a_nearly_full_disk_in_one_sentence(small_disk: Path) -> None:
    run = Run(small_disk / "var").start()
    eventually(run.ended, "it to give up")
    assert re.fullmatch(
        r"Only [56]\d MB are free on the disk that holds .*; Cau Noi needs 200 MB to start, .*\n",
        run.complained(),
    )
    assert not run.home.exists()


def test_enough_room_is_no_fault(small_disk: Path) -> None:
    check_room(small_disk / "not" / "yet" / "there", least=50 * 10**6)
    with pytest.raises(StartError, match="MB are free on the disk that holds"):
        check_room(small_disk, least=70 * 10**6)


def test_a_first_start_of_postgresql_on_a_full_disk_says_so(small_disk: Path) -> None:
    ballast = fill(small_disk, leave=20 * 2**20)
    server = EmbeddedPostgres(small_disk / "postgres", fsync=False)
    with pytest.raises(StartError, match=r"^The disk that holds .* is full, so PostgreSQL cannot"):
        server.start()
    ballast.unlink()
    assert not (small_disk / "postgres.new").exists()


def test_a_later_start_of_postgresql_on_a_full_disk_says_so(small_disk: Path) -> None:
    server = EmbeddedPostgres(small_disk / "postgres", fsync=False)
    server.start()
    server.stop()
    ballast = fill(small_disk, leave=0)
    with pytest.raises(StartError, match=r"^The disk that holds .* is full, so PostgreSQL cannot"):
        server.start()
    ballast.unlink()
    server.start()
    server.stop()


def test_valkey_on_a_full_disk_says_so(small_disk: Path) -> None:
    fill(small_disk, leave=0)
    with pytest.raises(StartError, match=r"^The disk that holds .* is full, so Valkey cannot"):
        EmbeddedValkey(small_disk / "valkey").start()


def test_secrets_are_whole_or_absent_on_a_full_disk(small_disk: Path) -> None:
    home = Home(small_disk / "var")
    home.make()
    fill(small_disk, leave=0)
    with pytest.raises(StartError, match=r"^The disk that holds .* is full"):
        home.rotate_gateway_secret()
    assert not (home.path / "secrets.json").exists()
