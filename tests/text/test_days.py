"""Days as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.days import FARTHEST, NoDay, Wrong, from_keys, read_day, read_days, said_day
from service.text.waking import Hours

TUESDAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("typed", "days", "count"),
    [
        ("3", [], 3),
        ("3 ngay", [], 3),
        ("0", [], 0),
        ("", [], None),
        ("mai", [], None),
        ("20/12", [(2026, 12, 20)], None),
        ("20.12", [(2026, 12, 20)], None),
        ("20-12-26", [(2026, 12, 20)], None),
        ("20 tháng 12 năm 2026", [(2026, 12, 20)], None),
        ("20/12/2026 8h", [(2026, 12, 20)], None),
        ("5/1", [(2027, 1, 5)], None),
        ("1/12", [(2026, 12, 1)], None),
        ("20/12 25/12", [(2026, 12, 20), (2026, 12, 25)], None),
        ("20/12-25/12", [(2026, 12, 20), (2026, 12, 25)], None),
        ("từ 25/12 đến 5/1", [(2026, 12, 25), (2027, 1, 5)], None),
        ("2 ngay tu 20/12", [(2026, 12, 20)], 2),
    ],
)
def test_what_is_meant(typed: str, days: list[tuple[int, int, int]], count: int | None) -> None:
    found = read_days(typed, TUESDAY)
    assert list(found.days) == [date(*day) for day in days]
    assert found.count == count


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("31/2", Wrong.CALENDAR),
        ("20/13", Wrong.CALENDAR),
        ("0/1", Wrong.CALENDAR),
        ("29/2", Wrong.CALENDAR),
        ("29/2/2027", Wrong.CALENDAR),
        ("30/11", Wrong.PAST),
        ("1/11", Wrong.PAST),
        ("20/12/2025", Wrong.PAST),
        ("20/12/2027", Wrong.FAR),
        ("25/12 20/12", Wrong.BACKWARDS),
        ("mai", Wrong.NONE),
    ],
)
def test_what_cannot_be_meant(typed: str, wrong: Wrong) -> None:
    with pytest.raises(NoDay) as no_day:
        read_day(typed, TUESDAY)
    assert no_day.value.wrong is wrong


@pytest.mark.parametrize("today", [date(2027, 12, 1), date(2028, 2, 1), date(2028, 2, 29)])
def test_29_february_is_the_next_there_is(today: date) -> None:
    assert read_day("29/2", today) == date(2028, 2, 29)


def test_two_days_that_are_no_range_need_no_order() -> None:
    found = read_days("9/12 5/12", TUESDAY, in_order=False)
    assert found.days == (date(2026, 12, 9), date(2026, 12, 5))


@pytest.mark.parametrize(
    ("keyed", "meant"), [("2012", "20/12"), ("20 12", "20/12"), ("0501", "05/01"), ("3", "3")]
)
def test_a_keypad_has_no_stroke(keyed: str, meant: str) -> None:
    assert from_keys(keyed) == meant


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.integers(0, FARTHEST.days - 1))
def test_what_we_say_is_read_as_the_day_we_meant(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert read_day(said_day(day, today), today) == day


@given(st.text(max_size=40), st.dates(date(2026, 1, 1), date(2040, 1, 1)))
def test_whatever_is_typed_is_days_or_a_reason(typed: str, today: date) -> None:
    try:
        found = read_days(typed, today)
    except NoDay:
        return
    assert all(today <= day for day in found.days)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("6-20", (360, 1200)),
        ("6 20", (360, 1200)),
        ("6h-20h", (360, 1200)),
        ("từ 6h30 đến 20 giờ", (390, 1200)),
        ("0-24", (0, 1440)),
    ],
)
def test_hours_as_people_type_them(typed: str, hours: tuple[int, int]) -> None:
    assert Hours.typed(typed) == Hours(*hours)


@pytest.mark.parametrize("typed", ["", "6", "20-6", "6-6", "6-25", "sang den toi"])
def test_what_is_no_hours(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which one does not matter
        Hours.typed(typed)
