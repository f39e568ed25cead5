"""One run from the first process to the last figure."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from service.runtime import Runtime
from service.settings import Settings

from . import dbclock
from .blows import KILLS, Fists, moments
from .carrier import Carrier
from .database import Holdings, UnderWay, holdings, under_way
from .evidence import Evidence, gather
from .plan import Plan
from .stage import Stage
from .village import settle_villages

LOOK = 0.1  # seconds between two looks at the timetable of blows
SAY = 10.0  # seconds between two lines of progress
LATE = 240.0  # seconds after the load's time within which load and people must have ended
LEAP = timedelta(seconds=45)
"""By how much the database's clock is moved on in a short run: more than a lease."""
LEAPS = (1.0, 6.5)  # seconds after the last fault at which it is
SETTLE = 3.0  # seconds from the last leap to the earliest verdict

Say = Callable[[str], None]


def run(plan: Plan, folder: Path, say: Say) -> Evidence:
    """Start the service in an empty folder, hit it while it works, and gather the evidence.

    Raises StageError when the service cannot be started or the load does not come to its end.
    """
    with Stage(folder, plan) as stage:
        say(f"ready: web on port {stage.port}, phones on port {stage.phones_port}")
        return _Run(stage, say).through()


class _Run:
    def __init__(self, stage: Stage, say: Say) -> None:
        self.stage = stage
        self.plan = stage.plan
        self.say = say
        self.url = stage.postgres.plain_url
        self.carrier = Carrier(stage.phones)
        self.fists = Fists(stage, random.Random(f"targets {self.plan.seed}"))
        self.notes = {name: stage.folder / f"{name}.jsonl" for name in ("load", "people")}
        self._said = 0.0

    def through(self) -> Evidence:
        self._settle()
        self.carrier.behave()
        self.carrier.misbehave(self.plan)
        self._load()
        self._drain()
        self.carrier.calm()
        self.say("the carrier behaves from here on; nothing is hit any more")
        self._rest()
        stuck = self._count()
        held = self._holdings()
        self.stage.close()
        return gather(self.stage, self.fists, held, stuck, self.notes)

    def _settle(self) -> None:
        settings = Settings(database_url=self.url, caunoi_home=self.stage.home.path)
        runtime = Runtime(settings, "chaos-village")
        try:
            settle_villages(runtime.units, self.plan)
        finally:
            runtime.close()

    def _load(self) -> None:
        """Let load and people do their work while the blows fall."""
        began = time.monotonic()
        helpers = [
            self.stage.helper("chaos.load", str(self.notes["load"])),
            self.stage.helper("chaos.people", str(self.notes["people"]), self.stage.phones),
        ]
        self.fists.plan([(began + at, blow) for at, blow in moments(self.plan)])

        def done() -> bool:
            self.fists.work()
            self._progress()
            return self.fists.done and all(ended_well(helper) for helper in helpers)

        try:
            self.stage.wait(done, self.plan.load_seconds + LATE, "load, people and blows to end")
        finally:
            self.fists.wake_all()
        self.say(f"load and blows are over after {time.monotonic() - began:.0f} s")

    def _drain(self) -> None:
        """Wait until what is due has left, or for as long as the plan allows."""
        until = time.monotonic() + self.plan.drain_seconds
        while time.monotonic() < until:
            now = under_way(self.url)
            if now is not None and now.due == 0:
                return
            self._progress()
            time.sleep(LOOK * 5)

    def _rest(self) -> None:
        """Wait out leases and late reports; in a short run the database's clock leaps instead."""
        began = time.monotonic()
        leaps = list(LEAPS) if self.plan.leaps else []
        shift = self.stage.clock_shift
        while (waited := time.monotonic() - began) < self.plan.quiet_seconds:
            if leaps and waited >= leaps[0]:
                leaps.pop(0)
                shift += LEAP
                dbclock.leap(self.url, shift)
            self._progress()
            if self.plan.leaps and waited > LEAPS[-1] + SETTLE and self._settled():
                return
            time.sleep(LOOK * 5)

    def _settled(self) -> bool:
        now = under_way(self.url)
        return now is not None and now.busy + now.later == 0

    def _count(self) -> UnderWay:
        now = under_way(self.url)
        assert now is not None, "the database is away"
        return now

    def _holdings(self) -> Holdings:
        return holdings(self.url, self.plan.quiet_seconds)

    def _progress(self) -> None:
        if time.monotonic() - self._said < SAY:
            return
        self._said = time.monotonic()
        now = under_way(self.url)
        kills = sum(self.fists.landed[blow] for blow in KILLS)
        others = sum(self.fists.landed.values()) - kills
        hit = f"{kills} kills, {others} other blows"
        if now is None:
            self.say(f"{hit}; the database is away")
        else:
            self.say(
                f"{hit}; {now.messages} messages: {now.due} due, {now.leased} leased,"
                f" {now.sending} sending, {now.later} later, {now.unknown} unknown"
            )


def ended_well(helper: subprocess.Popen[bytes]) -> bool:
    """Say whether a process has ended; raises RuntimeError when it failed."""
    code = helper.poll()
    if code:
        raise RuntimeError(f"a process of the load ended with exit code {code}")
    return code == 0
