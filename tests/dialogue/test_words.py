"""What an SMS means: every word of the table in every way people spell it."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.dialogue.intents import KNOWN_INTENTS
from service.dialogue.keywords import Keywords, Match
from service.dialogue.spelling import spelling
from service.menus import read_menus
from tests.dialogue.wordlists import ALIASES, EXACT, NO_KEYWORDS, TOPIC_PHRASES, TOPIC_WORDS

INBOX = read_menus().inbox
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
    "CHUA XONG": "Chưa xong",
    "DANG KY LOP": "Đăng ký lớp",
    "TU CHOI": "Từ chối",
    "KHONG NHAN TIN": "Không nhận tin",
    "DIEM DANH": "Điểm danh",
    "AN TOAN": "An toàn",
    "NGON NGU": "Ngôn ngữ",
    "XOA DU LIEU": "Xoá dữ liệu",
    "LUA DAO": "Lừa đảo",
    "KHAN CAP": "Khẩn cấp",
    "THEM": "Thêm",
    "DOI SO": "Đổi số",
}
NOT_WORDS = ["DUNG", "BO", "BAO", "NHAN", "DONG", "TT", "OK", "DAT", "CO", "KHONG", "MOT", "HAI"]
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
    for table in (ALIASES, TOPIC_WORDS + TOPIC_PHRASES):
        for (one, this), (other, that) in combinations(table, 2):
            assert one == other or spelling(this) != spelling(that), (this, that)


def test_no_word_is_a_slip_of_the_finger_from_a_word_of_another_meaning() -> None:
    for (one, this), (other, that) in combinations(ALIASES, 2):
        if one != other and min(len(this), len(that)) >= 3 and not {this, that} & EXACT:
            assert distance(spelling(this), spelling(that)) > 1, (this, that)


def test_everything_a_text_can_ask_for_has_a_word() -> None:
    assert {intent for intent, _ in ALIASES} == KNOWN_INTENTS


@pytest.mark.parametrize("words", ["TRO GIUP", "DANG KY", *NO_KEYWORDS])
def test_what_is_not_clear_is_no_match(words: str) -> None:
    assert INBOX.keywords.match(words) is None


def distance(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap with a neighbour until one word is the other."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and (a, b) == (other[j - 2], one[i - 2]):
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


@pytest.mark.parametrize("word", NOT_WORDS)
def test_words_that_mean_several_things_are_no_keywords(word: str) -> None:
    assert INBOX.keywords.match(word) is None
    assert all(spelling(word) != spelling(alias) for _, alias in ALIASES)


def test_no_word_is_a_single_letter_or_an_answer() -> None:
    assert not [alias for _, alias in ALIASES if len(alias) == 1 and alias.isalpha()]
    assert {alias for _, alias in ALIASES if alias.isdigit()} == {"112", "113", "114", "115"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("NHO", "help"),
        ("nho giup viec", "help"),
        ("huy bo 1234", "cancel"),
        ("van chua duoc", "not_solved"),
        ("dk lop 12", "training"),
        ("khong nhan tin nua", "opt_out"),
        ("xong chua", "status"),
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
        "1120",
        "21",
        "1",
        "so 2",
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


@pytest.mark.parametrize(("topic", "phrase"), TOPIC_PHRASES)
def test_what_people_say_of_a_topic_is_passed_on_whole(topic: str, phrase: str) -> None:
    for written in (phrase, phrase.lower(), phrase.replace(" ", "  ")):
        sentence = f"chau thay {written} tu hom qua"
        assert INBOX.topics.find(sentence) == Match(topic, sentence)


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
        ("bị lừa đảo qua điện thoại", "luadao", "bị lừa đảo qua điện thoại"),
        ("ddieenj thoaij hongr", "dienthoai", "hongr"),
        ("máy tôi không cài được VNeID", "vneid", "máy tôi không cài được"),
        ("cong an goi bao cai lai VNeID", "luadao", "cong an goi bao cai lai VNeID"),
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
