import pickle

import pytest
import smsutil
from gsm0338 import Codec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.text.gsm7 import (
    DEFAULT,
    DEFAULT_TABLE,
    ESCAPE,
    EXTENSION,
    EXTENSION_TABLE,
    USSD_FIRST_PAGE,
    USSD_HARD_LIMIT,
    USSD_PAGE,
    Count,
    Encoding,
    NotGsm7,
    count,
    cut,
    is_gsm7,
    overhang,
    septets,
    split,
    unknown_characters,
)

unhurried = settings(deadline=None)
oracle = Codec()

# lengths around the seams matter most, so texts are long and pairs are common
gsm_texts = st.text(
    st.sampled_from(sorted(DEFAULT)) | st.sampled_from(sorted(EXTENSION)), max_size=500
)
plain_gsm_texts = st.text(st.sampled_from(sorted(DEFAULT)), max_size=500)
wide_texts = st.builds(
    "".join, st.tuples(st.just("ă"), st.text(st.sampled_from("aăâ\n€😀🇻"), max_size=220))
)
texts = gsm_texts | plain_gsm_texts | wide_texts | st.text(max_size=250)


def units_of(text, encoding):
    if encoding is Encoding.GSM7:
        return septets(text)
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("value", [value for value in range(128) if value != ESCAPE])
def test_default_table_is_the_one_the_oracle_decodes(value):
    assert oracle.decode(bytes([value])) == (DEFAULT_TABLE[value], 1)


def test_extension_table_is_the_one_the_oracle_decodes():
    assert len(EXTENSION_TABLE) == 10
    for value, character in EXTENSION_TABLE.items():
        assert oracle.decode(bytes([ESCAPE, value])) == (character, 2)


def test_every_character_of_unicode_is_gsm_exactly_when_the_oracle_encodes_it():
    def encodes(character):
        try:
            return bool(oracle.encode(character)[0])
        except UnicodeEncodeError:
            return False

    ours = {code for code in range(0x110000) if is_gsm7(chr(code))}
    assert len(ours) == 127 + 10
    # the oracle takes a bare escape for a character; the euro sign is the last of the alphabet, and
    # the oracle is too slow to be asked about all that follows
    assert ours | {ESCAPE} == {code for code in range(0x3000) if encodes(chr(code))}


def test_escape_alone_is_no_character():
    # both oracles take it for one, which is why they never meet one below
    assert not is_gsm7("\x1b")
    assert unknown_characters("a\x1b") == ("\x1b",)


@unhurried
@given(gsm_texts)
def test_septets_are_what_the_oracle_encodes(text):
    assert septets(text) == len(oracle.encode(text)[0])


def test_septets_names_each_foreign_character_once_and_in_order():
    with pytest.raises(NotGsm7) as caught:
        septets("Tổ số nhờ tổ [1]")
    assert caught.value.characters == ("ổ", "ố", "ờ")
    assert "'ổ' (U+1ED5), 'ố' (U+1ED1), 'ờ' (U+1EDD)" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).characters == ("ổ", "ố", "ờ")


@unhurried
@given(texts)
def test_text_is_gsm_exactly_when_nothing_is_unknown(text):
    assert is_gsm7(text) == (unknown_characters(text) == ())
    assert list(unknown_characters(text)) == [
        character
        for place, character in enumerate(text)
        if not is_gsm7(character) and character not in text[:place]
    ]


@unhurried
@given(texts)
def test_split_is_what_smsutil_splits(text):
    # smsutil calls an empty text UTF-16 and a bare escape GSM; both are tested on their own
    assume(text and "\x1b" not in text)
    theirs = smsutil.split(text)
    assert split(text) == [part.content for part in theirs.parts]
    ours = count(text)
    assert ours.segments == len(theirs.parts)
    size = 1 if ours.encoding is Encoding.GSM7 else 2
    assert ours.units * size == theirs.total_bytes
    assert (ours.encoding is Encoding.GSM7) == (theirs.encoding == "gsm0338")


@unhurried
@given(texts)
def test_segments_join_to_the_text_and_each_fits(text):
    segments = split(text)
    size = count(text)
    assert "".join(segments) == text
    assert len(segments) == size.segments
    alone, joined = (160, 153) if size.encoding is Encoding.GSM7 else (70, 67)
    limit = alone if len(segments) == 1 else joined
    used = [units_of(segment, size.encoding) for segment in segments]
    assert max(used) <= limit
    assert sum(used) == size.units
    assert size.left == limit - used[-1]
    # a segment ends early only for a pair that did not fit whole
    assert all(limit - one <= 1 for one in used[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Count(Encoding.GSM7, 0, 1, 160)),
        ("a", Count(Encoding.GSM7, 1, 1, 159)),
        ("a" * 160, Count(Encoding.GSM7, 160, 1, 0)),
        ("a" * 161, Count(Encoding.GSM7, 161, 2, 145)),
        ("a" * 306, Count(Encoding.GSM7, 306, 2, 0)),
        ("a" * 307, Count(Encoding.GSM7, 307, 3, 152)),
        ("a" * 158 + "[", Count(Encoding.GSM7, 160, 1, 0)),
        ("a" * 159 + "[", Count(Encoding.GSM7, 161, 2, 145)),
        # the pair would straddle the seam, so the first segment is one septet short
        ("a" * 152 + "[" + "a" * 7, Count(Encoding.GSM7, 161, 2, 144)),
        ("€" * 153, Count(Encoding.GSM7, 306, 3, 151)),
        ("ă" * 70, Count(Encoding.UCS2, 70, 1, 0)),
        ("ă" * 71, Count(Encoding.UCS2, 71, 2, 63)),
        ("ă" * 134, Count(Encoding.UCS2, 134, 2, 0)),
        ("😀" * 35, Count(Encoding.UCS2, 70, 1, 0)),
        ("ă" * 66 + "😀" * 3, Count(Encoding.UCS2, 72, 2, 61)),
        ("[" * 10 + "ă", Count(Encoding.UCS2, 11, 1, 59)),
    ],
)
def test_sizes_at_the_seams(text, expected):
    assert count(text) == expected
    assert len(split(text)) == expected.segments


# a vendor's table of advertising segments, where label and refusal notice take 38
@pytest.mark.parametrize(("length", "segments"), [(122, 1), (268, 2), (421, 3)])
def test_reserved_tail_leaves_what_the_vendor_says(length, segments):
    assert count("a" * length, reserved=38) == Count(Encoding.GSM7, length, segments, 0)
    assert count("a" * (length + 1), reserved=38).segments == segments + 1


@unhurried
@given(gsm_texts | wide_texts, st.integers(0, 400))
def test_reserved_units_cost_as_if_they_were_written(text, reserved):
    ours, written = count(text, reserved=reserved), count(text + "x" * reserved)
    assert (ours.segments, ours.left) == (written.segments, written.left)
    assert ours.units == written.units - reserved


def test_negative_sizes_are_refused():
    with pytest.raises(ValueError, match="-1 reserved"):
        count("a", reserved=-1)
    with pytest.raises(ValueError, match="-1 reserved"):
        overhang("a", 1, reserved=-1)
    with pytest.raises(ValueError, match="limit of -1"):
        cut("a", -1)
    with pytest.raises(ValueError, match="0 segments"):
        overhang("a", 0)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Coc Phia", 8, "Coc Phia"),
        ("Coc Phia", 7, "Coc..."),
        ("Coc Phia", 6, "Coc..."),
        ("Coc Phia", 3, "..."),
        ("Coc Phia", 2, ".."),
        ("Coc Phia", 0, ""),
        ("", 0, ""),
        ("[[[", 6, "[[["),
        ("[[[", 5, "[..."),
        ("[[[", 4, "..."),
        ("Na Lip\nPo Thung", 10, "Na Lip..."),
    ],
)
def test_cut_shows_that_something_was_lost(text, limit, expected):
    assert cut(text, limit) == expected


@unhurried
@given(gsm_texts, st.integers(0, 200))
def test_cut_text_fits_and_begins_as_the_text_did(text, limit):
    short = cut(text, limit)
    assert septets(short) <= limit
    if septets(text) <= limit:
        assert short == text
    else:
        dots = "..."[:limit]
        kept = short.removesuffix(dots)
        assert short == kept + dots
        assert text.startswith(kept)
        # nothing was lost that had room: the next word's first character is too wide
        rest = text[len(kept) :].lstrip(" \n\r")
        skipped = len(text) - len(kept) - len(rest)
        assert septets(kept) + skipped + septets(rest[:1]) + len(dots) > limit
    assert cut(short, limit) == short


def test_cut_refuses_what_is_not_gsm():
    with pytest.raises(NotGsm7):
        cut("Cốc Phia", 3)


@unhurried
@given(gsm_texts | wide_texts, st.integers(1, 4), st.integers(0, 60))
def test_overhang_is_the_least_that_must_go_from_the_end(text, segments, reserved):
    over = overhang(text, segments, reserved=reserved)
    encoding = count(text).encoding
    assert (over == 0) == (count(text, reserved=reserved).segments <= segments)
    # a text may stay UCS-2 only by its first letter, which is never cut here
    removed = 0
    while units_of(text[len(text) - removed :], encoding) < over:
        removed += 1
    assert units_of(text[len(text) - removed :], encoding) == over
    assert count(text[: len(text) - removed], reserved=reserved).segments <= segments
    if removed:
        longer = text[: len(text) - removed + 1]
        assert count(longer, reserved=reserved).segments > segments


def test_everything_hangs_over_when_the_operator_takes_all_the_room():
    assert overhang("abc[", 1, reserved=161) == 5


def test_ussd_limit_is_what_160_octets_hold():
    assert USSD_HARD_LIMIT * 7 <= 160 * 8 < (USSD_HARD_LIMIT + 1) * 7
    assert (USSD_FIRST_PAGE, USSD_PAGE, USSD_HARD_LIMIT) == (140, 160, 182)
