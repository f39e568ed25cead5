"""A class proposed in one line: day, hour and seats by their shape, what is left is the house."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.class_wish import LONGEST_PLACE, read_wish


@pytest.mark.parametrize(
    ("typed", "day", "at", "place", "seats"),
    [
        ("5/12 19h nha van hoa 25", "5/12", time(19), "nha van hoa", 25),
        ("5/12 19h30 nha van hoa 25", "5/12", time(19, 30), "nha van hoa", 25),
        ("5/12 19:30 nha van hoa", "5/12", time(19, 30), "nha van hoa", None),
        ("19g 5-12 Nhà Văn Hóa 30 người", "5-12", time(19), "Nha Van Hoa", 30),
        ("ngay 5 thang 12 luc 19 gio tai nha van hoa", "ngay 5 thang 12", time(19), "nha van hoa", None),
        ("7h toi thu 7 5/12 o nha van hoa, 25 cho", "5/12", time(19), "nha van hoa", 25),
        ("toi 5/12, 7h30, truong hoc", "5/12", time(19, 30), "truong hoc", None),
        ("5/12 2h chieu nha ba Lan 10", "5/12", time(14), "nha ba Lan", 10),
        ("5/12 19 gio 30 nha van hoa 25", "5/12", time(19, 30), "nha van hoa", 25),
        ("5/12 7 gio ruoi toi nha van hoa", "5/12", time(19, 30), "nha van hoa", None),
        ("5/12 19h nha van hoa xom 3", "5/12", time(19), "nha van hoa xom 3", None),
        ("5/12 19h nha van hoa xom 3 40", "5/12", time(19), "nha van hoa xom 3", 40),
        ("5/12/2026 19h nha van hoa 25 gui 8499", "5/12/2026", time(19), "nha van hoa", 25),
        ("5/12 nha van hoa 25", "5/12", None, "nha van hoa", 25),
        ("19h nha van hoa", "", time(19), "nha van hoa", None),
        ("nha van hoa", "", None, "nha van hoa", None),
        ("5/12 19h", "5/12", time(19), "", None),
        ("5/12 19h 30", "5/12", time(19), "", 30),
        ("", "", None, "", None),
    ],
)  # fmt: skip
def test_a_line(typed: str, day: str, at: time | None, place: str, seats: int | None) -> None:
    wish = read_wish(typed)
    assert (wish.day, wish.at, wish.place, wish.seats) == (day, at, place, seats)


@pytest.mark.parametrize("typed", ["5/12 25h nha van hoa", "5/12 19:75 nha van hoa"])
def test_an_hour_that_no_clock_has_is_told_apart_from_none(typed: str) -> None:
    wish = read_wish(typed)
    assert wish.at is None
    assert wish.hour


@given(
    st.integers(1, 28), st.integers(1, 12), st.integers(5, 22), st.integers(5, 100),
    st.permutations(range(3)),
)  # fmt: skip
def test_the_order_of_day_hour_and_house_is_free(
    day: int, month: int, hour: int, seats: int, order: list[int]
) -> None:
    parts = (f"{day}/{month}", f"{hour}h", "nha van hoa")
    wish = read_wish(f"{' '.join(parts[place] for place in order)}, {seats} cho")
    assert (wish.day, wish.at, wish.seats) == (f"{day}/{month}", time(hour), seats)
    assert wish.place == "nha van hoa"


@given(st.text(max_size=80))
def test_anything_is_read(typed: str) -> None:
    assert len(read_wish(typed).place) <= LONGEST_PLACE
