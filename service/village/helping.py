"""Asking for somebody else: who is meant, where they live, and the number to call for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from service.dialogue.checks import MOST_NAME
from service.dialogue.keywords import Keywords
from service.records.areas import Area
from service.text.fold import search_key
from service.text.phones import Msisdn, national_compact

from . import households
from .areas import area_by_id
from .desk import Desk
from .details import ME, Details, clean_words
from .managing import manager_at, people_at
from .numbers import phone_first

SOMEBODY = frozenset({
    "ba", "ong", "anh", "chi", "me", "bo", "cha", "co", "chu", "bac", "cau", "mo", "thim", "di",
    "vo", "chong", "con", "cu", "nguoi", "ho", "nha",
})  # fmt: skip
"""Words that somebody else is called by, behind "cho" (for)."""
ENDS_A_NAME = frozenset({"cai", "bi", "khong", "ko", "muon", "quen", "xem", "voi"})
ENDS_LATER = ENDS_A_NAME | {"lam", "sua", "hoi", "mat", "can", "may", "dang", "nhe"}
"""Words of the matter; the second lot are names, too, right behind "ba" or "ong"."""
FOR = re.compile(r"\s*cho\s+", re.IGNORECASE)
FOR_NOBODY = re.compile(r"\W*cho\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody else who needs the help."""

    beneficiary: str
    """A name, a number to call, or both, the number first."""
    area: Area | None
    """Where they live, if we know."""
    words: str
    """What was said besides; a name stays in it, a number is for whoever takes the request."""


def whom(desk: Desk, words: str, topics: Keywords) -> Whom | None:
    """Read for whom help is asked where the words begin so: "cho ba Lan vneid"; else None."""
    begins = FOR.match(words)
    if begins is None:
        return None
    behind = words[begins.end() :]
    number, rest = phone_first(behind)
    if number is not None:
        return Whom(national_compact(number), _lives_at(desk, number), rest)
    name = _name(behind, topics)
    if not name:
        return None
    reached, area = _through_neighbour(desk, name)
    return Whom(reached or name, area, words)


def names_nobody(words: str) -> bool:
    """Say whether words begin to say for whom help is asked, and end there: "cho"."""
    return FOR_NOBODY.fullmatch(words) is not None


def details_of(found: Whom | None, words: str) -> Details:
    """Return what is added to a request, fit to be kept."""
    if found is None:
        return Details(words=clean_words(words))
    beneficiary = clean_words(found.beneficiary)[:MOST_NAME]
    return Details(words=clean_words(words), beneficiary=beneficiary)


def with_neighbour(desk: Desk, details: Details) -> Details:
    """Put the neighbour's number before the name of a household that is reached through one."""
    if details.beneficiary in {"", ME}:
        return details
    reached, _ = _through_neighbour(desk, details.beneficiary)
    return replace(details, beneficiary=reached[:MOST_NAME]) if reached else details


def _name(behind: str, topics: Keywords) -> str:
    """Return the name words begin with: up to a sign, a topic or a word of the matter."""
    said = re.split(r"[,.;:]", behind)[0].split()
    if not said or search_key(said[0]) not in SOMEBODY:
        return ""
    end = 1
    while end < len(said):
        ends = ENDS_A_NAME if end == 1 else ENDS_LATER
        if search_key(said[end]) in ends or topics.match(" ".join(said[end:])):
            break
        end += 1
    return " ".join(said[:end])


def _lives_at(desk: Desk, number: Msisdn) -> Area | None:
    """Return where the owner of a number lives, if the speaker is of their team."""
    manager, session = manager_at(desk), desk.unit.session
    found = people_at(session, manager, number) if manager else []
    home = found[0].area_id if found else None
    return area_by_id(session, home) if home else None


def _through_neighbour(desk: Desk, name: str) -> tuple[str, Area | None]:
    """Return a household's name behind its neighbour's number, and its hamlet; "" for none."""
    manager, session, speaker = manager_at(desk), desk.unit.session, desk.speaker()
    hamlets = list(manager.hamlets) if manager else []
    if not hamlets and speaker is not None and speaker.area_id is not None:
        hamlets = [area_by_id(session, speaker.area_id)]
    household = households.named(session, hamlets, name)
    _, phone = households.contact_of(session, household) if household else (None, None)
    if household is None or phone is None:
        return "", None
    reached = f"{national_compact(Msisdn(phone.msisdn))} {household.label}"
    return reached, area_by_id(session, household.hamlet_id)
