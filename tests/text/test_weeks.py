"""Days and weeks as people write them, at the edges of years."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from service.text.weeks import Period, parse_day, parse_week, week_before, week_of


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [
        ("2026-W49", date(2026, 11, 30), date(2026, 12, 6)),
        ("2026W1", date(2025, 12, 29), date(2026, 1, 4)),
        (" 2026-w53 ", date(2026, 12, 28), date(2027, 1, 3)),
        ("2028-W09", date(2028, 2, 28), date(2028, 3, 5)),
    ],
)
def test_a_week_is_monday_to_sunday(written: str, begins: date, ends: date) -> None:
    week = parse_week(written)
    assert (week.begins, week.ends) == (begins, ends)
    assert week_of(ends) == week
    assert parse_week(week.week) == week


@pytest.mark.parametrize(
    "written", ["2025-W53", "2026-W00", "48", "2026-48", "9999-W52", "", "W49"]
)
def test_what_is_no_week_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"week|look like"):
        parse_week(written)


def test_days_both_ways_round() -> None:
    assert parse_day("29/2/2028") == parse_day("2028-02-29") == date(2028, 2, 29)
    for written in ("29/2/2026", "2026-13-01", "1/2/26", "0000-01-01", "nay"):
        with pytest.raises(ValueError, match=r"no day|look like"):
            parse_day(written)


def test_the_week_that_is_over_is_vietnams() -> None:
    sunday_evening_in_utc = datetime(2026, 12, 6, 17, 0, tzinfo=UTC)
    assert week_before(sunday_evening_in_utc).week == "2026-W49", "there it is Monday"
    assert week_before(datetime(2026, 12, 6, 16, 59, tzinfo=UTC)).week == "2026-W48"


def test_a_period_says_what_it_is() -> None:
    assert str(parse_week("2026-W49")) == "week 2026-W49, 30/11/2026 to 06/12/2026"
    assert str(Period(date(2026, 12, 1), date(2026, 12, 1))) == "01/12/2026"
    assert str(Period(date(2026, 12, 1), date(2026, 12, 7))) == "01/12/2026 to 07/12/2026"
