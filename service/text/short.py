"""Short spellings of the most common words, as in messages between people."""

from __future__ import annotations

from typing import Final

SHORT: Final = {
    **dict.fromkeys(("k", "ko", "kg", "kh", "khg", "hk", "hok", "hem"), "khong"),
    **dict.fromkeys(("dc", "dx"), "duoc"),
    **dict.fromkeys(("jup", "zup"), "giup"),
    **dict.fromkeys(("mk", "mik", "mjk"), "minh"),
    **dict.fromkeys(("vs", "vj"), "voi"),
    **dict.fromkeys(("j", "z"), "gi"),
    "ng": "nguoi",
}
"""As typed, folded -> the word; none of them is a Vietnamese word itself."""


def in_full(word: str) -> str:
    """Return the word that a short spelling stands for, any other as it is; `word` is folded."""
    return SHORT.get(word, word)
