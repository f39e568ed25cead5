"""What a caller who is asked for a hamlet may type: a code, nearly a code, or a name."""

from __future__ import annotations

import pytest

from service.dialogue.checks import NotAccepted, hamlet


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("00018", "00018"),
        (" 00 018 ", "00018"),
        ("00-0.18", "00018"),
        ("00019", "00019"),
        ("0018", "0018"),
        ("000118", "000118"),
        ("00O18", "00018"),
        ("ooo18", "ooo18"),
        ("OO0I8", "OO0I8"),
        ("000l8", "00018"),
    ],
)
def test_digits_are_a_code_or_one_with_a_slip(typed: str, kept: str) -> None:
    assert hamlet(typed) == kept


@pytest.mark.parametrize(
    "typed", ["coc phia", "Cốc Phia", "to 5", "lo 12", "khu 3A", "na", "xom  Cốc\tPhia"]
)
def test_letters_are_a_name(typed: str) -> None:
    assert hamlet(typed) == " ".join(typed.split())


@pytest.mark.parametrize(
    "typed", ["", "*", "#", "1", "123", "1234567", "x", "ố", "😀", "?!", "٠٠٠١٨"]
)
def test_what_is_neither_is_told_how_a_code_looks(typed: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        hamlet(typed)
    assert refused.value.text == "error.hamlet_code_shape"


def test_of_a_long_text_the_beginning_is_looked_at() -> None:
    assert len(hamlet("na " * 60)) == 60
