"""Hours of waking: read as written, and waiting counted minute by minute in them alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.text.local_time import VIETNAM, in_vietnam
from service.text.waking import ALWAYS, DAY, Hours, after, awake_at

WAKING = Hours.parse("06:00-21:00")
MINUTE = timedelta(minutes=1)
HALF_HOUR = 30


def at(written: str) -> datetime:
    """A moment as a clock in Vietnam shows it."""
    return datetime.fromisoformat(written).replace(tzinfo=VIETNAM)


def minute_by_minute(moment: datetime, waiting: timedelta, hours: list[Hours]) -> datetime:
    """Look at every minute: is anybody awake, and has the time passed?"""
    while True:
        local = in_vietnam(moment)
        minute = local.hour * 60 + local.minute
        if any(part.begins <= minute < part.ends for part in hours):
            if not waiting:
                return moment
            waiting -= MINUTE
        moment += MINUTE


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    begins = draw(st.integers(0, DAY - HALF_HOUR))
    return Hours(begins, draw(st.integers(begins + HALF_HOUR, DAY)))


def _days_from(first: datetime, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * DAY).map(lambda minutes: first + minutes * MINUTE)


MOMENTS = st.one_of(
    _days_from(datetime(2026, 1, 1, tzinfo=UTC), 4 * 365),
    _days_from(datetime(2028, 2, 28, tzinfo=UTC), 3),
    _days_from(datetime(2026, 12, 30, tzinfo=UTC), 3),
)


@given(
    moment=MOMENTS,
    waiting=st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
    hours=st.lists(some_hours(), min_size=1, max_size=3),
)
@example(moment=at("2028-02-28 20:30"), waiting=timedelta(hours=16), hours=[WAKING])
@example(moment=at("2026-12-31 20:59"), waiting=timedelta(minutes=1), hours=[WAKING])
@example(moment=at("2026-12-31 23:59"), waiting=timedelta(minutes=1), hours=[ALWAYS])
@example(moment=at("2028-02-29 00:00"), waiting=timedelta(), hours=[Hours(DAY - 1, DAY)])
def test_waiting_is_counted_as_a_clock_would_count_it(
    moment: datetime, waiting: timedelta, hours: list[Hours]
) -> None:
    assert after(moment, waiting, hours) == minute_by_minute(moment, waiting, hours)


@given(
    moment=MOMENTS,
    first=st.integers(0, 2000),
    second=st.integers(0, 2000),
    hours=st.lists(some_hours(), min_size=1, max_size=3),
)
def test_waiting_twice_is_waiting_as_long(
    moment: datetime, first: int, second: int, hours: list[Hours]
) -> None:
    whole = after(moment, (first + second) * MINUTE, hours)
    assert after(after(moment, first * MINUTE, hours), second * MINUTE, hours) == whole
    assert whole >= moment + (first + second) * MINUTE
    assert whole == awake_at(whole, min(part for part in hours if _holds(part, whole)))


def _holds(hours: Hours, moment: datetime) -> bool:
    local = in_vietnam(moment)
    return hours.begins <= local.hour * 60 + local.minute < hours.ends


@given(moment=MOMENTS, waiting=st.integers(0, 100_000))
def test_who_is_always_awake_waits_by_the_clock(moment: datetime, waiting: int) -> None:
    waited = timedelta(seconds=waiting)
    assert after(moment + timedelta(seconds=7), waited, [ALWAYS]) == moment + waited + timedelta(
        seconds=7
    )


@pytest.mark.parametrize(
    ("asked", "hours", "due"),
    [
        ("2026-12-01 09:00", 3, "2026-12-01 12:00"),
        ("2026-12-01 18:00", 3, "2026-12-02 06:00"),  # 21:00 is night already
        ("2026-12-01 20:00", 3, "2026-12-02 08:00"),
        ("2026-12-01 23:00", 3, "2026-12-02 09:00"),
        ("2026-12-01 03:00", 3, "2026-12-01 09:00"),
        ("2028-02-28 20:00", 3, "2028-02-29 08:00"),
        ("2028-02-29 20:00", 3, "2028-03-01 08:00"),
        ("2027-02-28 20:00", 3, "2027-03-01 08:00"),
        ("2026-12-31 20:00", 3, "2027-01-01 08:00"),
        ("2026-12-31 20:00", 16, "2027-01-02 06:00"),
    ],
)
def test_three_hours_are_three_hours_of_the_day(asked: str, hours: int, due: str) -> None:
    assert after(at(asked), timedelta(hours=hours), [WAKING]) == at(due)


def test_with_two_people_it_counts_while_either_is_awake() -> None:
    early, late = Hours.parse("05:00-12:00"), Hours.parse("18:00-24:00")
    assert after(at("2026-12-01 11:00"), timedelta(hours=2), [late, early]) == at(
        "2026-12-01 19:00"
    )
    assert after(at("2026-12-01 23:00"), timedelta(hours=2), [late, early]) == at(
        "2026-12-02 06:00"
    )


def test_the_answer_is_told_in_the_time_it_was_asked_in() -> None:
    asked = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    assert after(asked, timedelta(hours=1), [WAKING]).tzinfo is UTC
    elsewhere = asked.astimezone(timezone(timedelta(hours=-5)))
    assert after(elsewhere, timedelta(hours=1), [WAKING]) == asked + timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("06:00-21:00", Hours(360, 1260)),
        ("6:00-21:00", Hours(360, 1260)),
        (" 00:00-24:00 ", ALWAYS),
        ("23:59-24:00", Hours(1439, 1440)),
    ],
)
def test_hours_are_read_and_written(written: str, hours: Hours) -> None:
    assert Hours.parse(written) == hours
    assert Hours.parse(str(hours)) == hours


@pytest.mark.parametrize(
    "written",
    ["", "06:00", "06:00-", "6-21", "06:60-21:00", "25:00-26:00", "06:00 - 21:00", "-06:00-21:00",
     "06:00-21:00-22:00", "٠٦:٠٠-٢١:٠٠", "06:00-21:00\n\n06:00-21:00"],
)  # fmt: skip
def test_what_is_no_hours_is_named(written: str) -> None:
    with pytest.raises(ValueError, match=r"should look like 06:00-21:00$"):
        Hours.parse(written)


@pytest.mark.parametrize("written", ["21:00-06:00", "06:00-06:00", "06:00-24:01", "24:00-24:00"])
def test_hours_begin_before_they_end_and_on_one_day(written: str) -> None:
    with pytest.raises(ValueError, match=r"^hours should begin before they end, on one day$"):
        Hours.parse(written)


def test_waiting_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^nobody is ever awake$"):
        after(at("2026-12-01 09:00"), MINUTE, [])
