"""What an SMS means: every word of the table in every way people spell it."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from service.dialogue.keywords import Keywords, Match, spelling
from service.menus import FOLDER, read_menus

WORDS = yaml.safe_load((FOLDER / "keywords.yaml").read_text(encoding="utf-8"))
TOPICS = yaml.safe_load((FOLDER / "topics.yaml").read_text(encoding="utf-8"))
INBOX = read_menus().inbox
ALIASES = [(intent, alias) for intent, aliases in WORDS.items() for alias in aliases]
TOPIC_WORDS = [(topic, word) for topic, words in TOPICS.items() for word in words]
MARKED = {
    "GIUP": "Giúp",
    "NHO GIUP": "Nhờ giúp",
    "CAN GIUP": "Cần giúp",
    "GIUP TOI": "Giúp tôi",
    "GIUP DO": "Giúp đỡ",
    "HO TRO": "Hỗ trợ",
    "NHO": "Nhờ",
    "HUONG DAN": "Hướng dẫn",
    "CACH DUNG": "Cách dùng",
    "YEU CAU": "Yêu cầu",
    "TINH TRANG": "Tình trạng",
    "HUY": "Huỷ",
    "HUY BO": "Hủy bỏ",
    "THOI": "Thôi",
    "NHAN VIEC": "Nhận việc",
    "LAM": "Làm",
    "HOAN THANH": "Hoàn thành",
    "DA XONG": "Đã xong",
    "SO 1": "Số 1",
    "SO 2": "Số 2",
    "CHUA XONG": "Chưa xong",
}
NOT_WORDS = ["DUNG", "BO", "BAO", "NHAN", "DONG", "TT", "OK", "DAT", "CO", "KHONG", "TRO GIUP"]
"""Words that mean several things without marks, and OK, which people send to anything."""


def spellings(alias: str) -> dict[str, str]:
    """Return how people write an alias."""
    marked = MARKED.get(alias, alias)
    return {
        "capitals": alias,
        "small": alias.lower(),
        "title": alias.title(),
        "many spaces": f"  {alias.replace(' ', '   ')}  ",
        "no space": alias.replace(" ", ""),
        "a new line": alias.replace(" ", "\n"),
        "dots": f".{alias.replace(' ', '.')}.",
        "a colon": f"{alias}:",
        "marks": marked,
        "small with marks": marked.lower(),
        "capitals with marks": marked.upper(),
        "marks apart": unicodedata.normalize("NFD", marked),
        "quotes": f"“{alias}”",
    }


@pytest.mark.parametrize(("intent", "alias"), ALIASES)
def test_a_word_is_understood_in_every_spelling(intent: str, alias: str) -> None:
    for how, written in spellings(alias).items():
        match = INBOX.keywords.match(written)
        assert match is not None, f"{how}: {written!r}"
        assert match.intent == intent, f"{how}: {written!r}"


@pytest.mark.parametrize(("intent", "alias"), [a for a in ALIASES if a[1][-1].isalpha()])
def test_a_number_needs_no_space(intent: str, alias: str) -> None:
    for written in ("{}1234", "{} 1234", "{}.1234", "{}: 1234", "{}-1234", "{}+1234", "{}\n1234"):
        for how, spelt in spellings(alias).items():
            if how != "quotes":
                match = INBOX.keywords.match(written.format(spelt.strip(" .:")))
                assert match == Match(intent, "1234"), f"{how}: {written!r}"


@pytest.mark.parametrize(("intent", "alias"), ALIASES)
def test_what_stands_behind_a_word_is_kept_as_typed(intent: str, alias: str) -> None:
    words = "Điện thoại HỎNG, gọi 2 lần (không được)..."
    assert INBOX.keywords.match(f"{alias} {words}") == Match(intent, words)


@given(st.sampled_from(ALIASES), st.text(alphabet="xyzđêơ .,!0123456789", min_size=1, max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_words_behind_a_word_are_lost(pair: tuple[str, str], words: str) -> None:
    intent, alias = pair
    match = INBOX.keywords.match(f"{alias} {words}")
    assert match is not None
    if match.intent == intent:
        assert match.rest == words.strip().lstrip(" .,:;!?/=+-").rstrip()


def test_no_word_means_two_things() -> None:
    for table in (ALIASES, TOPIC_WORDS):
        for (one, this), (other, that) in combinations(table, 2):
            assert one == other or spelling(this) != spelling(that), (this, that)


def test_no_word_is_a_slip_of_the_finger_from_a_word_of_another_meaning() -> None:
    for (one, this), (other, that) in combinations(ALIASES, 2):
        if one != other and min(len(this), len(that)) >= 3 and not this[-1:].isdigit():
            assert distance(spelling(this), spelling(that)) > 1, (this, that)


def distance(one: str, other: str) -> int:
    """Letters to insert, delete or replace until one word is the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@pytest.mark.parametrize("word", NOT_WORDS)
def test_words_that_mean_several_things_are_no_keywords(word: str) -> None:
    assert INBOX.keywords.match(word) is None
    assert all(spelling(word) != spelling(alias) for _, alias in ALIASES)


def test_no_word_is_a_single_letter() -> None:
    assert not [alias for _, alias in ALIASES if len(alias) == 1 and alias.isalpha()]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("NHO", "help"),
        ("nho giup viec", "help"),
        ("huy bo 1234", "cancel"),
        ("1", "solved"),
        ("1.", "solved"),
        ("1 ạ", "solved"),
        ("số 1", "solved"),
        ("so 2 nhe", "not_solved"),
        ("?", "howto"),
        ("n.v. 3", "accept"),
        ("N V 3", "accept"),
    ],
)
def test_the_longest_word_wins(text: str, intent: str) -> None:
    match = INBOX.keywords.match(text)
    assert match is not None
    assert match.intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "...",
        "12",
        "1 2 3 4".replace(" ", ""),
        "112",
        "21",
        "toi can giup",
        "nhom",
        "xongs",
        "huyen",
        "9",
        "😀",
        "giupnhe",
    ],
)
def test_what_begins_with_no_word_means_nothing(text: str) -> None:
    assert INBOX.keywords.match(text) is None


def test_two_numbers_are_never_read_as_one() -> None:
    words = Keywords({"rescue": ["112"], "one": ["1"]})
    assert words.match("1 12") == Match("one", "12")
    assert words.match("11 2") is None
    assert words.match("112") == Match("rescue", "")


@pytest.mark.parametrize(("topic", "word"), TOPIC_WORDS)
def test_a_topic_is_found_inside_a_sentence(topic: str, word: str) -> None:
    for written in (word, word.lower(), word.replace(" ", ""), word.replace(" ", "  ")):
        found = INBOX.topics.find(f"xin hoi ve {written}, mai toi ranh")
        assert found == Match(topic, "xin hoi ve mai toi ranh")


@pytest.mark.parametrize(
    ("sentence", "topic", "rest"),
    [
        ("VNeID không mở được", "vneid", "không mở được"),
        ("cài Căn cước điện tử", "vneid", "cài điện tử"),
        ("Điện thoại của bà hỏng", "dienthoai", "của bà hỏng"),
        ("sim 4g", "dienthoai", "4g"),
        (
            "may khac goi duoc, dien thoai nay thi khong",
            "dienthoai",
            "may khac goi duoc, nay thi khong",
        ),
        ("bị lừa đảo qua điện thoại", "luadao", "bị qua điện thoại"),
    ],
)
def test_the_first_topic_in_a_sentence_decides(sentence: str, topic: str, rest: str) -> None:
    assert INBOX.topics.find(sentence) == Match(topic, rest)
    assert INBOX.topics.find(unicodedata.normalize("NFD", sentence)).intent == topic


@pytest.mark.parametrize("sentence", ["", "mat the", "khac", "toi muon hoi viec nay"])
def test_a_sentence_may_name_no_topic(sentence: str) -> None:
    assert INBOX.topics.find(sentence) is None


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_fault(text: str) -> None:
    for table in (INBOX.keywords, INBOX.topics):
        match = table.match(text)
        assert match is None or match.rest in text
        table.find(text)
