import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.mask import Scrubbed, scrub

unhurried = settings(deadline=None)

words = st.lists(
    st.sampled_from(["toi", "nhờ", "giup", "VNeID", "xom", "Cốc", "Phia", "la", ",", "goi", "so"]),
    max_size=5,
).map(" ".join)
secret_numbers = st.from_regex(
    r"0(0[1-9]|[1-8][0-9]|9[0-6])[0-3][0-9]{8}|08[0-9]{7}|9704[0-9]{12}", fullmatch=True
)


@unhurried
@given(words, secret_numbers, words)
def test_no_identity_or_card_number_is_stored(before, number, after):
    scrubbed = scrub(f"{before} {number} {after}")
    assert scrubbed.text == f"{before} {'*' * len(number)} {after}"
    assert scrubbed.found <= {"id_number", "card"}
    assert scrubbed.found


@unhurried
@given(
    words,
    st.sampled_from(["0900 00 {}", "+8490000{}", "090000{}", "84 900 00 {}", "(0)90000{}"]),
    st.integers(0, 9999).map(lambda number: f"{number:04d}"),
    words,
)
def test_a_number_to_call_back_is_stored(before, form, last, after):
    text = f"{before} {form.format(last)} {after}"
    assert scrub(text) == Scrubbed(text, frozenset())


@unhurried
@given(
    st.lists(
        st.sampled_from(
            ["mat khau", "mã OTP", "pin", "mk", "cccd", "stk", "la", "viec", "goi", ":", ".", "d"]
        )
        | st.from_regex(r"[0-9]{1,14}", fullmatch=True)
        | st.from_regex(r"[a-z][0-9]{2,5}", fullmatch=True),
        max_size=8,
    ),
    st.sampled_from([" ", "", "-"]),
)
def test_scrubbing_twice_changes_nothing_and_takes_only_letters_and_digits(parts, between):
    text = unicodedata.normalize("NFC", between.join(parts))
    scrubbed = scrub(text)
    assert scrub(scrubbed.text).text == scrubbed.text
    assert bool(scrubbed.found) == (scrubbed.text != text)
    assert all(
        now in {was, "*"} and (now == was or was.isalnum())
        for was, now in zip(text, scrubbed.text, strict=True)
    )
