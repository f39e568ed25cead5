"""The clock: each piece of work once, however many clocks there are and whatever they believe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable

import pytest
import time_machine

from service.ops.beats import Heart
from service.ops.clock import LEASE, Clock, Work
from service.ops.environment import as_environment
from tests.outbox.kit import Box, together
from tests.outbox.lane_kit import ROOT


def clock(box: Box, **works: tuple[int, Callable[[], object]]) -> Clock:
    timetable = {name: Work(every, do) for name, (every, do) in works.items()}
    clock = Clock(box.world.engine, timetable)
    clock.enter()
    return clock


def work_off(clock: Clock) -> None:
    while clock.tick():
        pass


def test_eight_clocks_do_each_piece_of_work_once(box: Box) -> None:
    done: Counter[str] = Counter()
    lock = threading.Lock()

    def note(name: str) -> None:
        with lock:
            done[name] += 1

    works = {f"w{n}": (60, lambda n=n: note(f"w{n}")) for n in range(10)}
    clocks = [clock(box, **works) for _ in range(8)]
    for _ in range(3):
        turns = iter(clocks)
        together(8, lambda turns=turns: work_off(next(turns)))
        box.later(seconds=61)
    assert done == Counter({f"w{n}": 3 for n in range(10)})


def test_work_comes_again_after_its_time_and_not_before(box: Box) -> None:
    done: list[int] = []
    ticking = clock(box, sweep=(600, lambda: done.append(1)))
    for seconds, times in ((0, 1), (590, 1), (20, 2), (7200, 3), (1, 3)):
        box.later(seconds=seconds)
        work_off(ticking)
        assert len(done) == times


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_host_whose_clock_is_wrong_does_nothing_early_or_twice(box: Box, hours: int) -> None:
    done: list[int] = []
    right = clock(box, sweep=(600, lambda: done.append(1)))
    work_off(right)
    with time_machine.travel(box.now().timestamp() + hours * 3600, tick=True):
        work_off(clock(box, sweep=(600, lambda: done.append(1))))
        assert len(done) == 1
        box.later(seconds=601)
        work_off(right)
    work_off(right)
    assert len(done) == 2


def test_work_that_fails_is_tried_again_soon_and_alarms_until_it_is_well(box: Box) -> None:
    tries: list[int] = []

    def fail_twice() -> None:
        tries.append(1)
        if len(tries) <= 2:
            raise RuntimeError("+84900000001 said no")

    others: list[int] = []
    ticking = clock(box, forget=(3600, fail_twice), other=(60, lambda: others.append(1)))
    work_off(ticking)
    assert box.alarms() == {("work_failed", "forget")}
    assert (
        box.world.one("SELECT last_error FROM periodic_work WHERE name = 'forget'").last_error
        == "RuntimeError"
    )
    for _ in range(2):
        box.later(seconds=61)
        work_off(ticking)
    assert len(tries) == 3
    assert len(others) == 3
    assert box.alarms() == set()
    (alarm,) = box.world.rows("SELECT times, detail FROM alarms")
    assert (alarm.times, alarm.detail) == (2, "RuntimeError")


def test_work_of_a_clock_that_died_is_taken_over_after_its_lease(box: Box) -> None:
    def die() -> None:
        raise SystemExit

    done: list[int] = []
    dying = clock(box, forget=(60, die))
    with pytest.raises(SystemExit):
        dying.tick()
    living = clock(box, forget=(60, lambda: done.append(1)))
    box.later(seconds=LEASE.total_seconds() - 5)
    work_off(living)
    assert done == []
    box.later(seconds=6)
    work_off(living)
    assert done == [1]


def test_a_clock_that_comes_back_late_does_not_count(box: Box) -> None:
    done: list[str] = []

    def oversleep() -> None:
        box.later(seconds=LEASE.total_seconds() + 1)
        other.tick()
        done.append("late")

    late = clock(box, forget=(60, oversleep))
    other = clock(box, forget=(60, lambda: done.append("other")))
    before = box.now()
    late.tick()
    row = box.world.one("SELECT * FROM periodic_work")
    assert done == ["other", "late"]
    assert row.token is None
    assert (row.next_at - before).total_seconds() >= LEASE.total_seconds() + 60


def test_work_that_left_the_timetable_is_left_alone(box: Box) -> None:
    clock(box, old=(60, lambda: None))
    done: list[int] = []
    work_off(clock(box, new=(60, lambda: done.append(1))))
    assert done == [1]


def test_a_beat_is_one_row_that_goes_with_a_clean_stop(box: Box) -> None:
    heart = Heart(box.world.engine, kind="clock")
    heart.beat()
    box.later(seconds=10)
    heart.beat()
    (beat,) = box.world.rows("SELECT *, clock_timestamp() - beat_at AS age FROM beats")
    assert (beat.kind, beat.pid) == ("clock", os.getpid())
    assert beat.age.total_seconds() < 5
    assert (beat.beat_at - beat.started_at).total_seconds() >= 10
    heart.stop()
    assert box.world.rows("SELECT * FROM beats") == []


def test_two_clock_processes_run_side_by_side_and_stop_when_told(box: Box) -> None:
    settings = box.world.runtime.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    command = [sys.executable, "-c", "from service.cli import main; main()", "clock"]
    environment = {**os.environ, **as_environment(settings)}
    clocks = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        box.eventually(lambda: len(box.world.rows("SELECT * FROM beats")) == 2, 60)
        box.eventually(
            lambda: box.world.rows("SELECT * FROM periodic_work WHERE last_done_at IS NULL") == []
        )
        for process in clocks:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(20) for process in clocks] == [0, 0]
    finally:
        for process in clocks:
            process.kill()
            process.wait()
    assert box.alarms() == set()
    assert box.world.rows("SELECT * FROM beats") == []
