"""Texts for phones that show Vietnamese: marks stay, everything else is as on any phone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.fold import fold, tidy

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđĐĂÂÊÔƠƯ"
letters = st.text(alphabet=VIETNAMESE + " ,.-'0123456789abcXYZ", max_size=40)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Lũng Mẫu", "Lũng Mẫu"),
        ("Lu\u0303ng Ma\u0302\u0303u", "Lũng Mẫu"),
        ("“Nà Thử” – 5½ km…", '"Nà Thử" - 5 1/2 km...'),
        ("chào 😀 bà con", "chào ? bà con"),
        ("Đà\u200b Nẵng\u00a0×2", "Đà Nẵng x2"),
    ],
)
def test_letters_keep_their_marks_and_nothing_else_is_kept(typed: str, shown: str) -> None:
    assert tidy(typed) == shown


@given(letters, st.sampled_from(["NFC", "NFD"]))
def test_without_its_marks_it_is_what_everybody_else_is_sent(typed: str, form: str) -> None:
    written = unicodedata.normalize(form, typed)
    assert fold(tidy(written)) == fold(written)
    assert tidy(tidy(written)) == tidy(written)


@given(st.text(max_size=60))
def test_whatever_is_typed_only_letters_are_beyond_the_phone(typed: str) -> None:
    assert fold(tidy(typed)).unknown == ()
