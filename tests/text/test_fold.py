import unicodedata
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.fold import Folded, clean_input, fold, search_key
from service.text.gsm7 import is_gsm7

unhurried = settings(deadline=None)

TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng
ACCENTED = {
    unicodedata.normalize("NFC", vowel + tone): plain
    for (vowel, plain), tone in product(
        zip("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY", "aaaeeiooouuyAAAEEIOOOUUY", strict=True), TONES
    )
    if vowel != plain or tone
} | {"đ": "d", "Đ": "D"}

# what people on phones and in offices really put into a text, and anything else
lively = st.text(
    st.sampled_from(
        "aạđĐ ếỪ1½²①“–…\u00a0\u200b\u200d\ufe0f\u20e3\u0301\u0323\r\n\t₫😀👍🏽🇻🇳កាก่张\ud800"
    )
    | st.characters(exclude_categories=[]),
    max_size=60,
)


def test_there_are_134_accented_letters_and_gsm_has_seven():
    assert len(ACCENTED) == 134
    assert {letter for letter in ACCENTED if is_gsm7(letter)} == set("àèéìòùÉ")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("letter", "plain"), ACCENTED.items())
def test_each_vietnamese_letter_loses_its_marks(letter, plain, form):
    word = unicodedata.normalize(form, f"x{letter}y")
    assert fold(word) == Folded(f"x{plain}y", ())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Tổ công nghệ số cộng đồng", "To cong nghe so cong dong"),
        ("ĐÀM THỦY, Đàm Thuỷ", "DAM THUY, Dam Thuy"),
        # all or nothing: "è" is in GSM 03.38, "ế" is not
        ("chè, ghế", "che, ghe"),
        ("Ntơưr Hmôngz Viêx Nangz", "Ntour Hmongz Viex Nangz"),
        ("t'ày slư ŋuồn", "t'ay slu nuon"),
        ("“Nhờ giúp” – ‘gấp’…", "\"Nho giup\" - 'gap'..."),
        ("« a » ‹b› t’i", "\" a \" 'b' t'i"),
        ("a—b‒c−d‐e‑f", "a-b-c-d-e-f"),
        ("• một\n• hai", "- mot\n- hai"),
        ("50.000\u00a0₫", "50.000 d"),
        ("a\u2009b\u3000c\td", "a b c d"),
        ("một\r\nhai\rba\u2028bốn", "mot\nhai\nba\nbon"),
        ("a\u200bb\u00ad\u202ec\u2066d\ufeff\x00\x1b\x7f\x85e", "abcd\ne"),
        ("Ðồng", "Dong"),  # the Icelandic letter, as old fonts leave it
        ("30°C, 2×3, ≥5", "30oC, 2x3, >=5"),
        ("m², H₂O, 10², 5½ kg, ½", "m2, H2O, 10^2, 5 1/2 kg, 1/2"),
        ("①2 ②", "(1)2 (2)"),
        ("Ｘｉｎ １２", "Xin 12"),
        ("𝐗𝐢𝐧 ﬁ № ™", "Xin fi No TM"),
        ("1️⃣ Nhờ giúp", "1 Nho giup"),
        ("£ ¥ € § ¿ Δ Ω ß Ø æ [x] {y}", "£ ¥ € § ¿ Δ Ω ß Ø æ [x] {y}"),
        ("Å ä ñ Ç ü", "A a n C u"),
    ],
)
def test_what_has_a_plain_form_is_written_plain(text, plain):
    assert fold(text) == Folded(plain, ())
    assert fold(unicodedata.normalize("NFD", text)) == Folded(plain, ())


@pytest.mark.parametrize(
    ("text", "plain", "unknown"),
    [
        ("Vâng 👍", "Vang ?", ("👍",)),
        ("😀😀 😀", "?? ?", ("😀",)),
        ("👨‍👩‍👧 đi", "? di", ("👨‍👩‍👧",)),
        ("☎️ 113", "? 113", ("☎️",)),
        ("👍🏽!", "?!", ("👍🏽",)),
        ("🇻🇳🇱🇦", "??", ("🇻🇳", "🇱🇦")),
        ("🇦🇿🇿🇦", "??", ("🇦🇿", "🇿🇦")),
        ("张三", "??", ("张", "三")),
        ("ខ្មែរ", "???", ("ខ្", "មែ", "រ")),
        ("ก่ำ ດີ", "?? ?", ("ก่", "ำ", "ດີ")),
        ("xóm Жданов", "xom ??????", ("Ж", "д", "а", "н", "о", "в")),
        ("a\u0e48", "a?", ("\u0e48",)),
        ("٣", "?", ("٣",)),
        ("x\ud83d", "x?", ("\ufffd",)),
        ("\ue000\U0010ffff", "??", ("\ue000", "\U0010ffff")),
    ],
)
def test_what_has_no_plain_form_is_one_mark_and_reported(text, plain, unknown):
    assert fold(text) == Folded(plain, unknown)


def test_a_plain_text_is_handed_back_as_it_is():
    text = "To cong nghe so\n1 Nho giup [gap] 5€"
    assert fold(text).text is text


@unhurried
@given(lively)
def test_folded_text_is_gsm_without_marks_and_folds_to_itself(text):
    folded = fold(text)
    assert is_gsm7(folded.text)
    assert unicodedata.normalize("NFD", folded.text) == folded.text
    assert not set("\r\t\f\x1b") & set(folded.text)
    assert fold(folded.text) == Folded(folded.text, ())
    assert len(set(folded.unknown)) == len(folded.unknown)
    "".join(folded.unknown).encode()  # what is reported can be shown and stored


@unhurried
@given(lively)
def test_a_question_mark_that_was_not_typed_is_always_reported(text):
    folded = fold(text)
    typed = set("?？⁇⁈⁉︖﹖") & set(text)
    if folded.unknown:
        assert "?" in folded.text
    else:
        assert bool(typed) == ("?" in folded.text)


@unhurried
@given(st.text(st.sampled_from([*ACCENTED, " ", "\n", "1", "-"]), max_size=80))
def test_composed_and_decomposed_vietnamese_fold_alike(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(text).unknown == ()


SWEEP = [*map(chr, [*range(0x20000), *range(0xE0000, 0xE0200)])]


def test_every_character_ends_as_gsm_or_is_reported():
    for character in SWEEP:
        folded = fold(character)
        assert is_gsm7(folded.text), hex(ord(character))
        if folded.unknown:
            assert folded.text == "?", hex(ord(character))
        elif unicodedata.category(character) == "Zs":
            assert folded.text == " ", hex(ord(character))


def test_only_what_shows_nothing_is_dropped():
    silent = [character for character in SWEEP if fold(character) == Folded("", ())]
    kinds = {unicodedata.category(character) for character in silent}
    assert kinds <= {"Cc", "Cf", "Mn", "Me", "Cn"}
    assert set(silent) > {*"\x00\x1b\x7f\x9f\u0300\u036f\u1ab0\u1dc0\u1dff\u200b\u200f\u202a\u202e"}
    assert set(silent) > {
        *"\u2060\u2064\u20d0\u20f0\ufe00\ufe0f\ufe20\ufeff\U000e0020\U000e0100\U000e01ef"
    }
    # of letters' marks only those of the Latin script; a vowel sign of Khmer or Thai is reported
    marks = [one for one in silent if unicodedata.category(one).startswith("M")]
    names = [unicodedata.name(mark) for mark in marks]
    assert not [name for name in names if not name.startswith(("COMBINING", "VARIATION SELECTOR"))]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  GIÚP  ", "giup"),
        ("Giúp.", "giup"),
        ("...giup!!!", "giup"),
        ("Nhờ\n giúp", "nho giup"),
        ("NHO\u00a0GIUP 😀", "nho giup"),
        ("“Hoà An”", "hoa an"),
        ("Hòa An", "hoa an"),
        ("Đàm Thuỷ", "dam thuy"),
        ("Co-op (2)", "co-op (2"),
        ("?", "?"),
        ("...", "..."),
        ("*#", "*#"),
        ("", ""),
        (" \n ", ""),
        ("ＧＩＵＰ", "giup"),
    ],
)
def test_spellings_of_one_word_have_one_key(text, key):
    assert search_key(text) == key
    assert search_key(unicodedata.normalize("NFD", text)) == key


def test_names_in_another_script_do_not_all_match_each_other():
    assert search_key("张三") == "张三"
    assert search_key("ខ្មែរ") != search_key("ភាសា")
    assert search_key("ខ្មែរ!") == search_key("ខ្មែរ")


@unhurried
@given(lively)
def test_search_key_is_settled(text):
    key = search_key(text)
    assert search_key(key) == key
    assert key == " ".join(key.split())


@unhurried
@given(st.text(st.sampled_from([*ACCENTED, *"abc 12.-"]), max_size=40))
def test_search_key_knows_no_case_and_no_marks(text):
    assert search_key(text.upper()) == search_key(text) == search_key(fold(text).text)


@pytest.mark.parametrize(
    ("typed", "limit", "kept"),
    [
        ("Cốc Phia", 20, "Cốc Phia"),
        (unicodedata.normalize("NFD", "Cốc Phia"), 20, "Cốc Phia"),
        ("a\x00b\x1b[31mc\x7f\x9f", 20, "ab[31mc"),
        ("một\r\nhai\rba\tbốn", 20, "một\nhai\nba bốn"),
        ("a\u200b\u200d\u202e\u2066\ufeff\u00adb", 20, "ab"),
        ("a\ud800b\udfff", 20, "ab"),
        ("1*2*3", 3, "1*2"),
        ("abc", 0, ""),
        ("😀😀😀", 2, "😀😀"),
        ("x" + "b\u0323\u0331", 2, "x"),  # b with two marks, of which NFC joins one
        ("ខ្មែរ", 1, ""),
        ("ខ្មែរ", 2, "ខ្"),
        ("\u03b1\u0313\u0300\u0345" * 3, 2, "ᾂᾂ"),  # four typed, one kept
        ("e" + "\u0301" * 10_000, 5, ""),
        ("ab" + "e" + "\u0316" * 10_000, 5, "ab"),
    ],
)
def test_input_is_made_safe_to_store(typed, limit, kept):
    assert clean_input(typed, limit) == kept


def test_negative_limit_of_input_is_refused():
    with pytest.raises(ValueError, match="limit of -1"):
        clean_input("abc", -1)


@unhurried
@given(lively, st.integers(0, 80))
def test_stored_input_is_composed_encodable_and_short(typed, limit):
    safe = clean_input(typed, limit)
    assert len(safe) <= limit
    assert unicodedata.is_normalized("NFC", safe)
    assert safe.encode().decode() == safe
    assert not {unicodedata.category(one) for one in safe.replace("\n", "")} & {"Cc", "Cs"}
    assert not set(safe) & set("\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff")
    assert clean_input(safe, limit) == safe


@unhurried
@given(lively, st.integers(0, 80))
def test_input_is_cut_where_a_letter_begins(typed, limit):
    whole = clean_input(typed, 10_000)
    safe = clean_input(typed, limit)
    assert whole.startswith(safe)
    rest = whole[len(safe) :]
    assert not rest or not unicodedata.combining(rest[0]) or not safe
