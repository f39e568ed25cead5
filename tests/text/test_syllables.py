"""Which words could be Vietnamese."""

from __future__ import annotations

import pytest

from service.text.fold import search_key
from service.text.syllables import is_syllable

TEXT = """
Tổ công nghệ số cộng đồng hướng dẫn bà con cài đặt VNeID và sử dụng dịch vụ công trực tuyến. Ai quên
mật khẩu thì đến nhà văn hoá xóm chiều thứ bảy, mang theo điện thoại, giấy tờ và thẻ bảo hiểm y tế.
Nghe người lạ xưng là công an gọi điện hỏi mã thì cúp máy ngay, rồi báo trưởng xóm. Đường xuống suối
Khuổi Khoang đang nguy hiểm vì nước lên nhanh; xin đừng qua ngầm ban đêm, ghé nhà bên cạnh nghỉ tạm.
Quyển sổ khuỷu tay ngoằn ngoèo xoong quý giá yếm yêu thuở gì gìn giữ huýt sáo tuyết quần áo loè loẹt
"""
WORDS = sorted({search_key(word) for word in TEXT.split()} - {"vneid"})


@pytest.mark.parametrize("word", WORDS)
def test_vietnamese_words_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    [
        "guip",
        "jup",
        "xogn",
        "trnag",
        "hunog",
        "stop",
        "sotp",
        "help",
        "rto",
        "vneid",
        "f",
        "",
        "giup1",
    ],
)
def test_slips_and_foreign_words_are_not(word: str) -> None:
    assert not is_syllable(word)
