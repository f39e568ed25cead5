from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

from service.ops.log_files import size
from service.ops.program import Program

FIRST_DELAY = 0.5  # seconds before a first restart; doubled each time
LONGEST_DELAY = 30.0
HEALTHY = 60.0  # seconds of life after which a death is a first one again


class Child:
    """One program and the process that runs it at the moment, if any."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.born = 0.0
        self.due = 0.0
        self.deaths = 0  # in a row
        self.log_start = 0

    def start(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Run the program, or take over a process that already does."""
        self.log_start = size(self.program.log)
        self.process = process or self.program.spawn()
        self.born = time.monotonic()

    def ended(self) -> bool:
        """Say whether there is a process and it has ended."""
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> tuple[str, float]:
        """Forget the ended process and kill its group; say how it ended and how long it lived."""
        assert self.process is not None
        code = self.process.returncode
        self.kill_group()
        self.process = None
        lived = time.monotonic() - self.born
        self.deaths = 1 if lived >= HEALTHY else self.deaths + 1
        return (f"killed by signal {-code}" if code < 0 else f"exit code {code}"), lived

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process, which leads its group and stops its own children."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill what is left of the process and of the group it led."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait_again(self) -> float:
        """Put off the next start; return by how many seconds."""
        delay = min(FIRST_DELAY * 2.0 ** (self.deaths - 1), LONGEST_DELAY)
        self.due = time.monotonic() + delay
        return delay
