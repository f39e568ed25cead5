from __future__ import annotations

import contextlib
import math
import signal
import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from service.ops import leftovers
from service.ops.child import Child
from service.ops.errors import Interrupted, StartError
from service.ops.log_files import cut, last_lines
from service.ops.program import NAME_MARK, RUN_MARK, Program, Stage
from service.ops.stop_signals import StopSignals
from service.ops.voice import Voice

EARLY = 5.0  # seconds within which a death is one at the start
TRIES = 3  # deaths of one program before all is ready, after which the start is given up
LOOK = 0.05  # seconds between two looks at something that is getting ready
REST = 10.0  # seconds between two looks at the logs' sizes
HURRIED = 5.0  # seconds that a database has when the person cannot wait
UNREADY = 2.0
"""Seconds that what people reach has to end when it was never ready; more than a hop may take.

A web server whose workers still load their files loses the signal (granian forks them with its own
handlers) and would wait for them as long as for callers: measured, 10 s.
"""


class Supervisor:
    """Keeps programs running, and stops them all, in order, when it is left.

    Start it in the main thread: children end with the thread that started them. `run` is a name
    that no other supervisor on this machine has at the same time.
    """

    def __init__(self, run: str, *, signals: StopSignals, voice: Voice) -> None:
        self.run_name = run
        self._signals = signals
        self._voice = voice
        self._children: list[Child] = []
        self._rested = time.monotonic()
        self._was_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def sweep(self) -> None:
        """End what an earlier run of this name left behind."""
        left = leftovers.marked({RUN_MARK: self.run_name})
        if left:
            self._voice.say(f"Stopping {len(left)} processes that an earlier run left behind.")
            leftovers.end(left, signal.SIGTERM, 10)

    def add(self, program: Program, process: subprocess.Popen[bytes] | None = None) -> None:
        """Run the program and keep it running; `process` is one of it that already runs."""
        child = Child(program)
        self._children.append(child)
        child.start(process)

    def once(self, program: Program) -> int:
        """Run the program to its end while minding the others; return its exit code.

        Raises Interrupted, having ended it, when a signal asks us to stop.
        """
        child = Child(program)
        child.start()
        try:
            while not child.ended():
                self.pause(LOOK)
        finally:
            self._end([child], self._signals.asked)
        assert child.process is not None
        return child.process.returncode

    def until(self, ready: Callable[[], bool], seconds: float, late: str) -> None:
        """Mind the programs until `ready`; raises StartError with the sentence `late`, Interrupted.

        Gives up early when a program keeps dying.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self.pause(LOOK)
            for child in self._children:
                if child.deaths >= TRIES:
                    name, log = child.program.name, child.program.log
                    raise StartError(f"{name} died {child.deaths} times at its start; see {log}.")
            if time.monotonic() > deadline:
                raise StartError(late)

    def pause(self, seconds: float) -> None:
        """Mind the programs, then wait, less when a signal comes; raises Interrupted."""
        self._mind()
        now = time.monotonic()
        due = [child.due - now for child in self._children if child.process is None]
        self._signals.wait(min([seconds, *due]))
        if self._signals.asked:
            raise Interrupted

    def run(self) -> None:
        """Mind the programs, now that all are ready, until a signal asks us to stop."""
        self._was_ready = True
        with contextlib.suppress(Interrupted):
            while True:
                self.pause(REST)

    def stop(self) -> None:
        """Stop everything, stage by stage; a further signal makes us hurry."""
        asked = self._signals.asked
        for stage in Stage:
            most = UNREADY if stage is Stage.DOOR and not self._was_ready else math.inf
            self._end([c for c in self._children if c.program.stage == stage], asked, most)
        leftovers.end(leftovers.marked({RUN_MARK: self.run_name}), signal.SIGKILL, 5)
        self._children.clear()

    def _mind(self) -> None:
        for child in self._children:
            if child.ended():
                self._mourn(child)
            if child.process is None and time.monotonic() >= child.due:
                self._revive(child)
        if time.monotonic() - self._rested >= REST:
            self._rested = time.monotonic()
            for child in self._children:
                cut(child.program.log)

    def _mourn(self, child: Child) -> None:
        how, lived = child.bury()
        self._kill_offspring(child)
        name, delay = child.program.name, child.wait_again()
        self._voice.say(f"{name} stopped ({how}); starting it again in {delay:g} s")
        if lived < EARLY and child.deaths == 1:
            self._voice.quote(last_lines(child.program.log, child.log_start))

    def _revive(self, child: Child) -> None:
        try:
            child.start()
        except (StartError, OSError) as error:
            child.deaths += 1
            delay = child.wait_again()
            self._voice.say(f"{child.program.name}: {error} Trying again in {delay:g} s")

    def _end(self, children: list[Child], asked: int, most: float = math.inf) -> None:
        """Stop these together, killing what takes more than its patience or `most` seconds.

        More signals than `asked` so far mean that we must hurry.
        """
        began = time.monotonic()
        running = [child for child in children if child.process is not None and not child.ended()]
        for child in running:
            child.tell(child.program.stop_signal)
        while running := [child for child in running if not child.ended()]:
            waited = time.monotonic() - began
            for child in running:
                patience = self._patience(child.program, hurried=self._signals.asked > asked)
                if waited >= min(patience, most):
                    if patience <= most:
                        self._voice.say(f"{child.program.name} did not stop in time; killed it.")
                    child.kill_group()
            self._signals.wait(LOOK)
        for child in children:
            child.kill_group()
            self._kill_offspring(child)

    @staticmethod
    def _patience(program: Program, *, hurried: bool) -> float:
        if not hurried:
            return program.patience
        return min(program.patience, HURRIED) if program.stage >= Stage.WAKE_UPS else 0

    def _kill_offspring(self, child: Child) -> None:
        marks = {RUN_MARK: self.run_name, NAME_MARK: child.program.name}
        leftovers.end(leftovers.marked(marks), signal.SIGKILL, 5)
