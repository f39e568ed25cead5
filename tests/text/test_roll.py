"""Roll calls as people type them: numbers, ranges, all but some, somebody besides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.roll import NotARoll, Told, from_keys, read_roll, written

LISTED = range(1, 8)


@pytest.mark.parametrize(
    ("typed", "came"),
    [
        ("1 4 7", {1, 4, 7}),
        ("1,4,7", {1, 4, 7}),
        (": 1, 4 , 7.", {1, 4, 7}),
        ("1.4.7", {1, 4, 7}),
        ("1/4/7", {1, 4, 7}),
        ("1 va 4 va 7 a", {1, 4, 7}),
        ("co mat 1 4 7 nhe", {1, 4, 7}),
        ("số 1, số 4 có mặt", {1, 4}),
        ("so 1 den so 4", {1, 2, 3, 4}),
        ("1-5", {1, 2, 3, 4, 5}),
        ("1 - 3 7", {1, 2, 3, 7}),
        ("1 den 5", {1, 2, 3, 4, 5}),
        ("1 đến 3, 6 đến 7", {1, 2, 3, 6, 7}),
        ("5-3", {3, 4, 5}),
        ("tu 2 den 4", {2, 3, 4}),
        ("1-5 tru 3", {1, 2, 4, 5}),
        ("tat ca", set(LISTED)),
        ("TẤT CẢ ạ", set(LISTED)),
        ("du ca", set(LISTED)),
        ("tat ca tru 3", set(LISTED) - {3}),
        ("tất cả, trừ 3 và 5", set(LISTED) - {3, 5}),
        ("tat ca tru 3-5", set(LISTED) - {3, 4, 5}),
        ("vang 2 3", set(LISTED) - {2, 3}),
        ("khong ai", set()),
        ("khong co ai den", set()),
        ("0l 4", {1, 4}),
        ("1 1 4", {1, 4}),
    ],
)
def test_who_came_of_seven(typed: str, came: set[int]) -> None:
    roll = read_roll(typed)
    assert roll.came(LISTED) == came
    assert roll.unknown(LISTED) == []


@pytest.mark.parametrize("typed", ["", " . ", "xem 31", "tiep"])
def test_without_numbers_the_list_is_asked_for(typed: str) -> None:
    assert read_roll(typed).told is Told.NOTHING


def test_the_list_can_be_asked_for_from_a_number_on() -> None:
    assert read_roll("xem 31").shown_from == 31


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("1 4 bay", "bay"),
        ("1 4 7x", "7x"),
        ("1 4 0900000009", "0900000009"),
        ("1470", "1470"),
        ("tat ca 3", "tat ca"),
        ("tat ca tru", "tat ca tru"),
        ("hom nay dong qua", "hom"),
        ("1 4 them 090000", "090000"),
        ("1 4 them", "them"),
        ("1 4 them ba Lan", "lan"),
        ("them 0900000009 http://vi-du.vn qua", "http://vi-du.vn qua"),
        ("them 0900000009 =a", "=a"),
    ],
)
def test_what_is_no_roll_is_named(typed: str, wrong: str) -> None:
    with pytest.raises(NotARoll) as raised:
        read_roll(typed)
    assert raised.value.typed == wrong


def test_a_number_typed_twice_counts_once_and_is_told() -> None:
    assert read_roll("1 4 4 7 1-2").twice == (1, 4)


def test_numbers_that_are_not_on_the_list_are_told_in_order() -> None:
    assert read_roll("1 9 8").unknown(LISTED) == [8, 9]
    assert read_roll("tat ca tru 12").unknown(LISTED) == [12]


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("1 4 them 0900000009", [("+84900000009", "")]),
        ("them 0900 000 009 Lý Thị Thử", [("+84900000009", "Ly Thi Thu")]),
        ("them 0900000009 be 0900000010", [("+84900000009", "Be"), ("+84900000010", "")]),
        ("1 thêm 0900000009, thêm 0900000010 Ba", [("+84900000009", ""), ("+84900000010", "Ba")]),
        ("them nguoi: +84900000009", [("+84900000009", "")]),
    ],
)
def test_who_came_without_a_seat_is_added_by_number(
    typed: str, added: list[tuple[str, str]]
) -> None:
    assert [(one.msisdn, one.name) for one in read_roll(typed).added] == added


def test_adding_somebody_calls_no_roll() -> None:
    assert read_roll("them 0900000009").told is Told.NOTHING


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("010412", "01 04 12"), ("12", "12"), ("1 4 12", "1 4 12"), ("tat ca", "tat ca")],
)
def test_numbers_typed_in_a_call_have_two_digits_each(typed: str, meant: str) -> None:
    assert from_keys(typed) == meant


@pytest.mark.parametrize("typed", ["1", "147", "01041"])
def test_an_odd_number_of_digits_typed_in_a_call_is_refused(typed: str) -> None:
    with pytest.raises(NotARoll):
        from_keys(typed)


NUMBERS = st.sets(st.integers(1, 99), min_size=1, max_size=40)


@given(NUMBERS, st.sampled_from([" ", ",", ", ", ". ", "/", " va "]))
def test_any_numbers_are_read_as_they_were_meant(numbers: set[int], between: str) -> None:
    typed = between.join(str(number) for number in sorted(numbers))
    assert read_roll(typed).came(range(1, 100)) == numbers


@given(NUMBERS)
def test_what_we_write_can_be_typed_back(numbers: set[int]) -> None:
    assert read_roll(written(numbers, 999)).came(range(1, 100)) == numbers


@given(NUMBERS, NUMBERS)
def test_who_is_excepted_did_not_come_and_all_others_did(numbers: set[int], but: set[int]) -> None:
    roll = read_roll(f"tat ca tru {written(but, 999)}")
    assert roll.came(numbers) == numbers - but
    assert roll.unknown(numbers) == sorted(but - numbers)


@given(NUMBERS, st.integers(8, 60))
def test_what_we_write_fits_its_room(numbers: set[int], room: int) -> None:
    shown = written(numbers, room)
    assert len(shown) <= room
    assert "..." in shown or read_roll(shown).numbers == numbers


@given(st.text(max_size=60))
def test_anything_typed_is_read_or_refused(typed: str) -> None:
    try:
        roll = read_roll(typed)
    except NotARoll:
        return
    assert roll.came(LISTED) <= frozenset(LISTED)


@given(st.text("0123456789 -,.:+themvagoduc", max_size=40))
def test_anything_like_a_roll_is_read_or_refused(typed: str) -> None:
    try:
        roll = read_roll(typed)
    except NotARoll:
        return
    assert roll.came(LISTED) <= frozenset(LISTED)
