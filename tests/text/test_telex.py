"""Telex keys that a phone without Vietnamese leaves standing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.telex import without_telex


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("huyr", "huy"),
        ("giups", "giup"),
        ("giusp", "giup"),
        ("xoas", "xoa"),
        ("tuwf", "tu"),
        ("twf", "tu"),
        ("choois", "choi"),
        ("chooix", "choi"),
        ("lowps", "lop"),
        ("lopw", "lop"),
        ("ddk", "dk"),
        ("hoox", "ho"),
        ("trowj", "tro"),
        ("hoxtrowj", "hotro"),
        ("dieemr", "diem"),
        ("danh", "danh"),
        ("huowngs", "huong"),
        ("huwowngs", "huong"),
        ("dduwowcj", "duoc"),
        ("ddieenj", "dien"),
        ("khaarn", "khan"),
        ("cuus", "cuu"),
        ("saxx", "sa"),
        ("nguwngf", "ngung"),
        ("trangs", "trang"),
        # no Telex, and changed only where a tone could stand
        ("dd", "dd"),
        ("xoa", "xoa"),
        ("vssid", "vssid"),
        ("sim", "sim"),
        ("stop", "stop"),
        ("tc", "tc"),
        ("sos", "so"),
        ("", ""),
        ("12", "12"),
    ],
)
def test_a_word_loses_its_telex_keys(typed: str, meant: str) -> None:
    assert without_telex(typed) == meant


@given(st.text(alphabet="abcdeghiklmnopqrstuvwxyfj0", max_size=12))
def test_what_has_lost_its_keys_is_never_longer_and_begins_alike(word: str) -> None:
    cleaned = without_telex(word)
    assert len(cleaned) <= len(word)
    assert word.startswith("w") or cleaned[:1] == word[:1]
