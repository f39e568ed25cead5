"""`caunoi play` as somebody runs it: a village of its own, nothing left, no live one touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, make_url, text

from service.records.engine import driver_url
from tests.conftest import TEMPLATE, make_database
from tests.house.source import ROOT
from tests.transcripts.test_transcripts import check
from tests.village import World

CAUNOI = Path(sys.executable).with_name("caunoi")
PATIENCE = 60
"""Seconds a busy machine may take."""
CALL = "2\n00018\n1\n1\n1\n1\n1\nas leader\nsms NV 1\n"
"""A stranger asks for help, and the leader takes the task."""


@pytest.fixture(autouse=True)
def _ctrl_c_is_heeded() -> Iterator[None]:
    """A shell's job in the background ignores Ctrl-C, and so does all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def place() -> Iterator[Path]:
    """Where everything of a play is kept while it runs."""
    folder = Path(tempfile.mkdtemp(prefix="cn-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def begin(place: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start to play; as in a terminal of its own, so that signals reach nobody else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.Popen(
        [str(CAUNOI), "play", *words],
        env={**kept, "TMPDIR": str(place), **more}, cwd=ROOT, text=True, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def play(place: Path, typed: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    playing = begin(place, *words, **more)
    out, errors = playing.communicate(typed, timeout=PATIENCE)
    return subprocess.CompletedProcess(words, playing.returncode, out, errors)


def left(place: Path) -> list[str]:
    """What a play left behind: files, and programs that work among them."""
    programs = [
        process.info["name"]
        for process in psutil.process_iter(["cwd", "name"])
        if str(process.info["cwd"]).startswith(str(place))
    ]
    return [*programs, *(path.name for path in place.iterdir())]


def until(holds: Callable[[], object], playing: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert playing.poll() is None, playing.stderr and playing.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_was_played_is_a_golden_file_that_holds(place: Path, world: World) -> None:
    # The addresses of a live service do not matter: a play has a village of its own.
    live = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/province", "CAUNOI_HOME": "/nowhere"}
    played = play(place, CALL, "--as", "stranger", "--repro", **live)
    assert played.returncode == 0, played.stderr
    assert "| Da ghi viec so " in played.stderr, "the phone is drawn, but not among the transcript"
    golden = place / "played.txt"
    golden.write_text(played.stdout)
    assert "stranger dials *384*1909#\n    [welcome, vi]\n" in played.stdout
    assert "leader texts NV 1\n    SMS to stranger: Hoang Van Mau da nhan viec " in played.stdout
    check(golden, world, update=False)
    golden.unlink()
    assert left(place) == []


def test_it_begins_in_the_language_and_by_the_way_that_was_wished(place: Path) -> None:
    wishes = ("--as", "neighbour", "--language", "en", "--by", "sms")
    played = play(place, "HD\nredial\nquit\nHD\n", *wishes)
    assert played.returncode == 0, played.stderr
    assert played.stdout.count("SMS to neighbour:") == 1, "quit ends it"
    assert "| 1 Ask for help" in played.stdout
    assert left(place) == []


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_call_leaves_nothing(
    place: Path, asked: signal.Signals
) -> None:
    playing = begin(place, "--repro")
    assert playing.stderr is not None
    for line in playing.stderr:
        if "welcome, vi" in line:
            break
    playing.send_signal(asked)
    out, _ = playing.communicate(timeout=PATIENCE)
    assert playing.returncode == 0
    assert out.startswith("villager dials *384*1909#\n"), "what was played so far is not lost"
    assert left(place) == []


def test_ctrl_c_while_the_server_starts_leaves_nothing(place: Path) -> None:
    playing = begin(place)
    until(lambda: list(place.glob("caunoi-play-*/postgres.new")), playing)
    playing.send_signal(signal.SIGINT)
    playing.communicate(timeout=PATIENCE)
    assert playing.returncode == 130
    assert left(place) == []


def test_menus_with_faults_are_not_played(place: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "service", tmp_path / "service")
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "menus", tmp_path / "menus")
    (tmp_path / "menus" / "topics.yaml").write_text("khac: [VIEC KHAC]\n")
    played = subprocess.run(
        [sys.executable, "-m", "service.cli", "play"],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(place), "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path, input="", capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert played.returncode == 1
    assert "menus/topics.yaml:1: no word means 'vneid'" in played.stderr
    assert "Traceback" not in played.stderr
    assert left(place) == []


@pytest.mark.parametrize("who", ["nobody", "113"])
def test_somebody_who_is_not_there_cannot_play(place: Path, who: str) -> None:
    played = play(place, "", "--as", who)
    assert played.returncode == 1
    assert played.stderr.startswith(f"--as: {who}: ")
    assert left(place) == []


@pytest.mark.parametrize("address", ["village", "mysql://h/a_play", "postgresql://h:x/a_play"])
def test_what_is_no_address_of_a_database_is_said_so(place: Path, address: str) -> None:
    played = play(place, "", "--database", address)
    assert played.returncode == 1
    assert played.stderr.startswith("--database: should ")
    assert played.stderr.count("\n") == 1


def test_a_language_that_is_not_offered_is_told_before_the_call(place: Path) -> None:
    played = play(place, "", "--language", "xx")
    assert (played.returncode, played.stdout) == (1, "")
    assert played.stderr == "--language: there are vi, en.\n"
    assert left(place) == []


class Database:
    """A database of this test's own on the server of the run."""

    def __init__(self, server: str, name: str, template: str) -> None:
        self.url = make_database(server, name, template)

    def tables(self) -> set[str]:
        engine = create_engine(driver_url(self.url))
        with engine.connect() as connection:
            names = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).scalars().all()  # fmt: skip
        engine.dispose()
        return set(names)


@pytest.fixture
def databases(servers: dict[str, str], worker_id: str) -> Iterator[Callable[[str, str], Database]]:
    made = []

    def make(name: str, template: str) -> Database:
        made.append(Database(servers["postgres"], f"caunoi_{worker_id}_{name}", template))
        return made[-1]

    yield make
    server = create_engine(driver_url(servers["postgres"]), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for database in made:
            name = make_url(database.url).database
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_a_live_database_is_refused_untouched(
    place: Path, databases: Callable[[str, str], Database]
) -> None:
    live = databases("province", TEMPLATE)
    before = live.tables()
    played = play(place, "1\n", "--database", live.url)
    assert played.returncode == 1
    assert "--database: caunoi_" in played.stderr
    assert "Traceback" not in played.stderr
    assert live.tables() == before
    assert len(before) > 10


@pytest.mark.parametrize(("name", "template"), [("empty", "template0"), ("a_play", TEMPLATE)])
def test_a_scratch_database_is_played_in_and_left_empty(
    place: Path, databases: Callable[[str, str], Database], name: str, template: str
) -> None:
    scratch = databases(name, template)
    played = play(place, "1\n", "--database", scratch.url)
    assert played.returncode == 0, played.stderr
    assert "hamlet, vi" in played.stdout
    assert scratch.tables() == set()
    assert list(place.iterdir()) == []
