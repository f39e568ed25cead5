"""The database is away or takes no writes: who can still be told is told, once, and of the end too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from pydantic import SecretStr
from sqlalchemy import create_engine

from service.ops import blind_alarms
from service.ops.alarm_ways import Ways
from service.ops.watchman import Watchman
from service.records.engine import driver_url
from service.records.unit import Units
from tests.ops.alarm_kit import LIMITS, Guarded, listening, post_office
from tests.ops.room_kit import Watched
from tests.village import TimedWorld


@pytest.fixture
def guarded(
    timed: TimedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Guarded]:
    monkeypatch.setattr(blind_alarms, "PATIENCE", 0.0)
    room = Watched(timed)
    room.everybody_works()
    with listening() as sink, post_office() as post:
        yield Guarded(room, tmp_path, sink, post)


def away(guarded: Guarded, **changes: Any) -> Watchman:
    """A watchman who reaches no database."""
    watchman = guarded.another(**changes)
    engine = create_engine(driver_url("postgresql://nobody@127.0.0.1:1/nothing"))
    return Watchman(
        units=Units(engine, lambda _lane: None),
        limits=LIMITS,
        ways=watchman._ways,
        home=guarded.home,
        redis=None,
        deadman=SecretStr(guarded.sink.url),
    )


def test_a_database_that_takes_no_writes_is_told_once_by_all_who_meet_it(
    guarded: Guarded,
) -> None:
    guarded.passes(steps=2)
    others = [guarded.watchman, guarded.another(), guarded.another()]
    with guarded.room.read_only():
        guarded.room.world.reconnect()
        for _ in range(3):
            for watchman in others:
                assert not watchman.look()
    assert guarded.heard() == [("database_read_only", "opened")]
    assert len(guarded.post.letters) == 1
    assert guarded.texts() == []
    guarded.passes(steps=2)
    (alarm,) = guarded.room.world.rows("SELECT * FROM alarms")
    assert (alarm.name, alarm.severity) == ("database_read_only", "page")
    assert alarm.closed_at is not None
    guarded.passes(steps=12, seconds=60)
    assert guarded.heard() == [("database_read_only", "opened"), ("database_read_only", "resolved")]
    (text,) = guarded.texts()
    assert text.startswith("CAUNOI DA HET: Co so du lieu khong cho ghi"), "afterwards by SMS too"


def test_nobody_is_missed_who_could_not_say_that_they_live(guarded: Guarded) -> None:
    guarded.passes(steps=2)
    with guarded.room.read_only():
        guarded.room.world.reconnect()
        guarded.watchman.look()
    guarded.room.world.time.let_pass(timedelta(minutes=2))
    assert guarded.watchman.look(), "before the first beats"
    assert guarded.open() == set()
    guarded.passes(gone=("bulk",), steps=5, seconds=5)
    assert guarded.open() == {("worker_gone", "bulk")}, "who is really gone is"


def test_a_database_that_is_away_is_told_and_again_only_after_a_while(guarded: Guarded) -> None:
    guarded.passes()
    for _ in range(3):
        away(guarded).look()
    assert guarded.heard() == [("database_away", "opened")]
    guarded.passes()
    assert guarded.count("database_away") == 1
    away(guarded).look()
    guarded.passes()
    assert guarded.heard() == [("database_away", "opened")], "within ten minutes it is the same"
    assert guarded.count("database_away") == 1


def test_what_cannot_be_told_is_tried_again_by_whoever_is_left(guarded: Guarded) -> None:
    guarded.sink.status = 500
    away(guarded).look()
    assert guarded.heard() == []
    assert len(guarded.post.letters) == 1
    file = guarded.home / "blind" / "database_away.json"
    kept = json.loads(file.read_text())
    assert kept["told"] == ["mail"]
    kept["next_try"] = 0
    file.write_text(json.dumps(kept))
    guarded.sink.status = 200
    away(guarded).look()
    assert guarded.heard() == [("database_away", "opened")]
    assert len(guarded.post.letters) == 1


def test_a_file_torn_by_a_full_disk_stops_nobody(guarded: Guarded) -> None:
    (guarded.home / "blind").mkdir()
    (guarded.home / "blind" / "database_away.json").write_text('{"name": "data')
    away(guarded).look()
    assert guarded.heard() == [("database_away", "opened")]


def test_where_no_file_can_be_made_each_process_tells_once(guarded: Guarded) -> None:
    (guarded.home / "blind").touch()  # no folder can be there
    watchman = away(guarded)
    for _ in range(3):
        watchman.look()
    assert guarded.heard() == [("database_away", "opened")]


def test_a_fault_that_is_not_the_databases_is_not_told_as_one(guarded: Guarded) -> None:
    blind = blind_alarms.BlindAlarms(guarded.home, Ways())
    blind.met(ValueError("no"))
    assert not (guarded.home / "blind").exists()


def test_secrets_stay_out_of_the_file_and_the_logs(guarded: Guarded) -> None:
    guarded.sink.status = 500
    with structlog.testing.capture_logs() as lines:
        away(guarded).look()
        guarded.passes(gone=("reply",), steps=4, seconds=5)
    logged = repr(lines)
    assert "not_told" in logged
    kept = (guarded.home / "blind" / "database_away.json").read_text()
    for secret in ("hush-hush", "+84900009911", "truc@example.invalid"):
        assert secret not in logged
        assert secret not in kept
