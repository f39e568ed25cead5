"""The points of the curves: each minute once, what was missed, hours from minutes, old ones gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from service.carriers.base import Unreachable
from service.ops import pulse
from service.ops.pulse import take_pulse
from service.ops.pulse_curves import Span, read_curves
from service.ops.pulse_series import ALL
from service.outbox.classes import LANES
from service.records.messages import MessageClass
from service.text.local_time import VIETNAM
from tests.ops.room_kit import Watched
from tests.village import VILLAGER, TimedWorld


@pytest.fixture
def room(timed: TimedWorld) -> Watched:
    watched = Watched(timed)
    watched.everybody_works()
    return watched


def moment(hour: int, minute: int, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=VIETNAM)


def points(room: Watched, series: str, span: str = "minute") -> dict[datetime, float]:
    rows = room.world.rows(
        "SELECT at, value FROM pulses WHERE span = :span AND series = :series ORDER BY at",
        span=span,
        series=series,
    )
    return {row.at: row.value for row in rows}


def beat(room: Watched) -> None:
    take_pulse(room.world.engine)


def minutes_pass(room: Watched, minutes: int) -> None:
    for _ in range(minutes):
        room.let_pass(minutes=1)
        beat(room)


def test_what_was_sent_and_what_failed_stands_in_its_minute_and_lane(room: Watched) -> None:
    beat(room)
    room.put(3)
    room.send()
    room.put(2, MessageClass.EMERGENCY)
    room.send("emergency", Unreachable)
    minutes_pass(room, 2)
    assert points(room, "sent:reply")[moment(9, 0)] == 3
    assert points(room, "sent:reply")[moment(9, 1)] == 0
    assert points(room, "failed:emergency")[moment(9, 0)] == 2
    assert points(room, "failed:reply")[moment(9, 0)] == 0
    assert points(room, "sent:emergency")[moment(9, 0)] == 0


def test_once_more_changes_nothing(room: Watched) -> None:
    room.put(3)
    room.send()
    room.report(2)
    minutes_pass(room, 3)
    everything = "SELECT span, series, at, value, xmin::text FROM pulses ORDER BY 1, 2, 3"
    before = room.world.rows(everything)
    beat(room)
    beat(room)
    assert room.world.rows(everything) == before


def test_what_ends_late_is_still_counted_in_its_minute(room: Watched) -> None:
    room.put(2)
    room.send()
    room.let_pass(minutes=1)
    beat(room)
    began = moment(9, 0)
    assert points(room, "sent:reply")[began] == 2
    room.world.do(
        "UPDATE attempts SET outcome = 'unknown' WHERE id = (SELECT max(id) FROM attempts)"
    )
    room.let_pass(minutes=1)
    beat(room)
    assert points(room, "sent:reply")[began] == 1
    assert points(room, "failed:reply")[began] == 1


def test_reports_are_counted_by_what_they_say(room: Watched) -> None:
    room.put(5)
    room.send()
    minutes_pass(room, 1)
    room.report(3)
    room.report(1, rank=3)
    minutes_pass(room, 1)
    assert points(room, "delivered")[moment(9, 1)] == 3
    assert points(room, "undelivered")[moment(9, 1)] == 1
    assert points(room, "delivered")[moment(9, 0)] == 0


def test_the_worst_of_a_minute_is_kept_of_what_waits(room: Watched) -> None:
    room.put(4)
    room.let_pass(minutes=3)
    beat(room)
    room.send()
    beat(room)
    assert points(room, "waiting:reply")[moment(9, 3)] == 4
    assert 175 <= points(room, "oldest:reply")[moment(9, 3)] <= 200
    room.let_pass(minutes=1)
    beat(room)
    assert points(room, "waiting:reply")[moment(9, 4)] == 0
    assert points(room, "oldest:reply")[moment(9, 4)] == 0


def test_what_leaves_by_day_only_does_not_wait_at_night(room: Watched) -> None:
    room.turn_to(2026, 12, 1, 23, 0)
    room.put(4, MessageClass.NOTICE)
    minutes_pass(room, 2)
    assert set(points(room, "waiting:bulk").values()) == {0}


def test_missed_minutes_are_filled_where_the_sources_tell_and_else_left_out(room: Watched) -> None:
    beat(room)
    room.put(2)
    room.let_pass(minutes=10)
    room.send()
    room.let_pass(minutes=20)
    beat(room)
    sent = points(room, "sent:reply")
    assert sent[moment(9, 10)] == 2
    assert {moment(9, n) for n in range(30)} <= set(sent)
    waited = points(room, "waiting:reply")
    assert set(waited) == {moment(9, 0), moment(9, 30)}, "what was not looked at is a gap"


def test_a_clock_that_was_away_for_long_leaves_a_gap(room: Watched) -> None:
    beat(room)
    room.let_pass(hours=5)
    beat(room)
    sent = points(room, "sent:reply")
    assert min(at for at in sent if at > moment(9, 0)) == moment(13, 0)
    assert moment(13, 59) in sent


def test_a_new_service_does_not_claim_to_have_sent_nothing_before_it_was(room: Watched) -> None:
    beat(room)
    assert set(points(room, "sent:reply")) == {moment(8, 58), moment(8, 59)}


def test_a_rush_longer_than_what_is_looked_at_leaves_out_the_minutes_it_did_not_see(
    room: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(room)
    for _ in range(4):
        room.put(5)
        room.send()
        room.let_pass(minutes=1)
    monkeypatch.setattr(pulse, "TAILS", (3, 12))
    beat(room)
    sent = points(room, "sent:reply")
    assert sent[moment(9, 3)] == sent[moment(9, 2)] == 5
    assert moment(9, 0) not in sent
    monkeypatch.undo()
    beat(room)
    assert moment(9, 1) not in sent


def test_calls_and_texts_are_counted_at_the_doors_without_a_statement_of_their_own(
    room: Watched,
) -> None:
    world = room.world
    world.client  # noqa: B018 - makes the page
    asked: list[str] = []
    listen = lambda *told: asked.append(told[2])  # noqa: E731
    for engine in (world.engine, world.runtime.quick):
        event.listen(engine, "before_cursor_execute", listen)
    world.phone(VILLAGER).dial()
    assert not [statement for statement in asked if "counters" in statement]
    world.phone(VILLAGER).text("TRO GIUP")
    world.runtime.pace.hand_on()
    assert len([statement for statement in asked if "counters" in statement]) == 1
    for engine in (world.engine, world.runtime.quick):
        event.remove(engine, "before_cursor_execute", listen)
    minutes_pass(room, 1)
    assert points(room, "hops")[moment(9, 0)] == 2, "each hop is sent twice by the phones of tests"
    assert points(room, "texts")[moment(9, 0)] == 1
    assert points(room, "reports")[moment(9, 0)] == 0
    assert 5 <= points(room, "hop_p95_ms")[moment(9, 0)] <= 10_000
    minutes_pass(room, 1)
    assert points(room, "hops")[moment(9, 1)] == 0
    assert moment(9, 1) not in points(room, "hop_p95_ms"), "nothing was measured"


def test_an_hour_is_the_sum_of_its_minutes_or_the_worst_of_them(room: Watched) -> None:
    beat(room)
    room.put(3)
    room.let_pass(minutes=20)
    beat(room)
    room.send()
    minutes_pass(room, 1)
    room.put(4)
    room.send()
    room.let_pass(minutes=40)
    beat(room)
    assert points(room, "sent:reply", "hour")[moment(9, 0)] == 7
    assert 1190 <= points(room, "oldest:reply", "hour")[moment(9, 0)] <= 1210
    assert points(room, "waiting:reply", "hour")[moment(9, 0)] == 3
    assert moment(10, 0) not in points(room, "sent:reply", "hour"), "it is not over"


def test_old_points_go_and_hours_stay_longer(room: Watched) -> None:
    beat(room)
    room.let_pass(minutes=61)
    beat(room)
    room.let_pass(days=3)
    beat(room)
    assert min(points(room, "sent:reply")) > moment(9, 0, day=2)
    assert moment(9, 0) in points(room, "sent:reply", "hour")
    room.let_pass(days=401)
    beat(room)
    assert moment(9, 0) not in points(room, "sent:reply", "hour")


def test_the_balance_is_noted_while_it_is_known(room: Watched) -> None:
    room.world.do("INSERT INTO gauges (name, value) VALUES ('balance', 250000)")
    beat(room)
    room.let_pass(hours=3)
    beat(room)
    assert points(room, "balance_vnd") == {moment(9, 0): 250000}


def test_a_balance_in_another_currency_is_no_point_of_a_curve_in_dong(room: Watched) -> None:
    room.world.do("INSERT INTO gauges (name, value, detail) VALUES ('balance', 250000, 'KES')")
    beat(room)
    assert points(room, "balance_vnd") == {}


def test_every_series_has_a_name_in_the_list(room: Watched) -> None:
    room.put(len(LANES))
    room.send()
    room.world.phone(VILLAGER).dial()
    room.world.runtime.pace.hand_on()
    room.world.do("INSERT INTO gauges (name, value) VALUES ('balance', 1)")
    minutes_pass(room, 2)
    found = {row.series for row in room.world.rows("SELECT DISTINCT series FROM pulses")}
    assert found == set(ALL)


def test_a_beat_asks_as_often_however_much_there_is(room: Watched) -> None:
    def asked() -> int:
        statements: list[Any] = []
        listen = lambda *told: statements.append(told[2])  # noqa: E731
        event.listen(room.world.engine, "before_cursor_execute", listen)
        beat(room)
        event.remove(room.world.engine, "before_cursor_execute", listen)
        return len(statements)

    beat(room)
    few = asked()
    room.put(200)
    room.send()
    room.report(100)
    room.let_pass(minutes=1)
    assert asked() == few <= 12


# -- read again


def test_a_curve_has_a_value_for_each_step_and_none_where_nothing_was_written(
    room: Watched,
) -> None:
    beat(room)
    room.put(2)
    room.send()
    room.let_pass(minutes=2)
    beat(room)
    with room.world.engine.connect() as connection:
        curves = read_curves(connection, Span.HOUR)
    assert len(curves.times) == 60
    assert curves.times[-1] == moment(9, 1)
    sent = dict(zip(curves.times, curves.values["sent:reply"], strict=True))
    assert sent[moment(9, 0)] == 2
    assert sent[moment(9, 1)] == 0
    assert sent[moment(8, 30)] is None
    assert [len(values) for values in curves.values.values()] == [60] * len(ALL)


def test_a_day_is_read_by_half_hours_and_a_month_by_days_of_vietnam(room: Watched) -> None:
    room.world.do(
        """INSERT INTO pulses (span, series, at, value)
           SELECT 'minute', 'hops', at, 1
           FROM generate_series(CAST(:a AS timestamptz), CAST(:b AS timestamptz), '1 minute') at
           UNION ALL SELECT 'hour', 'hops', at, 10
           FROM generate_series(CAST(:c AS timestamptz), CAST(:d AS timestamptz), '1 hour') at""",
        a=moment(1, 0), b=moment(2, 10), c=moment(0, 0) - timedelta(days=3), d=moment(5, 0),
    )  # fmt: skip
    with room.world.engine.connect() as connection:
        day, month = (read_curves(connection, span) for span in (Span.DAY, Span.MONTH))
    by_half_hour = dict(zip(day.times, day.values["hops"], strict=True))
    assert (len(by_half_hour), day.width) == (48, timedelta(minutes=30))
    assert by_half_hour[moment(1, 0)] == by_half_hour[moment(1, 30)] == 30
    assert by_half_hour[moment(2, 0)] == 11
    assert by_half_hour[moment(2, 30)] is None
    by_day = dict(zip(month.times, month.values["hops"], strict=True))
    assert len(by_day) == 30
    assert by_day[moment(0, 0) - timedelta(days=1)] == 240
    assert moment(0, 0) not in by_day, "a day that is not over would look like a fall"
    assert by_day[moment(0, 0) - timedelta(days=5)] is None
