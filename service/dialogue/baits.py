"""What nobody may ask a villager through us: a question from our number is believed.

The sender of a text can be forged, and even a real member may ask for what we promise never to ask
for. A question that is refused can be asked by calling, where the villager hears who is speaking.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from service.text.fold import search_key
from service.text.mask import scrub
from service.text.telex import without_telex

from .scamlike import scamlike


class Bait(StrEnum):
    """Why a question is not passed on."""

    ASKS = "asks"
    """It asks for a code, a password, a number of an account or of a card, or for money."""
    ELSEWHERE = "elsewhere"
    """It leads elsewhere: a link, a number to call or to text to."""


_SECRET: Final = re.compile(
    r"\b[o0] ?t ?p\b|\b(?:pin|cvv|cvc|pass|passwords?|stk|cccd|cmnd|cmt|codes?)\b"
    r"|\bmat (?:khau|ma)\b|\bbank account\b|\b(?:account|card|id) (?:number|no)\b"
    r"|\bma (?:so )?(?:xac|bi mat|the|dang nhap|kich hoat|giao dich|bao mat|gui|nhan)\b"
    r"|\bma (?:\w+ ){1,3}gui (?:ve|den|toi)\b"
    r"|\b(?:tai khoan|tk) (?:\w+ ){0,3}(?:ngan hang|so)\b"
    r"|\bso (?:tai khoan|tk|the|can cuoc|dinh danh|ho chieu)\b"
)
_MONEY: Final = re.compile(
    r"\b(?:chuyen|gui|nop|dua|tra|nap|xin) (?:\w+ ){0,3}tien\b"
    r"|\b(?:dong|ung|vay|muon|coc|cho) (?:\w+ )?tien\b"
    r"|\btien (?:coc|phi|cong)\b|\bdat coc\b|\bchuyen khoan\b|\b(?:nap|mua) the\b|\bthe cao\b"
    r"|\ble phi\b|\bbao nhieu tien\b|\b(?:money|pay|payment|fees?|transfer)\b"
)
_NUMBER: Final = re.compile(r"\d(?:[ .\-]?\d){5,}")
"""Six digits or more: a phone's number, or money; dates and hours have fewer in a row."""
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_DATE: Final = re.compile(r"\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}\b")


def bait_in(question: str) -> Bait | None:
    """Return why a question must not be passed on to a villager; None for an honest one."""
    words = _NO_WORD.sub(" ", search_key(question))
    said = f"{words} | {without_telex(words)}"
    if _SECRET.search(said) or _MONEY.search(said) or scrub(question).found:
        return Bait.ASKS
    lower = question.lower()
    if next(scamlike(lower), None) or _NUMBER.search(_DATE.sub(" ", lower)):
        return Bait.ELSEWHERE
    return None
