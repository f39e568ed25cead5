from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.errors import StartError
from service.records.engine import make_engine
from tests.ops.waiting import alive, eventually


@pytest.fixture
def postgres(place: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(place / "postgres", fsync=False)
    yield server
    server.stop("immediate")


def ask(server: EmbeddedPostgres, statement: str) -> object:
    engine = make_engine(server.url, name="test", pool_size=1, statement_seconds=5)
    try:
        with engine.begin() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def pid_of(server: EmbeddedPostgres) -> int:
    assert server.process is not None
    return server.process.pid


def test_starts_in_a_folder_with_blanks_and_keeps_what_it_was_given(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    ask(postgres, "CREATE TABLE word (said text)")
    ask(postgres, "INSERT INTO word VALUES ('Bản Giốc')")
    postgres.stop()

    postgres.start()

    assert ask(postgres, "SELECT said FROM word") == "Bản Giốc"
    assert ask(postgres, "SELECT current_user || ' ' || current_database()") == "caunoi caunoi"
    assert ask(postgres, "SHOW server_encoding") == "UTF8"


def test_its_address_without_the_driver_is_one_libpq_takes(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with closing(psycopg.connect(postgres.plain_url)) as connection:
        assert connection.info.dbname == "caunoi"


def test_a_variable_meant_for_another_postgresql_changes_nothing(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGDATABASE", "other")
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1


def test_listens_on_no_network_and_only_its_user_may_enter(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert ask(postgres, "SHOW listen_addresses") == ""
    assert psutil.Process(pid_of(postgres)).net_connections(kind="inet") == []
    assert postgres.folder.stat().st_mode & 0o077 == 0
    assert (postgres.socket_folder / postgres.socket_name).stat().st_mode & 0o077 == 0


def test_is_durable_unless_a_test_asks_otherwise(place: Path) -> None:
    server = EmbeddedPostgres(place / "postgres")
    try:
        server.start()
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW synchronous_commit") == "on"
        assert ask(server, "SHOW full_page_writes") == "on"
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["x" * 120, "hai, ba", "mot:hai", "a+b%20&c=d#e?f", 'it\'s "so"'])
def test_any_folder_name_will_do(place: Path, name: str) -> None:
    server = EmbeddedPostgres(place / name / "postgres", fsync=False)
    try:
        server.start()
        assert ask(server, "SELECT 1") == 1
        assert server.socket_folder.stat().st_mode & 0o077 == 0
        assert server.url == EmbeddedPostgres(place / name / "postgres").url
    finally:
        server.stop()


def test_a_short_socket_folder_goes_when_the_server_stops(place: Path) -> None:
    server = EmbeddedPostgres(place / ("x" * 120) / "postgres", fsync=False)
    server.start()
    assert server.socket_folder != server.folder
    server.stop()
    assert not server.socket_folder.exists()
    server.start()
    os.kill(pid_of(server), signal.SIGKILL)
    server.stop()
    assert not server.socket_folder.exists()


def test_a_socket_folder_that_is_not_private_is_refused(place: Path) -> None:
    server = EmbeddedPostgres(place / ("x" * 120) / "postgres", fsync=False)
    server.socket_folder.mkdir()
    server.socket_folder.chmod(0o777)
    try:
        with pytest.raises(StartError, match="should be a private folder of ours but is not"):
            server.start()
    finally:
        server.socket_folder.rmdir()


def test_a_killed_server_recovers_what_was_committed(place: Path) -> None:
    server = EmbeddedPostgres(place / "postgres")
    try:
        server.start()
        ask(server, "CREATE TABLE word (said text)")
        ask(server, "INSERT INTO word VALUES ('giup')")
        os.kill(pid_of(server), signal.SIGKILL)
        server.start()
        assert ask(server, "SELECT said FROM word") == "giup"
    finally:
        server.stop()


def test_an_open_connection_does_not_keep_a_fast_stop_waiting(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with closing(psycopg.connect(postgres.plain_url)) as connection:
        connection.execute("SELECT 1")
        pid = pid_of(postgres)
        postgres.stop("fast")
        assert not alive(pid)
        assert not (postgres.folder / "postmaster.pid").exists()


def test_a_server_of_an_earlier_run_is_stopped_first(place: Path) -> None:
    earlier = EmbeddedPostgres(place / "postgres", fsync=False)
    earlier.start()
    ask(earlier, "CREATE TABLE word (said text)")
    before = pid_of(earlier)
    later = EmbeddedPostgres(place / "postgres", fsync=False)
    try:
        later.start()
        assert not alive(before)
        assert alive(pid_of(later))
        assert ask(later, "SELECT count(*) FROM word") == 0
    finally:
        later.stop()
        earlier.stop()


def test_backends_that_outlive_their_postmaster_do_not_stop_a_start(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    connection = psycopg.connect(postgres.plain_url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    os.kill(pid_of(postgres), signal.SIGKILL)

    postgres.start()

    assert not alive(backend)
    connection.close()


def test_a_pid_file_naming_another_program_does_not_stop_a_start(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    socket_lock = postgres.socket_folder / f"{postgres.socket_name}.lock"
    pid_file = postgres.folder / "postmaster.pid"
    kept = {path: path.read_text() for path in (pid_file, socket_lock)}
    postgres.stop()
    stranger = subprocess.Popen(
        ["sleep", "60"],
        user=postgres.folder.stat().st_uid if os.geteuid() == 0 else None,
    )
    try:
        for path, text in kept.items():
            path.write_text("\n".join([str(stranger.pid), *text.splitlines()[1:]]) + "\n")
        postgres.start()
        assert ask(postgres, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "rubbish\n", "999999\n"])
def test_a_pid_file_of_a_dead_or_no_process_does_not_stop_a_start(
    postgres: EmbeddedPostgres, text: str
) -> None:
    postgres.start()
    postgres.stop()
    (postgres.folder / "postmaster.pid").write_text(text)
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1


def test_a_first_start_cut_short_is_begun_again(postgres: EmbeddedPostgres) -> None:
    half = postgres.folder.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1
    assert not half.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(postgres: EmbeddedPostgres) -> None:
    postgres.folder.mkdir()
    (postgres.folder / "letters.txt").write_text("dear")
    with pytest.raises(StartError, match="holds something that is not our database"):
        postgres.start()
    assert (postgres.folder / "letters.txt").read_text() == "dear"


def test_a_database_of_another_version_is_refused(postgres: EmbeddedPostgres) -> None:
    postgres.folder.mkdir()
    (postgres.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(StartError, match="made by PostgreSQL 15, this is PostgreSQL 18"):
        postgres.start()


def test_a_file_where_the_folder_should_be_is_one_sentence(place: Path) -> None:
    (place / "file").write_text("")
    server = EmbeddedPostgres(place / "file" / "postgres")
    with pytest.raises(StartError, match=r"^PostgreSQL cannot use .*file"):
        server.start()


def test_the_log_names_no_value_that_people_wrote(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    ask(postgres, "CREATE TABLE phone (number text UNIQUE, age int)")
    ask(postgres, "INSERT INTO phone VALUES ('+84900000001', 1)")
    for fault in ("INSERT INTO phone VALUES ('+84900000001', 2)", "SELECT 'rieng tu'::int"):
        with pytest.raises(sqlalchemy.exc.DBAPIError):
            ask(postgres, fault)
    postgres.stop()
    log = postgres.log.read_text()
    assert "ready to accept connections" in log
    assert "+84900000001" not in log
    assert "rieng tu" not in log


DIES = """
import os, signal, sys
from pathlib import Path
from service.ops.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
server.start()
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children")
def test_the_server_ends_when_its_parent_is_killed(postgres: EmbeddedPostgres) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", DIES, str(postgres.folder)], check=False, capture_output=True
    )
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    server = int(parent.stdout)
    eventually(lambda: not alive(server), "PostgreSQL to end with its parent")
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1
