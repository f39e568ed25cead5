"""Short spellings people use between themselves."""

from __future__ import annotations

import pytest

from service.text.short import SHORT, in_full
from service.text.syllables import is_syllable


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ko", "khong"),
        ("hok", "khong"),
        ("dc", "duoc"),
        ("jup", "giup"),
        ("vs", "voi"),
        ("toi", "toi"),
        ("", ""),
    ],
)
def test_a_short_spelling_is_read_in_full(typed: str, meant: str) -> None:
    assert in_full(typed) == meant


def test_what_stands_for_a_word_is_one() -> None:
    assert [word for word in SHORT.values() if not is_syllable(word)] == []
