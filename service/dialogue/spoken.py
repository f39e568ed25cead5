"""What people write instead of a digit: yes, no, and thanks that ask for nothing."""

from __future__ import annotations

from typing import Final

from service.text.fold import search_key
from service.text.telex import without_telex

YES: Final = frozenset({
    "co", "phai", "dung", "dung roi", "phai roi", "gui", "gui di", "gui ngay", "dong y",
    "toi dong y", "co gui",
})  # fmt: skip
AGREES: Final = frozenset({"dong y", "toi dong y"})
"""What agrees to be remembered: a mere yes to who knows what is no consent (Law 91/2025)."""
NO: Final = frozenset({
    "khong", "ko", "khong phai", "thoi", "khong gui", "dung gui", "khong dong y", "khong can",
    "thoi khong can",
})  # fmt: skip
THANKS: Final = frozenset({"cam", "on", "ok", "oke", "okay", "vang", "thank", "thanks", "you"})
DONE: Final = frozenset({"roi", "duoc"})
"""Said of what is done, or of what was understood."""
AROUND: Final = frozenset({
    "a", "ah", "da", "nhe", "nha", "em", "anh", "chi", "to", "ban", "nhieu", "xin", "the", "bac",
})  # fmt: skip
"""Words that stand around thanks and mean nothing alone."""


def yes_or_no(text: str, *, to_consent: bool = False) -> str | None:
    """Return the digit that a text means as the answer to a question, "1" or "2"; None for none."""
    words = _plain(text)
    if words in NO:
        return "2"
    return "1" if words in (AGREES if to_consent else YES) else None


def is_thanks(text: str) -> bool:
    """Say whether a text only thanks or nods: people end with it, and nothing is to be done."""
    words = set(_plain(text).split())
    return bool(words) and words <= THANKS | DONE | AROUND and words != AROUND & words - {"da"}


def is_done(text: str) -> bool:
    """Say whether a nod may mean that something is done: "duoc roi"."""
    return bool(DONE & set(_plain(text).split()))


def _plain(text: str) -> str:
    return without_telex(search_key(text))
