"""Names as people type them, and what is none and would be sent on as one."""

from __future__ import annotations

import unicodedata

import pytest

from service.text.person_names import is_name


@pytest.mark.parametrize(
    "words",
    ["Nông Thị A", "me Lan", "H'Mông", "Giàng A-Di", "N.T. Lan", "Ng. Van A", "Vừ Mí"],
)
def test_names_are_names_composed_or_not(words: str) -> None:
    assert is_name(words)
    assert is_name(unicodedata.normalize("NFD", words))


@pytest.mark.parametrize(
    "words",
    [
        *("", " ", "-", "..", "12", "Lan 2", "Lan?", "=A", "+Lan", "@Lan", "<b>Lan</b>", "a_b"),
        *(
            "www.vi-du.vn",
            "vi-du.vn",
            "www vi du",
            "http://vidu",
            "Lan, Hoa",
            "Lan/Hoa",
            "Lan\tHoa",
        ),
        *("\x1b[31mLan", "Lan\u202eHoa"),
    ],
)
def test_what_is_no_name(words: str) -> None:
    assert not is_name(words)
