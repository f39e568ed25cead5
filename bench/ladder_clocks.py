"""The clocks of a simulated village: killed and started again while they take steps.

Two processes look whenever they are told to, at once, each as the clock does: they claim a line of
the real timetable, do it and write down that it is done. Beside them, for a while, the very program
`caunoi clock` runs, which looks by itself, once a second.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from service.jobs import timetable
from service.logs import start_logging
from service.menus import read_menus
from service.ops.clock import Clock
from service.ops.environment import children_environment
from service.runtime import Runtime
from service.settings import Settings

MENUS = read_menus()
"""Read once, in the process from which all others are forked: a clock is back at once."""
FORKS = get_context("forkserver")
OFTEN = ("climb", "close_unanswered")
"""Lines that are looked at each time; the rest of the timetable once in an hour."""
PATIENCE = 60.0


def _work(line: Connection, settings: Settings, often: tuple[str, ...]) -> None:
    """Look whenever told to, until killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start_logging("ERROR")
    runtime = Runtime(settings, "clock")
    runtime.__dict__["menus"] = MENUS
    everything = timetable(runtime)
    clocks = {
        True: Clock(runtime.engine, everything),
        False: Clock(runtime.engine, {name: everything[name] for name in often}),
    }
    clocks[True].enter()
    line.send("ready")
    while True:
        try:
            is_whole = line.recv()
        except EOFError:
            return
        while clocks[is_whole].tick():
            pass
        line.send("done")


class Watch:
    """One clock process."""

    def __init__(self, settings: Settings, often: tuple[str, ...]) -> None:
        self._settings = settings
        self.line, theirs = FORKS.Pipe()
        self._process: ForkServerProcess = FORKS.Process(
            target=_work, args=(theirs, settings, often), daemon=True
        )
        self._process.start()
        theirs.close()

    def look(self, *, whole: bool) -> None:
        """Tell it to look; it says so when it has."""
        self.line.send(whole)

    def kill(self) -> None:
        """Kill it as `kill -9` does, whatever it is doing."""
        self._process.kill()
        self._process.join(PATIENCE)
        self.line.close()


class Watches:
    """Two clocks on one database."""

    def __init__(
        self, settings: Settings, chance: random.Random, often: tuple[str, ...] = OFTEN
    ) -> None:
        FORKS.set_forkserver_preload([__name__])
        self._settings, self._chance, self._often = settings, chance, often
        self._watches = [Watch(settings, often), Watch(settings, often)]
        self._await(self._watches)
        self.kills = 0

    def begin(self, *, whole: bool) -> None:
        """Let both look at once."""
        for watch in self._watches:
            watch.look(whole=whole)

    def end(self) -> None:
        """Wait until both have looked."""
        self._await(self._watches)

    def kill(self) -> None:
        """Kill one or both while they look, and start others in their place."""
        time.sleep(self._chance.uniform(0, 0.03))  # so that they are caught anywhere
        dead = self._chance.sample(self._watches, self._chance.choice((1, 1, 2)))
        for watch in dead:
            watch.kill()
            self.kills += 1
        alive = [watch for watch in self._watches if watch not in dead]
        born = [Watch(self._settings, self._often) for _ in dead]
        self._watches = alive + born
        self._await(self._watches)

    def stop(self) -> None:
        """End both."""
        for watch in self._watches:
            watch.kill()

    @staticmethod
    def _await(watches: list[Watch]) -> None:
        waiting = {watch.line for watch in watches}
        deadline = time.monotonic() + PATIENCE
        while waiting:
            if time.monotonic() > deadline:
                raise SystemExit("a clock does not answer")
            for line in wait(list(waiting), 1.0):
                assert isinstance(line, Connection)
                line.recv()
                waiting.remove(line)


class Program:
    """The program `caunoi clock`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        """Start it, if it is not running; it takes a second until it looks."""
        if self._process is None:
            self._process = subprocess.Popen(
                ["caunoi", "clock"],
                env={**children_environment(self._settings), "LOG_LEVEL": "ERROR"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.kills += 1


def naive(moment: datetime) -> str:
    """Write a moment as it is printed."""
    return moment.strftime("%d/%m %H:%M")
