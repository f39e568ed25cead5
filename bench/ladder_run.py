"""One run of the simulated province: what happens when, and what befalls the service meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from bench.village_time import FORWARD, VillageTime
from service.ops.embedded_valkey import EmbeddedValkey
from service.records.engine import driver_url
from service.runtime import Runtime
from service.settings import Settings
from service.text.local_time import VIETNAM

from .ladder_clocks import MENUS, Program, Watches
from .ladder_history import Outage
from .ladder_people import People
from .ladder_village import Cast, settle

BEGINS = datetime(2026, 12, 1, 6, 0, tzinfo=VIETNAM)
LEASE = timedelta(minutes=1)
"""How long work that a killed clock held is left alone."""
TOPICS = ("VNEID", "VSSID", "DVC", "BAN HANG", "DIEN THOAI", "4G", "viec khac")
PACE = 1 / 20
"""A minute in which this machine does nothing for us is three seconds in the village."""
NEXT_DUE = text("""
    SELECT min(due_at), min(due_at) <= clock_timestamp(), clock_timestamp() FROM climbs
""")
CLIMBING = text("""
    SELECT token, lease_until, next_at, clock_timestamp() AS now
    FROM periodic_work WHERE name = 'climb'
""")
"""Who is at it, or when it is looked at next."""
AT_WORK = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      AND backend_type = 'client backend'
""")
WAITING = text("""
    SELECT count(*) FROM help_requests r LEFT JOIN climbs c ON c.request_id = r.id
    WHERE r.state = 'open' AND c.party IS DISTINCT FROM 'desk'
""")


@dataclass
class Plan:
    """How large the simulation is, and what befalls it."""

    seed: int
    requests: int = 1000
    hamlets: int = 200
    days: int = 14
    """Days in which people ask; it goes on until nothing waits below the desk."""
    emergencies: int = 20
    """Calls for rescue by text, besides; by night as well."""
    kills: float = 0.015
    """Chance that a look of the clocks ends in a kill."""
    program_runs: int = 2
    """How often the program `caunoi clock` does the work for some looks."""
    outages: int = 3
    flushes: int = 4


@dataclass
class Mishaps:
    """What befell the service."""

    outages: list[Outage] = field(default_factory=list)
    kills: int = 0
    program_kills: int = 0
    stops: int = 0
    flushes: int = 0
    redis_stops: int = 0
    looks: int = 0


class Simulation:
    """One run."""

    def __init__(self, plan: Plan, settings: Settings, valkey: EmbeddedValkey) -> None:
        self._plan, self._settings, self._valkey = plan, settings, valkey
        self._chance = random.Random(plan.seed)
        VillageTime(settings.database_url, pace=PACE).turn_to(BEGINS)
        self.runtime = Runtime(settings, "web")
        self.runtime.__dict__["menus"] = MENUS
        engine = create_engine(driver_url(settings.database_url), isolation_level="AUTOCOMMIT")
        self._line: Connection = engine.connect()
        self.cast: Cast = settle(
            self.runtime.engine,
            self._chance,
            BEGINS.date(),
            hamlets=plan.hamlets,
            villagers=plan.requests * 19 // 20,
        )
        self.people = People(self.runtime, self.cast, self._chance, BEGINS)
        self.mishaps = Mishaps()
        self._befalls = self._misfortunes()
        self._program_at = sorted(self._some_time() for _ in range(plan.program_runs))
        self._last_whole = BEGINS
        self._dead: UUID | None = None
        """By what the work is known that a killed clock was at."""

    @property
    def wanted(self) -> int:
        """How many requests there should be."""
        return self._plan.requests

    # -- time

    def forward(self, moment: datetime) -> datetime:
        """Turn the clock to a moment, never back; return what time it is.

        No hours pass in the middle of a transaction: `caunoi clock` may be at one.
        """
        patience = time.monotonic() + 5
        while self._line.execute(AT_WORK).scalar_one() and time.monotonic() < patience:
            time.sleep(0.002)
        now: datetime = self._line.execute(FORWARD, {"moment": moment}).scalar_one()
        return now

    def next_due(self) -> tuple[datetime | None, bool, datetime]:
        """Return when a step is due next, whether that is now, and what time it is."""
        due, is_now, now = self._line.execute(NEXT_DUE).one()
        return due, bool(is_now), now

    def _some_time(self) -> datetime:
        hours = self._chance.uniform(6, self._plan.days * 24)
        return BEGINS + timedelta(hours=hours)

    # -- the run

    def run(self) -> None:
        """Let everything happen."""
        self._ask()
        self.people.plan_absences(self._plan.days)
        watches = Watches(self._settings, self._chance)
        program = Program(self._settings)
        ends = BEGINS + timedelta(days=self._plan.days + 14)
        try:
            while (moment := self._next_moment()) is not None and moment < ends:
                now = self.forward(moment)
                self._befall(now)
                if self._program_at and self._program_at[0] <= now:
                    self._program_at.pop(0)
                    self._by_program(program)
                else:
                    self._by_watches(watches, now)
                self.people.read()
        finally:
            watches.stop()
            program.kill()
            self.people.stop()
        self.mishaps.kills = watches.kills
        self.mishaps.program_kills = program.kills

    def _ask(self) -> None:
        """Let everybody ask once, at some hour of the day, and some of the team ask too."""
        chance = self._chance
        askers = [villager.msisdn for villager in self.cast.villagers]
        homely = [mate.msisdn for mate in self.cast.team if mate.level == "hamlet"]
        askers += chance.sample(homely, self._plan.requests - len(askers))
        for msisdn in askers:
            words = f"GIUP {chance.choice(TOPICS)}"
            if chance.random() < 0.1:
                words = "LD goi dien xung la cong an"
            elif chance.random() < 0.5:
                words += " may khong mo duoc"
            minutes = chance.randrange(self._plan.days * 24 * 60)
            self.people.will(msisdn, words, BEGINS + timedelta(minutes=minutes))

        for villager in chance.choices(self.cast.villagers, k=self._plan.emergencies):
            self.people.will(villager.msisdn, "CUU", self._some_time(), by_night=True)

    def _next_moment(self) -> datetime | None:
        """Return when something happens next; None when nobody waits and nobody has plans."""
        acts = self.people.next_at()
        due, _, now = self.next_due()
        if acts is None and not self._line.execute(WAITING).scalar_one():
            return None
        looks = due and max(due + timedelta(seconds=self._chance.uniform(0, 6)), now)
        return min(moment for moment in (acts, looks) if moment) if acts or looks else None

    def _by_watches(self, watches: Watches, now: datetime) -> None:
        """Let people act and the clocks look at the same time; go on when nothing is due."""
        is_whole = now - self._last_whole > timedelta(hours=1)
        self._last_whole = now if is_whole else self._last_whole

        def look() -> None:
            self.mishaps.looks += 1
            watches.begin(whole=is_whole)
            if self._chance.random() < self._plan.kills:
                watches.kill()
                self._note_kill()
            else:
                watches.end()

        self.people.act(now, look)
        self._until_nothing_is_due(look)

    def _until_nothing_is_due(self, look: Callable[[], None]) -> None:
        """Let the clocks look until every step is taken that is due.

        They leave it for ten seconds when it was just looked at, and for a minute when it is in
        the hands of one that was killed: so much time passes then. Else it is for them to do.
        """
        patience = time.monotonic() + 60
        while self.next_due()[1]:
            work = self._line.execute(CLIMBING).one()
            if work.token is not None and work.token == self._dead:
                self.forward(work.lease_until + timedelta(milliseconds=100))
            elif work.token is None and work.next_at > work.now:
                self.forward(work.next_at)
            look()
            if time.monotonic() > patience:
                raise SystemExit("a step is due and no clock takes it")

    def _by_program(self, program: Program) -> None:
        """Let the program itself take the steps of some looks; kill it while it does."""
        for number in range(4):
            due, _, now = self.next_due()
            acts = self.people.next_at()
            program.start()
            self._until_nothing_is_due(lambda: time.sleep(0.05))
            moment = min((one for one in (due, acts) if one), default=now)
            now = self.forward(moment)
            self.people.act(now, lambda: None)
            if number % 2:
                time.sleep(self._chance.uniform(0.0, 1.0))
                program.kill()
                self._note_kill()
                program.start()
            self._until_nothing_is_due(lambda: time.sleep(0.05))
            self.people.read()
        program.kill()
        self._note_kill()

    def _note_kill(self) -> None:
        work = self._line.execute(CLIMBING).one()
        self._dead = work.token
        self.mishaps.outages.append(Outage(work.now - timedelta(seconds=1), work.now + LEASE))

    # -- misfortunes

    def _misfortunes(self) -> list[tuple[datetime, str]]:
        names = ["stop"] * self._plan.outages + ["flush"] * self._plan.flushes
        names += ["redis_stops", "redis_stops"]
        return sorted((self._some_time(), name) for name in names)

    def _befall(self, now: datetime) -> None:
        """Let what is to happen until now happen."""
        while self._befalls and self._befalls[0][0] <= now:
            _, name = self._befalls.pop(0)
            if name == "flush":
                redis = self.runtime.redis
                assert redis is not None
                if self._valkey.answers():
                    redis.flushall()
                    self.mishaps.flushes += 1
            elif name == "redis_stops":
                self._valkey.stop()
                self.mishaps.redis_stops += 1
                self._befalls.append((now + timedelta(hours=9), "redis_starts"))
                self._befalls.sort()
            elif name == "redis_starts":
                self._valkey.start()
            else:
                self._stop_clocks(now)

    def _stop_clocks(self, now: datetime) -> None:
        """Let hours pass without any clock, while people go on."""
        until = now + timedelta(hours=self._chance.uniform(1, 5))
        while (acts := self.people.next_at()) is not None and acts < until:
            self.people.act(self.forward(acts), lambda: None)
            self.people.read()
        self.mishaps.stops += 1
        self.mishaps.outages.append(Outage(now, self.forward(until)))
