"""What people do about a class with their phones: they register, read what comes, answer or do not.

Each by SMS or by dialling, at the real doors; some of their callbacks come twice.
"""

from __future__ import annotations

import heapq
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, text

from service.text.local_time import in_vietnam

from .training_callbacks import Callbacks, Post, Talk, new_id, texting

FIRST_HOUR, LAST_HOUR = 6, 21
GRID = timedelta(minutes=30)
"""Half of the people act at these moments, so that several act at the same."""
DIALS = 0.3
"""Share of people who dial rather than text."""
REPEATED = 0.08
"""Share of callbacks that the carrier hands over twice, at the same time."""
WAY = ("4", "1", "1")
"""Keys behind the short code: classes, the first of them, "register me"."""
TRIES_AGAIN = {"class_lapsed": 0.3, "class_row_full": 0.2, "class_left": 0.1}
"""Share of those who hear this who register (again) later."""
OFFERS = "Toi dang ky"
"""What the page of a class says to whoever has no place in it."""
ARRIVE = text("""
    UPDATE messages_out SET state = 'delivered', changed_at = clock_timestamp()
    WHERE state = 'queued' AND due_at <= clock_timestamp()
    RETURNING id, msisdn, body, idem_key, clock_timestamp() AS at
""")
UNTIL = re.compile(r"truoc (\d+)h(\d\d)? (\d+)/(\d+)")


class Act(NamedTuple):
    """Something somebody is going to do."""

    at: datetime
    turn: int
    msisdn: str
    words: str
    """What they text; empty for dialling."""


@dataclass
class Shown:
    """The last screen of a call by which somebody registered."""

    msisdn: str
    screen: str
    hops: int


@dataclass
class Counts:
    """What people did."""

    did: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    at_once: int = 0
    shown: list[Shown] = field(default_factory=list)


class Crowd:
    """Everybody with a phone, and what they have in mind."""

    def __init__(
        self,
        engine: Engine,
        callbacks: Callbacks,
        chance: random.Random,
        *,
        number: int,
        starts_at: datetime,
        ussd_code: str,
    ) -> None:
        self._engine, self._callbacks, self._chance = engine, callbacks, chance
        self._number, self._starts_at, self._ussd_code = number, starts_at, ussd_code
        self._plan: list[Act] = []
        self._turn = itertools.count()
        self.dials: set[str] = set()
        """Numbers of those who would rather dial; empty while the menu has no classes."""
        self._open: dict[str, str] = {}
        """Calls that have come as far as the last key."""
        self.counts = Counts()

    # -- plans

    def will(self, msisdn: str, words: str, at: datetime, *, exactly: bool = False) -> None:
        """Plan a text, or a call, for a moment by day; nothing that lies behind the class."""
        local = in_vietnam(at)
        if not exactly and not FIRST_HOUR <= local.hour < LAST_HOUR:
            at = local.replace(hour=FIRST_HOUR, minute=self._chance.randrange(60))
            at += timedelta(days=local.hour >= LAST_HOUR)
        if not exactly and self._chance.random() < 0.5:
            at += -(at - self._starts_at) % GRID
        if at < self._starts_at:
            heapq.heappush(self._plan, Act(at, next(self._turn), msisdn, words))

    def register(self, msisdn: str, at: datetime, *, exactly: bool = False) -> None:
        """Plan that somebody registers, in their own way."""
        words = "" if msisdn in self.dials else f"LOP {self._number}"
        self.will(msisdn, words, at, exactly=exactly)

    def dial_up(self) -> None:
        """Let those who dial come as far as the last key, so that all can register at once."""
        self._open = {msisdn: f"ATUid_{new_id()}" for msisdn in sorted(self.dials)}
        self._callbacks.carry(
            self._keys(msisdn, session, range(len(WAY))) for msisdn, session in self._open.items()
        )

    def next_at(self) -> datetime | None:
        """Return when somebody does something next."""
        return self._plan[0].at if self._plan else None

    def act(self, now: datetime, meanwhile: Callable[[], None]) -> None:
        """Let everybody do at once what they had in mind until now."""
        due: list[Act] = []
        while self._plan and self._plan[0].at <= now:
            due.append(heapq.heappop(self._plan))
        self.counts.at_once = max(self.counts.at_once, len(due))
        self._chance.shuffle(due)
        self._callbacks.carry([talk for act in due for talk in self._talks(act)], meanwhile)

    def _talks(self, act: Act) -> Iterator[Talk]:
        self.counts.did[re.sub(r" \d+$", "", act.words) or "dialled"] += 1
        given = new_id()
        again = self._chance.random() < REPEATED
        self.counts.repeated += again
        if act.words:
            yield texting(act.msisdn, act.words, given=given)
            if again:
                yield texting(act.msisdn, act.words, given=given)
        else:
            session = self._open.pop(act.msisdn, "")
            hops = range(len(WAY) if session else 0, len(WAY) + 1)
            yield self._keys(act.msisdn, session or f"ATUid_{given}", hops, again=again)

    def _keys(self, msisdn: str, session: str, hops: range, *, again: bool = False) -> Talk:
        """Dial and press keys while the call goes on; each twice where the carrier repeats."""
        screen, hop = "", 0
        for hop in hops:
            fields = {
                "phoneNumber": msisdn,
                "serviceCode": self._ussd_code,
                "text": "*".join(WAY[:hop]),
                "sessionId": session,
                "networkCode": "99999",
            }
            screen = yield Post("ussd", fields)
            if again:
                screen = yield Post("ussd", fields)
            if not screen.startswith("CON"):
                break
            if hop == len(WAY) - 1 and OFFERS not in screen:
                return  # they have a place already, and leave it at that
        if hop == len(WAY) or not screen.startswith("CON"):
            self.counts.shown.append(Shown(msisdn, screen, hop + 1))

    # -- what they make of what they read

    def read(self) -> None:
        """Let everybody read what has come, and make up their minds."""
        with self._engine.begin() as connection:
            rows = connection.execute(ARRIVE).all()
        for row in sorted(rows, key=lambda row: row.id):
            key = re.search(r"sms\.(\w+)", row.idem_key)
            self._hear(row.msisdn, key[1] if key else "", row.body, row.at)

    def _hear(self, msisdn: str, key: str, body: str, at: datetime) -> None:
        drawn = self._chance.random()
        if (key == "class_seated" and drawn < 0.55) or (key == "class_queued" and drawn < 0.2):
            self.will(msisdn, f"HUY LOP {self._number}", self._some_time(at))
        elif key == "class_offer":
            self._answer(msisdn, body, at)
        elif drawn < TRIES_AGAIN.get(key, 0):
            self.register(msisdn, self._some_time(at))

    def _answer(self, msisdn: str, body: str, at: datetime) -> None:
        """Answer an offer: soon, in the very seconds in which it ends, hours later, or not."""
        drawn = self._chance.random()
        digit = "2" if drawn > 0.88 else "1"
        if drawn < 0.4 or drawn > 0.88:
            minutes = min(self._chance.lognormvariate(2.5, 1.0), 600)
            self.will(msisdn, digit, at + timedelta(minutes=minutes))
        elif drawn < 0.6 and (ends := self._told_until(body)):
            seconds = self._chance.choice((-30, 59, 60, 61, 65, 600))
            self.will(msisdn, digit, max(at, ends + timedelta(seconds=seconds)), exactly=True)

    def _told_until(self, body: str) -> datetime | None:
        found = UNTIL.search(body)
        if found is None:
            return None
        hour, minute, day, month = (int(one or 0) for one in found.groups())
        there = in_vietnam(self._starts_at)
        return there.replace(month=month, day=day, hour=hour, minute=minute)

    def _some_time(self, at: datetime) -> datetime:
        left = (self._starts_at - at).total_seconds()
        return at + timedelta(seconds=self._chance.uniform(0, max(0.0, left)))
