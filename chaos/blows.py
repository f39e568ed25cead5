"""What hits the service: kill -9, FLUSHALL, immediate stops, pauses longer than a lease."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import psutil
from redis.exceptions import RedisError

from service.outbox.wake import bounded_redis

from .plan import Plan
from .stage import Stage
from .targets import Targets, look

START = 3.0  # seconds before the first blow, so that something is under way
REST = 0.3  # seconds between two tries at a blow that finds nothing to hit


class Blow(StrEnum):
    """A kind of blow."""

    WEB = "kill -9 web"
    WEB_CHILD = "kill -9 web child"
    WORKER = "kill -9 worker"
    CLOCK = "kill -9 clock"
    FLUSH = "FLUSHALL"
    VALKEY = "kill -9 Valkey"
    POSTGRES = "PostgreSQL immediate stop"
    PAUSE = "pause of a worker"


KILLS = (Blow.WEB, Blow.WEB_CHILD, Blow.WORKER, Blow.CLOCK)


def planned(plan: Plan) -> Counter[Blow]:
    """Return how many of each kind a plan wants."""
    return Counter(
        {
            Blow.WEB: plan.web_kills,
            Blow.WEB_CHILD: plan.web_child_kills,
            Blow.WORKER: plan.worker_kills,
            Blow.CLOCK: plan.clock_kills,
            Blow.FLUSH: plan.flushes,
            Blow.VALKEY: plan.valkey_kills,
            Blow.POSTGRES: plan.postgres_stops,
            Blow.PAUSE: plan.pauses,
        }
    )


def moments(plan: Plan) -> list[tuple[float, Blow]]:
    """Return the blows with their moments, in seconds after the start of the load, in order."""
    dice = random.Random(f"blows {plan.seed}")
    found = []
    for blow, times in planned(plan).items():
        last = plan.load_seconds - (plan.pause_seconds if blow is Blow.PAUSE else 0.0)
        found += [(dice.uniform(START, max(last, START)), blow) for _ in range(times)]
    return sorted(found)


@dataclass(slots=True)
class Paused:
    """A worker that stands still."""

    process: psutil.Process
    until: float


@dataclass
class Fists:
    """Deals the blows and keeps count of those that landed."""

    stage: Stage
    dice: random.Random
    landed: Counter[Blow] = field(default_factory=Counter)
    worker_blows: Counter[str] = field(default_factory=Counter)
    """Kills and pauses by the name of the worker, for what was in flight."""
    _paused: list[Paused] = field(default_factory=list)
    _wanted: list[tuple[float, Blow]] = field(default_factory=list)
    _next: float = 0.0

    def plan(self, blows: list[tuple[float, Blow]]) -> None:
        """Take on the blows to deal, each at its moment by time.monotonic()."""
        self._wanted = sorted(blows)

    def work(self) -> None:
        """Deal what is due and wake who has stood still long enough."""
        now = time.monotonic()
        for paused in [p for p in self._paused if p.until <= now]:
            self._wake(paused)
        if now < self._next:
            return
        due = [blow for blow in self._wanted if blow[0] <= now]
        for blow in due:
            if self._deal(blow[1]):
                self._wanted.remove(blow)
                self.landed[blow[1]] += 1
            else:
                self._next = now + REST

    @property
    def done(self) -> bool:
        """Whether every blow has landed and nobody stands still."""
        return not self._wanted and not self._paused

    def wake_all(self) -> None:
        """Wake everybody who stands still."""
        for paused in list(self._paused):
            self._wake(paused)

    def _deal(self, blow: Blow) -> bool:
        deals: dict[Blow, Callable[[Targets], bool]] = {
            Blow.WEB: lambda t: self._kill(t.leaders.get("web")),
            Blow.WEB_CHILD: lambda t: self._kill(self._one(t.web_children)),
            Blow.WORKER: self._kill_worker,
            Blow.CLOCK: lambda t: self._kill(t.leaders.get("clock")),
            Blow.FLUSH: lambda _: self._flush(),
            Blow.VALKEY: lambda t: self._kill(t.valkey),
            Blow.POSTGRES: lambda t: self._kill(t.postgres, signal.SIGQUIT),
            Blow.PAUSE: self._pause,
        }
        try:
            return deals[blow](look(self.stage.supervisor))
        except psutil.Error:
            return False

    def _one(self, among: list[psutil.Process]) -> psutil.Process | None:
        return self.dice.choice(among) if among else None

    @staticmethod
    def _kill(target: psutil.Process | None, how: signal.Signals = signal.SIGKILL) -> bool:
        if target is None:
            return False
        target.send_signal(how)
        return True

    def _kill_worker(self, targets: Targets) -> bool:
        name = self._worker(targets)
        if name is None:
            return False
        targets.workers[name].send_signal(signal.SIGKILL)
        self.worker_blows[name] += 1
        return True

    def _pause(self, targets: Targets) -> bool:
        name = self._worker(targets)
        if name is None:
            return False
        process = targets.workers[name]
        process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + self.stage.plan.pause_seconds
        self._paused.append(Paused(process, until))
        self.worker_blows[name] += 1
        return True

    def _worker(self, targets: Targets) -> str | None:
        """Choose a worker that runs; one that is paused shall live to come back."""
        still = {paused.process.pid for paused in self._paused}
        names = sorted(name for name, p in targets.workers.items() if p.pid not in still)
        return self.dice.choice(names) if names else None

    def _wake(self, paused: Paused) -> None:
        self._paused.remove(paused)
        try:
            paused.process.send_signal(signal.SIGCONT)
        except psutil.NoSuchProcess:
            return

    def _flush(self) -> bool:
        try:
            with bounded_redis(self.stage.valkey.url) as redis:
                redis.flushall()
        except (RedisError, OSError):
            return False
        return True
