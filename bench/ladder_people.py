"""What people in a simulation do with their phones: they read what comes, and act on it or do not.

They text through the real gateway, and whatever is not heeded there is counted as a miss.
"""

from __future__ import annotations

import heapq
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine, text

from service.app import create_app
from service.runtime import Runtime
from service.text.local_time import in_vietnam

from .ladder_village import Cast, Teammate

GRID = timedelta(minutes=10)
"""People act at these moments, so that several act at the same."""
FIRST_HOUR, LAST_HOUR = 6, 21
HANDS = 4
TRIES = 10
"""How often the carrier hands a text over that was answered with a failure."""
NUMBER = re.compile(r"\b(?:[Vv]iec|NV) (\d+)")
PILE = re.compile(r"\d+")
NEW = """
    SELECT id, msisdn, body, idem_key, due_at FROM messages_out WHERE id > :last ORDER BY id
"""
TAKES = {"leader": 0.34, "deputy": 0.3, "member": 0.16, "helper": 0.12}
TAKES_ABOVE = {"commune": 0.35, "province": 0.6}
SUMMONS = ("task_new", "task_up", "task_still", "task_passed")
EMERGENCIES = frozenset({"task_emergency", "task_emergency_up", "task_emergency_still"})
IS_AWAY = """
    SELECT EXISTS (SELECT FROM absences WHERE person_id = :person AND ended_at IS NULL
                   AND until_at > clock_timestamp())
"""


class Act(NamedTuple):
    """Something somebody is going to do."""

    at: datetime
    turn: int
    msisdn: str
    words: str
    does: str


@dataclass
class Counts:
    """What people did."""

    texts: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    failed: int = 0
    """Times the gateway said that it failed; the carrier hands the text over again."""
    lost: int = 0
    not_yet: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    """Acceptances of several people at the very same moment."""
    unheeded: int = 0
    """NGHI and VE after which somebody was not away, or not back."""


class People:
    """Everybody with a phone, and what they have in mind."""

    def __init__(
        self, runtime: Runtime, cast: Cast, chance: random.Random, first: datetime
    ) -> None:
        self._app: Flask = create_app(runtime)
        self._engine: Engine = runtime.engine
        secret = runtime.settings.gateway_secrets[0].get_secret_value()
        self._door = f"/gateway/{runtime.carrier_name}/{secret}/sms"
        self._cast, self._chance, self._first = cast, chance, first
        self._mates = {mate.msisdn: mate for mate in cast.team}
        self._plan: list[Act] = []
        self._turn = itertools.count()
        self._last = 0
        self._hands = ThreadPoolExecutor(HANDS)
        self.counts = Counts()

    # -- plans

    def will(
        self,
        msisdn: str,
        words: str,
        at: datetime,
        *,
        does: str = "text",
        by_night: bool = False,
    ) -> None:
        """Plan a text for a moment, or for the next morning where that is in the night."""
        local = in_vietnam(at)
        day = local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
        if by_night:
            pass
        elif local.hour >= LAST_HOUR:
            at = day + timedelta(days=1, minutes=self._chance.randrange(90))
        elif local.hour < FIRST_HOUR:
            at = day + timedelta(minutes=self._chance.randrange(90))
        on_grid = self._first + -((self._first - at) // GRID) * GRID
        heapq.heappush(self._plan, Act(on_grid, next(self._turn), msisdn, words, does))

    def next_at(self) -> datetime | None:
        """Return when somebody does something next."""
        return self._plan[0].at if self._plan else None

    def act(self, now: datetime, meanwhile: Callable[[], None]) -> None:
        """Let everybody do what they had in mind until now; `meanwhile` runs at the same time."""
        due: list[Act] = []
        while self._plan and self._plan[0].at <= now:
            due.append(heapq.heappop(self._plan))
        for act in due:
            if act.does != "text":
                self._come_or_go(act)
        texts = [act for act in due if act.does == "text"]
        taking = sum(act.words.startswith("NV") for act in texts)
        self.counts.at_once += taking if taking > 1 else 0
        self._chance.shuffle(texts)
        sent = [self._hands.submit(self._send, act, again) for act, again in self._some(texts)]
        meanwhile()
        for one in sent:
            one.result()

    def _some(self, texts: list[Act]) -> Iterator[tuple[Act, bool]]:
        """Yield texts, and which of them the carrier hands over twice."""
        for act in texts:
            again = self._chance.random() < 0.05
            self.counts.repeated += again
            self.counts.texts[act.words.split()[0]] += 1
            yield act, again

    def _send(self, act: Act, again: bool) -> None:
        fields = {
            "date": "2026-11-24 06:04:45",
            "from": act.msisdn,
            "id": f"sim-{act.turn}",
            "linkId": "",
            "text": act.words,
            "to": "8499",
        }
        for _ in range(2 if again else 1):
            if not any(self._hand_over(fields) for _ in range(TRIES)):
                self.counts.lost += 1

    def _hand_over(self, fields: dict[str, str]) -> bool:
        """Knock at the gateway's door as the carrier does; say whether the text was taken."""
        answer = self._app.test_client().post(
            self._door,
            data=urlencode(fields),
            content_type="application/x-www-form-urlencoded",
        )
        taken = answer.status_code == 200
        self.counts.failed += not taken
        return taken

    # -- what they make of what they read

    def read(self) -> None:
        """Let everybody read what has come, and make up their minds."""
        with self._engine.connect() as connection:
            rows = connection.execute(text(NEW), {"last": self._last}).all()
        for row in rows:
            self._last = row.id
            key = re.search(r"sms\.(\w+)", row.idem_key)
            name = key[1] if key else row.idem_key.partition(":")[0]
            mate = self._mates.get(row.msisdn)
            if name == "not_yet":
                self.counts.not_yet["texts"] += 1
            elif mate and (name.startswith(SUMMONS) or name in EMERGENCIES | {"pile"}):
                self._hear(mate, row.body, row.due_at)
            elif mate and name in {"task_yours", "task_again", "task_emergency_yours"}:
                self._work(mate, row.body, row.due_at)
            elif name in {"done", "emergency_done"}:
                self._say_if_solved(row.msisdn, row.body, row.due_at)
            elif name in {"filed", "filed_desk"} and self._chance.random() < 0.06:
                self._soon(row.msisdn, "HUY {}", row.body, row.due_at, hours=7)

    def _hear(self, mate: Teammate, body: str, at: datetime) -> None:
        """Take it, pass it on, or say nothing."""
        chance = self._chance
        takes = TAKES_ABOVE.get(mate.level) or TAKES[mate.role]
        numbers = NUMBER.findall(body)[:1] or PILE.findall(body)[:3]
        for number in numbers:
            drawn = chance.random()
            if drawn < takes:
                words = chance.choice((f"NV {number}", f"NV {number}", f"nhan viec {number}"))
                self._reply(mate.msisdn, words, at)
            elif drawn < takes + 0.04:
                self._reply(mate.msisdn, f"XONG {number} da giup", at)
            elif drawn < takes + 0.14 and mate.level != "province":
                behind = chance.choice(("", "", " xa", " toi di vang"))
                self._reply(mate.msisdn, f"CHUYEN {number}{behind}", at)

    def _reply(self, msisdn: str, words: str, at: datetime) -> None:
        """Answer within minutes, mostly; some only hours later, when it may be too late."""
        minutes = min(self._chance.lognormvariate(3.4, 1.3), 60 * 30)
        self.will(msisdn, words, at + timedelta(minutes=minutes))

    def _work(self, mate: Teammate, body: str, at: datetime) -> None:
        drawn = self._chance.random()
        if drawn < 0.06:
            return
        if drawn < 0.12:
            self._soon(mate.msisdn, "CHUYEN {}", body, at, hours=10)
        else:
            words = self._chance.choice(("XONG {}", "xong {} da cai xong", "DA XONG {}"))
            self._soon(mate.msisdn, words, body, at, hours=14)

    def _say_if_solved(self, msisdn: str, body: str, at: datetime) -> None:
        drawn = self._chance.random()
        if drawn < 0.62:
            self._soon(msisdn, "1 {}", body, at, hours=9)
        elif drawn < 0.78:
            self._soon(msisdn, "2 {}", body, at, hours=9)

    def _soon(self, msisdn: str, words: str, body: str, at: datetime, *, hours: float) -> None:
        number = NUMBER.search(body) or re.search(r"so (\d{4,5})", body)
        if number is not None:
            later = timedelta(hours=min(self._chance.expovariate(1 / hours), 5 * hours))
            self.will(msisdn, words.format(number[1]), at + later)

    # -- coming and going

    def plan_absences(self, days: int) -> None:
        """Let some go away for days, and some of these come back before."""
        for mate in self._cast.team:
            if mate is self._cast.steadfast or self._chance.random() > 0.35:
                continue
            leaves = self._first + timedelta(minutes=self._chance.randrange(days * 24 * 60))
            away = self._chance.randint(1, 4)
            self.will(mate.msisdn, f"NGHI {away}", leaves, does="away")
            if self._chance.random() < 0.4:
                back = leaves + timedelta(hours=self._chance.uniform(2, away * 24))
                self.will(mate.msisdn, "VE", back, does="back")

    def _come_or_go(self, act: Act) -> None:
        """Text it alone, nobody else acting; see whether it is so."""
        self.counts.texts[act.words.split()[0]] += 1
        self._send(act, again=False)
        person = self._mates[act.msisdn].person_id
        with self._engine.connect() as connection:
            is_away = connection.execute(text(IS_AWAY), {"person": person}).scalar_one()
        if is_away != (act.does == "away"):
            self.counts.unheeded += 1

    def stop(self) -> None:
        """Lay down the phones."""
        self._hands.shutdown()
