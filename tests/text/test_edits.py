"""One slip of a finger, checked against the textbook's table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.edits import one_slip_apart
from tests.dialogue.test_words import distance

SHORT = st.text(alphabet="abc", max_size=6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("giup", "guip"),
        ("giup", "gip"),
        ("giup", "giupp"),
        ("giup", "gjup"),
        ("stop", "top"),
        ("stop", "stpo"),
        ("a", ""),
        ("ab", "ba"),
    ],
)
def test_a_letter_more_less_other_or_swapped(one: str, other: str) -> None:
    assert one_slip_apart(one, other)
    assert one_slip_apart(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("giup", "giup"), ("giup", "guop"), ("giup", "gi"), ("abc", "cab"), ("", "")]
)
def test_none_and_two_are_not_one(one: str, other: str) -> None:
    assert not one_slip_apart(one, other)


@given(SHORT, SHORT)
@settings(max_examples=1000)
def test_it_is_what_the_whole_table_says(one: str, other: str) -> None:
    assert one_slip_apart(one, other) == (distance(one, other) == 1)
