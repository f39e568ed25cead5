from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

from service.ops.leftovers import marked
from service.ops.program import RUN_MARK
from tests.ops.waiting import alive, eventually

HERE = Path(__file__).parent
UP = """
import sys
from pathlib import Path
from service.ops.lineup import Lines
from service.ops.up import run_up
from service.settings import Settings
procfile, seed, seed_demo, phones = sys.argv[1:]
lines = Lines(procfile=Path(procfile), seed=seed, seed_demo=seed_demo, phones=phones)
sys.exit(run_up(Settings.from_environment(), lines))
"""


def stand_in(*words: str) -> str:
    return shlex.join([sys.executable, str(HERE / "stand_in.py"), *words])


PROCESSES = {
    "release": stand_in("once", "release"),
    "web": stand_in("web"),
    "console": stand_in("console"),
    "worker-reply": stand_in("worker"),
    "worker-bulk": stand_in("worker"),
    "clock": stand_in("clock"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# The same without children that ignore SIGTERM.
MEEK = {
    **PROCESSES,
    "web": stand_in("web", "alone"),
    "worker-reply": stand_in("worker", "alone"),
    "worker-bulk": stand_in("worker", "alone"),
}


class Run:
    """One `up` in a process of its own, on stand-ins."""

    def __init__(
        self, home: Path, processes: dict[str, str] | None = None, **variables: str
    ) -> None:
        self.home = home
        self.port = free_port()
        self.phones_port = free_port()
        self.console_port = free_port()
        self.procfile = home.parent / "Procfile"
        self.processes = processes or PROCESSES
        self.procfile.write_text(
            "".join(f"{name}: {line}\n" for name, line in self.processes.items())
        )
        self.seed = stand_in("once", "seed")
        self.seed_demo = stand_in("once", "seed-demo")
        self.phones = stand_in("phones")
        self.variables = variables
        self.out = home.parent / "out.txt"
        self.err = home.parent / "err.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        return [
            sys.executable,
            "-c",
            UP,
            str(self.procfile),
            self.seed,
            self.seed_demo,
            self.phones,
        ]

    def environment(self) -> dict[str, str]:
        unwanted = {"DATABASE_URL", "REDIS_URL", "CARRIER_URL", "CARRIER_API_KEY"}
        return {
            **{name: value for name, value in os.environ.items() if name not in unwanted},
            "CAUNOI_HOME": str(self.home),
            "PORT": str(self.port),
            "PHONES_PORT": str(self.phones_port),
            "CONSOLE_PORT": str(self.console_port),
            **self.variables,
        }

    def start(self) -> Run:
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                self.command(),
                env=self.environment(),
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self

    def until_ready(self) -> Run:
        eventually(lambda: "Ready in" in self.said() or self.ended(), "Ready", 60)
        assert not self.ended(), self.said() + self.complained()
        mine = {name for name, line in self.processes.items() if "stand_in.py" in line}
        wanted = {f"{name} started" for name in mine - {"release"}}
        eventually(lambda: wanted <= set(self.life()), "every stand-in to have started")
        return self

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def said(self) -> str:
        return self.out.read_text()

    def complained(self) -> str:
        return self.err.read_text()

    def until_said(self, pattern: str, seconds: float = 30) -> None:
        eventually(lambda: re.search(pattern, self.said()), f"{pattern!r} on the terminal", seconds)

    def life(self) -> list[str]:
        """What the stand-ins noted of their lives, without the pids."""
        return [line.rpartition(" ")[0] for line in self._life()]

    def pid(self, name: str) -> int:
        """The pid of the process of that name that was started last."""
        found = [line.split()[-1] for line in self._life() if line.startswith(f"{name} started ")]
        return int(found[-1])

    def server(self, folder: str) -> psutil.Process:
        """The oldest process that works in that folder of the home."""
        found = [p for p in self._servers() if p.cwd() == str(self.home / folder)]
        return min(found, key=lambda process: process.create_time())

    def answers(self, path: str = "/readyz", port: int | None = None) -> bool:
        try:
            address = f"http://127.0.0.1:{port or self.port}{path}"
            with urllib.request.urlopen(address, timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def left(self) -> list[int]:
        """Pids of everything of this run that still lives: by mark, by folder and by its notes."""
        pids = {process.pid for process in marked({RUN_MARK: str(self.home)})}
        pids |= {process.pid for process in self._servers()}
        pids |= {int(line.split()[-1]) for line in self._life() if alive(int(line.split()[-1]))}
        return sorted(pids)

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 40) -> int:
        """Signal its process group, as a terminal does, and wait for its exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, how)
        return self.process.wait(seconds)

    def tidy(self) -> None:
        """End what a failed test left; says so only by the test's own failure."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.left():
            psutil.Process(pid).kill()

    def _life(self) -> list[str]:
        try:
            return (self.home / "life.txt").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _servers(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).parent == self.home and alive(process.pid):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found
