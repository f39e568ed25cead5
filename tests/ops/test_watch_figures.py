"""What the host, the carrier and the callers show: each befalls the village and is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.carriers.base import OutcomeUnknown
from service.ops.pulse import take_pulse
from service.outbox.alarms import raise_alarm
from service.outbox.switches import turn
from tests.ops.alarm_kit import Guarded, listening, post_office
from tests.ops.room_kit import Watched
from tests.outbox.kit import CARRIER
from tests.village import NEIGHBOUR, VILLAGER, TimedWorld

SECOND = f"{CARRIER}-2"


@pytest.fixture
def guarded(timed: TimedWorld, tmp_path: Path) -> Iterator[Guarded]:
    room = Watched(timed)
    room.everybody_works()
    with listening() as sink, post_office() as post:
        yield Guarded(room, tmp_path, sink, post)


def gauge(guarded: Guarded, name: str, value: float, detail: str | None = None) -> None:
    guarded.room.world.do(
        """INSERT INTO gauges (name, value, detail) VALUES (:name, :value, :detail)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value, read_at = clock_timestamp()""",
        name=name, value=value, detail=detail,
    )  # fmt: skip


def severity(guarded: Guarded, name: str) -> str | None:
    rows = guarded.room.world.rows(
        "SELECT severity FROM alarms WHERE name = :name AND closed_at IS NULL", name=name
    )
    return rows[0].severity if rows else None


@pytest.mark.parametrize(
    ("vnd", "found"), [(350_000.0, None), (40_000.0, "ticket"), (5_000.0, "page")]
)
def test_a_balance_is_judged_by_how_long_it_lasts(
    guarded: Guarded, vnd: float, found: str | None
) -> None:
    spent_each_day(guarded, 10_000)
    gauge(guarded, "balance", vnd, "VND")
    guarded.passes()
    assert severity(guarded, "balance_low") == found


def spent_each_day(guarded: Guarded, vnd: int) -> None:
    guarded.room.world.do(
        """
        INSERT INTO spend (period, starts_at, messages, segments, vnd)
        SELECT 'day', date_trunc('day', clock_timestamp()) - make_interval(days => n), 1, 1, :vnd
        FROM generate_series(1, 7) AS n
        """,
        vnd=vnd,
    )


def with_a_second_account(guarded: Guarded) -> None:
    guarded.limits = replace(guarded.limits, carriers=(CARRIER, SECOND))
    guarded.watchman = guarded.another()


def test_the_balance_of_each_account_is_judged_and_named(guarded: Guarded) -> None:
    with_a_second_account(guarded)
    spent_each_day(guarded, 10_000)
    gauge(guarded, "balance", 350_000, "VND")
    gauge(guarded, f"balance:{SECOND}", 5_000, "VND")
    guarded.passes()
    assert guarded.open() == {("balance_low", SECOND)}
    assert severity(guarded, "balance_low") == "ticket", "nothing goes by it: nobody need wake"
    assert guarded.texts() == []
    with guarded.room.world.engine.begin() as connection:
        turn(connection, f"reroute:{SECOND}", on=True, by="Lan")
    guarded.passes()
    assert severity(guarded, "balance_low") == "page"
    assert f"Tien o {SECOND} chi du gui duoi 1 ngay" in guarded.texts()[0]


def test_an_account_that_runs_out_is_told_while_another_is_paused_for_that(
    guarded: Guarded,
) -> None:
    with_a_second_account(guarded)
    spent_each_day(guarded, 10_000)
    for account in ("balance", f"balance:{SECOND}"):
        gauge(guarded, account, 5_000, "VND")
    with guarded.room.world.engine.begin() as connection:
        raise_alarm(connection, "carrier_paused", CARRIER, "no_balance")
        turn(connection, f"reroute:{SECOND}", on=True, by="Lan")
    guarded.passes()
    assert guarded.open() == {("carrier_paused", CARRIER), ("balance_low", SECOND)}


def test_a_balance_in_other_money_is_not_judged(guarded: Guarded) -> None:
    gauge(guarded, "balance", 0.5, "KES")
    guarded.passes()
    assert guarded.open() == set()


@pytest.mark.parametrize(("days", "found"), [(20.0, None), (10.0, "ticket"), (2.0, "page")])
def test_a_certificate_that_ends(guarded: Guarded, days: float, found: str | None) -> None:
    gauge(guarded, "certificate:truc.example", days)
    guarded.passes()
    assert severity(guarded, "certificate_ends") == found


def test_a_service_never_backed_up_is_reminded_after_a_day_and_an_old_backup_pages(
    guarded: Guarded,
) -> None:
    guarded.passes()
    guarded.passes(hours=25)
    assert severity(guarded, "backup_never") is None
    guarded.passes(hours=2)
    assert severity(guarded, "backup_never") == "ticket"
    gauge(guarded, "backup", 1.0)
    guarded.passes(steps=3)
    assert severity(guarded, "backup_never") is None
    guarded.passes(hours=27)
    assert severity(guarded, "backup_old") == "page"


def test_calls_that_fail_and_callbacks_not_understood(guarded: Guarded) -> None:
    guarded.room.world.do("""
        INSERT INTO counters (name, minute, n) VALUES
        ('door_failed', date_trunc('minute', clock_timestamp()), 5),
        ('not_understood', date_trunc('minute', clock_timestamp()), 21)
    """)
    guarded.passes()
    assert severity(guarded, "doors_fail") == "page"
    assert severity(guarded, "not_understood") == "ticket"


def test_what_was_spent_nears_the_cap(guarded: Guarded) -> None:
    guarded.room.world.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd) VALUES
        ('capped_hour', date_trunc('hour', clock_timestamp()), 1, 1, 810000)
    """)
    guarded.passes()
    assert guarded.open() == {("cap_near", "hour")}


def test_work_that_is_late_is_named_while_a_clock_lives(guarded: Guarded) -> None:
    guarded.room.world.do("""
        UPDATE periodic_work SET next_at = clock_timestamp() - interval '3 hours'
        WHERE name = 'forget'
    """)
    guarded.room.world.do("""
        INSERT INTO periodic_work (name, every_seconds, next_at)
        VALUES ('of_an_older_version', 10, clock_timestamp() - interval '9 days')
    """)
    guarded.passes(steps=4, seconds=30)
    assert guarded.open() == {("work_overdue", "forget")}


def test_a_carrier_that_loses_answers_is_named(guarded: Guarded) -> None:
    guarded.room.put(20)
    guarded.room.send(answer=lambda: OutcomeUnknown("lost"), most=4)
    guarded.room.send(most=16)
    guarded.passes(steps=3, seconds=30)
    assert severity(guarded, "carrier_errors") is None, "one in five is not more than one in five"
    guarded.room.put(10)
    guarded.room.send(answer=lambda: OutcomeUnknown("lost"), most=4)
    guarded.passes(steps=4, seconds=20)
    assert severity(guarded, "carrier_errors") == "page"


def test_a_network_that_reaches_fewer_phones_than_usual(guarded: Guarded) -> None:
    gauge(guarded, "delivered:africastalking 45204", 0.95)
    guarded.room.put(60)
    guarded.room.send()
    guarded.room.report(30, rank=4)
    guarded.room.report(30, rank=3)
    guarded.passes(steps=13, seconds=60)
    assert severity(guarded, "delivered_fallen") == "page"
    usual = guarded.room.world.one("SELECT value FROM gauges WHERE name LIKE 'delivered:%'").value
    assert 0.94 < usual < 0.95, "what is usual follows slowly"


def test_nobody_calls_by_day_though_many_did_yesterday(guarded: Guarded) -> None:
    guarded.room.world.do("""
        INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest,
                                   state, reply, started_at, updated_at)
        SELECT 'africastalking', n::text, '+84900000001', 1, 0, '', '{}', 'END',
               clock_timestamp() - interval '23 hours 5 minutes',
               clock_timestamp() - interval '23 hours 5 minutes'
        FROM generate_series(1, 12) AS n
    """)
    guarded.passes(steps=7, seconds=60)
    assert severity(guarded, "nobody_calls") == "page"


def hops(guarded: Guarded, name: str, n: int) -> None:
    guarded.room.world.do(
        """INSERT INTO counters (name, minute, n)
           VALUES (:name, date_trunc('minute', clock_timestamp()), :n)
           ON CONFLICT (name, minute) DO UPDATE SET n = counters.n + excluded.n""",
        name=name, n=n,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("slow", "n", "found"),
    [
        ("hop_ms_1000", 50, None),
        ("hop_ms_2000", 50, "ticket"),
        ("hop_ms_5000", 50, "page"),
        ("hop_ms_over", 9, None),
        ("hop_ms_over", 11, "page"),
    ],
)
def test_slow_answers_to_calls_are_told_by_the_slowest_hundredth(
    guarded: Guarded, slow: str, n: int, found: str | None
) -> None:
    hops(guarded, "hop_ms_20", 1000)
    hops(guarded, slow, n)
    guarded.passes(steps=4, seconds=60)
    assert severity(guarded, "hops_slow") is None, "it has not lasted"
    guarded.passes(steps=2, seconds=60)
    assert severity(guarded, "hops_slow") == found
    guarded.passes(steps=12, seconds=60)
    assert severity(guarded, "hops_slow") is None


@pytest.mark.parametrize(("n", "found"), [(4, None), (5, "page")])
def test_where_few_call_five_slow_answers_are_told(
    guarded: Guarded, n: int, found: str | None
) -> None:
    hops(guarded, "hop_ms_over", n)
    hops(guarded, "hop_ms_20", 10)
    guarded.passes(steps=6, seconds=60)
    assert severity(guarded, "hops_slow") == found


def calls_of_a_week_ago(guarded: Guarded, n: int, last_hour: int, *, minutes: int = 60) -> None:
    """The whole hour before this one, of whose minutes some may be missing, and a week before."""
    guarded.room.world.do(
        """
        INSERT INTO pulses (span, series, at, value)
        SELECT 'hour', 'calls',
               date_trunc('hour', clock_timestamp()) - interval '1 hour 7 days', CAST(:n AS float)
        UNION ALL
        SELECT 'minute', 'calls',
               date_trunc('hour', clock_timestamp()) - make_interval(mins => k),
               CASE WHEN k = 1 THEN CAST(:last_hour AS float) ELSE 0 END
        FROM generate_series(1, CAST(:minutes AS int)) AS k
        """,
        n=n, last_hour=last_hour, minutes=minutes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [(20, 9, "ticket"), (20, 10, None), (19, 0, None), (400, 199, "ticket")],
)
def test_fewer_than_half_the_calls_of_a_week_ago_are_a_ticket(
    guarded: Guarded, then: int, now: int, found: str | None
) -> None:
    calls_of_a_week_ago(guarded, then, now)
    guarded.passes()
    assert severity(guarded, "callers_fewer") == found


def test_by_night_fewer_calls_are_neither_told_nor_taken_for_well(guarded: Guarded) -> None:
    guarded.room.turn_to(2026, 12, 1, 21, 0)
    calls_of_a_week_ago(guarded, 40, 2)
    guarded.passes(steps=3)
    assert severity(guarded, "callers_fewer") is None
    guarded.room.turn_to(2026, 12, 2, 19, 59)
    calls_of_a_week_ago(guarded, 40, 2)
    guarded.passes()
    assert severity(guarded, "callers_fewer") == "ticket"
    guarded.room.turn_to(2026, 12, 2, 21, 0)
    guarded.passes(steps=3, seconds=60)
    assert severity(guarded, "callers_fewer") == "ticket", "nobody can know by night"
    guarded.room.turn_to(2026, 12, 3, 9, 0)
    calls_of_a_week_ago(guarded, 40, 39)
    guarded.passes(steps=3, seconds=60)
    assert severity(guarded, "callers_fewer") is None


def test_an_hour_of_which_minutes_are_missing_is_not_judged(guarded: Guarded) -> None:
    calls_of_a_week_ago(guarded, 40, 2, minutes=59)
    guarded.passes()
    assert severity(guarded, "callers_fewer") is None


def test_calls_are_counted_for_the_hour_by_the_pulse(guarded: Guarded) -> None:
    world = guarded.room.world
    take_pulse(world.engine)
    for number in (VILLAGER, NEIGHBOUR):
        world.phone(number).dial()
    for _ in range(61):
        guarded.room.let_pass(minutes=1)
        take_pulse(world.engine)
    rows = world.rows("SELECT at, value FROM pulses WHERE series = 'calls' AND span = 'hour'"
                      " AND value > 0")  # fmt: skip
    assert [row.value for row in rows] == [2]
    world.do("INSERT INTO pulses SELECT span, series, at - interval '7 days', 5"
             " FROM pulses WHERE series = 'calls' AND span = 'hour' AND value > 0")  # fmt: skip
    guarded.passes()
    assert severity(guarded, "callers_fewer") is None, "five say nothing"
    world.do("UPDATE pulses SET value = 25 WHERE series = 'calls' AND value = 5")
    guarded.passes()
    (alarm,) = world.rows("SELECT detail FROM alarms WHERE name = 'callers_fewer'")
    assert alarm.detail == "2/25"
