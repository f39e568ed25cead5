"""Words that mislead without their marks, links, and numbers that cost: each rule at both its edges."""

from __future__ import annotations

import pytest

from service.dialogue.ambiguous import AMBIGUOUS, speaks_like_a_stranger, unclear_words
from service.dialogue.scamlike import pushing, scamlike, unpriced_numbers

ALONE = {
    "Dung hay sai?": "dung",
    "Tin bao so 3": "bao",
    "CANH BAO LU: bao lu ve": "bao",
    "Chay di ngay": "chay",
    "Soan NHAN gui 8499": "nhan",
    "Nhan tin cho to": "nhan",
    "Dong viec 12": "dong",
    "Chuyen len xa": "chuyen",
    "Con nam ngay": "nam",
    "Cho ba ngay": "ba",
    "Den hai lan": "hai",
    "Bam khong de ve": "bam khong",
    "Tieng Tay": "tay",
    "Tieng Dao": "dao",
    "Can gap to truong": "can gap",
    "Viec dang cho": "dang cho",
    "Mat may": "mat",
}
CLEAR = [
    "Dong y", "Nhan viec", "Tin nhan dang gui", "Luc nao bao gio cung duoc", "Khong can gui lai",
    "To so khong bao gio hoi", "Ba con nghi bi lua dao", "Lay van tay", "Mang di dong", "Mat khau",
    "{leader} nhan viec", "Chay nha goi 114", "Bam khong duoc thi goi lai", "Namh", "Tin cua ba con",
]  # fmt: skip


@pytest.mark.parametrize(("said", "word"), ALONE.items())
def test_a_word_alone_is_unclear(said: str, word: str) -> None:
    assert word in unclear_words("root.x", said)


@pytest.mark.parametrize("said", CLEAR)
def test_a_phrase_can_make_it_clear(said: str) -> None:
    assert unclear_words("root.x", said) == ()


def test_peoples_are_clear_in_the_language_menu_only() -> None:
    assert unclear_words("language.name", "Tieng Tay, tieng Dao") == ()
    assert unclear_words("root.language", "Tieng Tay, tieng Dao") == ("tay", "dao")


def test_every_rule_has_a_phrase_that_breaks_it() -> None:
    assert set(AMBIGUOUS) - {"ve dau", "phim khong"} <= set(ALONE.values())


def test_strangers_say_ban_and_we_do_not() -> None:
    assert speaks_like_a_stranger("Chao ban, moi quy khach")
    assert not speaks_like_a_stranger("Ban hang tren mang. Dich vu dang ban.")


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("Hoi: 19009068.", ("19009068",)),
        ("Hoi: 1900 9068 ngay.", ("1900 9068",)),
        ("Hoi: 19009068 (1000d/phut).", ()),
        ("Ask 19009068 (1000d/min) or text BH to 8079 (1000d).", ()),
        ("soan BH MK gui 8079. Gia 1000d", ("8079",)),
        ("soan S gui 5656 hoac gui 156", ()),
        ("Goi 112, 113, 18001096", ()),
        ("soan YC gui {sms_code}", ()),
    ],
)
def test_a_charged_number_has_its_price_behind_it(said: str, numbers: tuple[str, ...]) -> None:
    assert unpriced_numbers(said) == numbers


@pytest.mark.parametrize(
    "said", ["vao dichvucong.gov.vn", "https://x", "WWW.x", "go vneid.gov.vn ngay", "bit.ly/3x"]
)
def test_a_link_is_a_fault_in_any_language(said: str) -> None:
    assert any("looks like a link" in fault for fault in scamlike(said))


def test_links_may_be_warned_against_and_not_offered() -> None:
    assert list(pushing("Khong bam link. NEVER tap a link.", lambda _: False)) == []
    assert len(list(pushing("Khong sao. Bam link nay.", lambda _: False))) == 1


def test_capitals_are_for_keywords_and_warnings() -> None:
    assert list(pushing("GOI NGAY {leader}. soan XONG gui", {"XONG"}.__contains__)) == []
    assert list(pushing("KHUYEN MAI LON", lambda _: False)) == [
        "KHUYEN is shouted and no keyword", "MAI is shouted and no keyword",
        "LON is shouted and no keyword",
    ]  # fmt: skip
