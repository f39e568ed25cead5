"""One slip on a keypad: what may have been meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.text.codes import hamlet_code, is_hamlet_code
from service.text.slips import code_slips, word_slips

sequences = st.integers(1, 9999)
words = st.text(alphabet="abcghiknouy", min_size=4, max_size=9)


@given(sequences, st.integers(0, 4), st.sampled_from("0123456789"))
def test_a_wrong_digit_leads_back_to_the_code(sequence: int, place: int, digit: str) -> None:
    code = hamlet_code(sequence)
    typed = f"{code[:place]}{digit}{code[place + 1 :]}"
    assert typed == code or code in code_slips(typed)


@given(sequences, st.integers(0, 3))
def test_two_digits_swapped_lead_back_to_the_code(sequence: int, place: int) -> None:
    code = hamlet_code(sequence)
    typed = f"{code[:place]}{code[place + 1]}{code[place]}{code[place + 2 :]}"
    assert typed == code or code in code_slips(typed)


@given(sequences, st.integers(0, 4), st.sampled_from("0123456789"))
def test_a_digit_lost_or_too_many_leads_back_to_the_code(
    sequence: int, place: int, digit: str
) -> None:
    code = hamlet_code(sequence)
    assert code in code_slips(f"{code[:place]}{code[place + 1 :]}")
    assert code in code_slips(f"{code[:place]}{digit}{code[place:]}")


@given(st.text(alphabet="0123456789", min_size=3, max_size=7))
def test_what_may_have_been_meant_are_other_codes_in_order(typed: str) -> None:
    meant = code_slips(typed)
    assert meant == sorted(set(meant))
    assert typed not in meant
    assert all(is_hamlet_code(code) and abs(len(code) - len(typed)) <= 1 for code in meant)


@given(words, st.data())
def test_a_slip_in_a_word_leads_back_to_it(word: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(word_slips(word)))
    assert typed != word
    assert len(typed) < 4 or word in word_slips(typed)


def test_short_words_and_numbers_have_no_slips() -> None:
    assert word_slips("coc") == []
    assert word_slips("to12") == []
    assert word_slips("phia")
