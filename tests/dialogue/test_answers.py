"""Answers by number, and what only looks like one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dialogue.answers import BareAnswer, bare_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", BareAnswer("1", None, "")),
        (" 2 ", BareAnswer("2", None, "")),
        ("1.", BareAnswer("1", None, "")),
        ("1!!!", BareAnswer("1", None, "")),
        ("(1)", BareAnswer("1", None, "")),
        ("“2”", BareAnswer("2", None, "")),
        ("1?", BareAnswer("1", None, "")),
        ("1 ạ", BareAnswer("1", None, "")),
        ("1a", BareAnswer("1", None, "")),
        ("1 aj", BareAnswer("1", None, "")),
        ("1 nhé, cảm ơn", BareAnswer("1", None, "")),
        ("1 👍", BareAnswer("1", None, "")),
        ("１", BareAnswer("1", None, "")),
        ("số 1", BareAnswer("1", None, "")),
        ("SO 1 A", BareAnswer("1", None, "")),
        ("so1", BareAnswer("1", None, "")),
        ("soos 2", BareAnswer("2", None, "")),
        ("chọn số 2", BareAnswer("2", None, "")),
        ("Soạn 1", BareAnswer("1", None, "")),
        ("1 1234", BareAnswer("1", "1234", "")),
        ("1.1234", BareAnswer("1", "1234", "")),
        ("1, 1234", BareAnswer("1", "1234", "")),
        ("1 viec 1234", BareAnswer("1", "1234", "")),
        ("số 2 số 1234", BareAnswer("2", "1234", "")),
        ("so 2 1234 vẫn CHƯA được", BareAnswer("2", "1234", "vẫn CHƯA được")),
        ("2 mẹ tôi bị thương", BareAnswer("2", None, "mẹ tôi bị thương")),
        ("2 - chua duoc", BareAnswer("2", None, "chua duoc")),
        ("1 2kg", BareAnswer("1", None, "2kg")),
        ("1 0900000031", BareAnswer("1", None, "0900000031")),
        ("12", BareAnswer("12", None, "")),
        ("1234", BareAnswer("1234", None, "")),
        ("00018", BareAnswer("00018", None, "")),
    ],
)
def test_an_answer_is_read(text: str, answer: BareAnswer) -> None:
    assert bare_answer(text) == answer
    assert bare_answer(unicodedata.normalize("NFD", text)) in {
        answer,
        BareAnswer(answer.digits, answer.number, unicodedata.normalize("NFD", answer.words)),
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "OK",
        "ok 1",
        "mot",
        "hai",
        "so",
        "so la goi",
        "vang",
        "co",
        "1h chieu",
        "4G",
        "2 000 000".replace(" ", "."),
        "1.000d",
        "12/11",
        "7:30",
        "1/2026",
        "0900000031",
        "+84900000031",
        "giup 1",
        "toi 1",
        "①",
        "👍",
    ],
)
def test_what_only_looks_like_an_answer_is_none(text: str) -> None:
    assert bare_answer(text) is None


@given(st.integers(0, 99999), st.integers(0, 99999), st.sampled_from(["", "so ", "Số "]))
def test_both_numbers_are_kept(digits: int, number: int, before: str) -> None:
    assert bare_answer(f"{before}{digits} {number}") == BareAnswer(str(digits), str(number), "")
