"""What the messages of the week list, so that it fits: names that are never cut, times in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.records.teams import Level
from service.text.gsm7 import septets
from service.text.local_time import in_vietnam

from .desk import Words
from .gaps import Gap, gaps_ahead
from .place_labels import listed_name
from .quiet import Hamlet, hamlets_by_id, silent_hamlets

AHEAD_DAYS = 7
"""How far the weekly list of gaps looks."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACES = "places"


@dataclass(frozen=True, slots=True)
class Says:
    """The texts in the language of whoever reads."""

    words: Words
    language: str

    def __call__(self, key: str, values: Mapping[str, str]) -> str:
        """Return a text with its gaps filled."""
        return self.words.say(key, self.language, values)

    def places(self, names: Sequence[str]) -> str:
        """Return as many names as there is room for, whole, and how many more there are."""
        room = self.words.texts.gaps[PLACES].width
        for kept in range(min(len(names), room), -1, -1):
            left = len(names) - kept
            more = self("places.more", {"number": str(left)}) if left else ""
            shown = f"{', '.join(names[:kept])}{more}".strip()
            if septets(shown) <= room:
                return shown
        return ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A hamlet of a list, and when it has nobody, where that is what the list is about."""

    hamlet: Hamlet
    gap: Gap | None = None

    def said(self, says: Says) -> str:
        """Return it as a message names it."""
        name = listed_name(self.hamlet.title, self.hamlet.name)
        return name + _when(says, self.gap.begins_at, self.gap.ends_at) if self.gap else name


def silent_lists(session: Session) -> Mapping[int, Sequence[Listed]]:
    """Return the silent hamlets of each commune, those silent longest first."""
    found: dict[int, list[Listed]] = defaultdict(list)
    for silent in silent_hamlets(session):
        found[silent.hamlet.commune_id].append(Listed(silent.hamlet))
    return found


def gap_lists(session: Session) -> Mapping[int, Sequence[Listed]]:
    """Return the hamlets of each commune that will have nobody, and when."""
    gaps = [gap for gap in gaps_ahead(session, AHEAD_DAYS) if gap.level is Level.HAMLET]
    named = hamlets_by_id(session, [gap.area_id for gap in gaps])
    found: dict[int, list[Listed]] = defaultdict(list)
    for gap in gaps:
        hamlet = named[gap.area_id]
        found[hamlet.commune_id].append(Listed(hamlet, gap))
    return found


def said_wait(says: Says, wait: timedelta) -> str:
    """Return a time somebody waited in one unit: "12 phut", "2 gio", "3 ngay"."""
    if wait < 1.5 * HOUR:
        return says("wait.minutes", {"number": str(max(round(wait / timedelta(minutes=1)), 1))})
    if wait < 2 * DAY:
        return says("wait.hours", {"number": str(round(wait / HOUR))})
    return says("wait.days", {"number": str(round(wait / DAY))})


def _when(says: Says, begins_at: datetime, ends_at: datetime | None) -> str:
    """Return the days of a gap; the last is the one that still has a part of it."""
    begins = _day(begins_at)
    if ends_at is None:
        return says("places.from", {"gap_begins": begins})
    ends = _day(ends_at - timedelta(seconds=1))
    key = "places.on" if ends == begins else "places.between"
    return says(key, {"gap_begins": begins, "gap_ends": ends})


def _day(moment: datetime) -> str:
    here = in_vietnam(moment)
    return f"{here.day}/{here.month}"
