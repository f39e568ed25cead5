"""Thresholds, for how long, and hysteresis: by the table of signals itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from service.ops.alarm_kinds import KINDS, RAISED_ELSEWHERE
from service.ops.signals import BLIND, SIGNALS, Level, Signal
from service.ops.watch_marks import Mark, judge
from service.ops.watch_room import Value
from service.records.watching import Severity

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
EVERY = [(name, level) for name, signal in SIGNALS.items() for level in signal.levels]
NAMES = [f"{name}-{level.severity}" for name, level in EVERY]


def told(name: str, values: Iterator[float], step: float = 1.0) -> list[Severity | None]:
    """How a signal stands as its value changes, a look each `step` seconds."""
    marks: dict[tuple[str, str], Mark] = {}
    stands = []
    for n, value in enumerate(values):
        stand, new = judge(Value(name, "x", value), marks, NOW + n * timedelta(seconds=step))
        marks |= new
        stands.append(stand.severity)
    return stands


def beyond(signal: Signal, level: Level, by: float = 0.01) -> float:
    return level.over - by if signal.is_floor else level.over + by


@pytest.mark.parametrize(("name", "level"), EVERY, ids=NAMES)
def test_a_level_counts_when_it_has_lasted_and_not_before(name: str, level: Level) -> None:
    looks = int(level.lasting) + 1
    stands = told(name, iter([beyond(SIGNALS[name], level)] * looks))
    assert stands[-1] is not None
    assert all(stand is not level.severity for stand in stands[:-1])


@pytest.mark.parametrize(("name", "level"), EVERY, ids=NAMES)
def test_a_value_at_the_threshold_is_no_alarm(name: str, level: Level) -> None:
    if level is SIGNALS[name].levels[-1]:
        assert set(told(name, iter([level.over] * 10), step=level.lasting + 1)) == {None}


@pytest.mark.parametrize(("name", "level"), [one for one in EVERY if one[1].over != one[1].clear])
def test_what_trembles_around_its_threshold_stays_one_incident(name: str, level: Level) -> None:
    signal = SIGNALS[name]
    between = (level.over + level.clear) / 2
    bad = [beyond(signal, level)] * (int(level.lasting) + 2)
    stands = told(name, iter([*bad, *([between, bad[0]] * 40)]))
    assert None not in stands[len(bad) :]


@pytest.mark.parametrize(("name", "level"), EVERY, ids=NAMES)
def test_a_level_ends_when_it_has_been_well_for_long_enough(name: str, level: Level) -> None:
    signal = SIGNALS[name]
    bad = [beyond(signal, level)] * (int(level.lasting) + 2)
    well = [signal.levels[-1].clear] * (int(max(one.calm for one in signal.levels)) + 2)
    stands = told(name, iter([*bad, *well]))
    assert stands[-1] is None
    assert stands[len(bad)] is not None or level.calm == 0


def test_what_cannot_be_known_changes_nothing() -> None:
    marks: dict[tuple[str, str], Mark] = {}
    for n, value in enumerate((0.5, None, None, None)):
        stand, new = judge(Value("balance_low", "x", value), marks, NOW + timedelta(minutes=n))
        marks |= new
        assert stand.severity is Severity.PAGE


def test_every_signal_is_worst_first_and_clears_on_its_good_side() -> None:
    for name, signal in SIGNALS.items():
        severities = [level.severity for level in signal.levels]
        assert severities in (
            [Severity.PAGE, Severity.TICKET],
            [Severity.PAGE],
            [Severity.TICKET],
        ), name
        sign = -1 if signal.is_floor else 1
        for level in signal.levels:
            assert sign * level.clear <= sign * level.over, name
        assert signal.quiet_while <= set(KINDS), name
        assert name not in signal.quiet_while


def test_causes_do_not_keep_each_other_quiet() -> None:
    """Else neither would ever be told."""

    def leads(name: str, seen: frozenset[str]) -> Iterator[str]:
        for cause in SIGNALS[name].quiet_while if name in SIGNALS else ():
            assert cause not in seen, (name, cause)
            yield cause
            yield from leads(cause, seen | {cause})

    for name in SIGNALS:
        assert name not in set(leads(name, frozenset({name})))


def test_no_alarm_has_two_sources() -> None:
    assert not set(SIGNALS) & set(RAISED_ELSEWHERE)
    assert not set(BLIND) & (set(SIGNALS) | set(RAISED_ELSEWHERE))
