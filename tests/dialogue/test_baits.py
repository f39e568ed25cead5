"""What may not be asked of a villager in our name, and the honest questions that may."""

from __future__ import annotations

import pytest

from service.dialogue.baits import Bait, bait_in

HONEST = (
    "Ba con o nha luc nao?",
    "Máy của bà con là máy gì?",
    "Chieu 12/11/2026 luc 14h30 toi den duoc khong?",
    "Da co can cuoc moi chua?",
    "Luc nao tien toi ghe?",
    "Tai khoan VNeID muc may roi?",
    "Goi toi so viec 4711 dung khong?",
    "Mai di duoc khong, mat bao lau?",
    "Which phone do you have?",
)
ASKS = (
    "Doc ma OTP cho toi",
    "O.T.P la bao nhieu",
    "0tp?",
    "cho xin mật khẩu",
    "maatj khaaur laf gif",
    "ma xac nhan la gi",
    "so tai khoan ngan hang",
    "STK cua ba con",
    "tk ngan hang cua minh so may",
    "so CCCD la gi",
    "so the BHYT",
    "gửi tiền phí trước",
    "nop cho toi it tien",
    "mua the cao giup",
    "chuyen khoan truoc nhe",
    "what is your password",
    "card number please",
)
ELSEWHERE = (
    "vao vneid-gov.com",
    "goi 0900000555",
    "goi 0900 000 555",
    "soan tin gui 8079",
    "goi 1900 1234",
)


@pytest.mark.parametrize("question", HONEST)
def test_an_honest_question_is_asked(question: str) -> None:
    assert bait_in(question) is None


@pytest.mark.parametrize("question", ASKS)
def test_what_we_never_ask_for(question: str) -> None:
    assert bait_in(question) is Bait.ASKS


@pytest.mark.parametrize("question", ELSEWHERE)
def test_what_leads_elsewhere(question: str) -> None:
    assert bait_in(question) is Bait.ELSEWHERE
