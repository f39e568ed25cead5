"""For whom somebody registers: themselves, or somebody of their household by name."""

from __future__ import annotations

import re

from service.dialogue.checks import MOST_NAME
from service.text.fold import fold, search_key
from service.text.mask import scrub
from service.text.person_names import is_name

from .desk import Desk

MOST_WORDS = 6
"""Words of the longest name, with what the person is called by: "me Nong Thi Thu Ha"."""
MYSELF = frozenset({
    *("toi", "minh", "em", "to", "ta", "tui", "toi voi", "em voi", "minh toi"),
    *("dang ky", "dang ki", "dk", "xin dang ky", "toi dang ky", "em dang ky", "minh dang ky"),
    *("toi hoc", "em hoc", "toi di", "em di", "tham gia", "toi tham gia", "myself"),
    *("cam on", "xin cam on", "cam on nhieu", "cam on to", "thanks", "thank you"),
})  # fmt: skip
POLITE = frozenset({"a", "ah", "ad", "nhe", "ok", "voi", "vs"})
"""Behind a name; "nhi", "nha" and "di", polite too, are names themselves."""
MIDDLE_NAMES = frozenset({"thi", "van"})
BEFORE_A_NAME = frozenset({"cho", "ten", "them", "voi"})
SURNAMES_TOO = frozenset({"va", "la"})
"""Before a whole name they are no part of it; "Va A Di" and "La Van Minh" begin with theirs."""
LONG_NAME = 3
QUESTION = re.compile(
    r"\b(khong|ko|gi|nao|vay|muon|bao gio|bao nhieu|may gio|o dau|hoc o|hoc gi|co con|"
    r"con cho|het cho|co phai|duoc ko|goi lai|what|when|where|how many|how much)\b"
)
"""What stands in a question and hardly in a name: of "Trieu Thi Nao" the middle name tells."""
_SIGNS = " .,:;-"


def for_whom(desk: Desk, words: str) -> str | None:
    """Return the name of somebody of the household, "" for the speaker, None for no name at all.

    A seat is not given to "hoc o dau": what reads like a question is none.
    """
    said = [word for word in scrub(words).text.strip(_SIGNS).split() if word.strip(_SIGNS)]
    while said and _is_before_a_name(said):
        said.pop(0)
    while said and _is_polite(said):
        said.pop()
    name = " ".join(said).strip(_SIGNS)
    key = search_key(name)
    if not key or key in MYSELF or key == search_key(_own(desk)):
        return ""
    if len(said) > MOST_WORDS or len(name) > MOST_NAME or not is_name(name):
        return None
    if QUESTION.search(key) and MIDDLE_NAMES.isdisjoint(key.split()[1:]):
        return None
    return name.title() if name == name.lower() or name == name.upper() else name


def said_of(desk: Desk, name: str) -> str:
    """Return how the one is called for whom somebody registers: the name, else the speaker's."""
    return fold(name or _own(desk)).text or "ba con"


def _own(desk: Desk) -> str:
    speaker = desk.speaker()
    return (speaker.name if speaker else None) or ""


def _is_before_a_name(said: list[str]) -> bool:
    first, *name = map(search_key, said)
    is_and = first in SURNAMES_TOO and len(name) >= LONG_NAME and name[0] not in MIDDLE_NAMES
    return first in BEFORE_A_NAME or is_and


def _is_polite(said: list[str]) -> bool:
    """Say whether the last word is politeness: "me Lan a", but not "Nong Thi A"."""
    before = search_key(said[-2]) if len(said) > 1 else ""
    return search_key(said[-1]) in POLITE and before not in MIDDLE_NAMES
