"""The service as `caunoi up` runs it: every process real, in a folder and on ports of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

import psutil

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.home import Home
from service.ops.leftovers import marked
from service.ops.lineup import PROCFILE
from service.ops.procfile import read_procfile
from service.ops.program import RUN_MARK
from service.ops.spawn import spawn
from service.settings import Settings

from . import dbclock
from .plan import Plan

ROOT = PROCFILE.parent
READY_SECONDS = 120.0
STOP_SECONDS = 90.0
NO_CAP = "900000000000"


class StageError(Exception):
    """The service did not start, or did not stop, as it should."""


class Stage:
    """One run of the service; leave it to stop what it started and nothing else.

    `settings` are more variables of its environment.
    """

    def __init__(self, folder: Path, plan: Plan, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.plan = plan
        self.given_settings = dict(settings or {})
        self.home = Home(folder / "home")
        self.port, self.phones_port, self.console_port = _free_ports(3)
        self.postgres = EmbeddedPostgres(self.home.postgres, log=self.home.logs / "postgres.log")
        self.valkey = EmbeddedValkey(self.home.valkey)
        self.out = folder / "up.log"
        self.plan_file = folder / "plan.json"
        self.clock_shift = timedelta()
        self.up: subprocess.Popen[bytes] | None = None
        self.exit_code: int | None = None
        self._helpers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def phones(self) -> str:
        """Where the phones answer."""
        return f"http://127.0.0.1:{self.phones_port}"

    @property
    def supervisor(self) -> psutil.Process:
        """The process that keeps all others alive."""
        assert self.up is not None
        return psutil.Process(self.up.pid)

    def environment(self) -> dict[str, str]:
        """Make the service's environment: nothing of ours that would name other servers."""
        ours = {name.upper() for name in Settings.model_fields}
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ours and not name.startswith(("PHONES_", "CAUNOI_"))
        }
        return {
            **kept,
            "CAUNOI_HOME": str(self.home.path),
            "PORT": str(self.port),
            "PHONES_PORT": str(self.phones_port),
            "CONSOLE_PORT": str(self.console_port),
            "SENDER_THREADS": str(self.plan.threads),
            "MAX_RECIPIENTS": str(self.plan.most_recipients),
            "CAP_VND_PER_HOUR": NO_CAP,
            "CAP_VND_PER_DAY": NO_CAP,
            **self.given_settings,
        }

    def helper(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a process of ours beside the service, which it reaches by its addresses."""
        servers = {"DATABASE_URL": self.postgres.plain_url, "REDIS_URL": self.valkey.url}
        process = spawn(
            [sys.executable, "-m", module, str(self.plan_file), *words],
            log=self.folder / f"{module}.log",
            folder=ROOT,
            environment={**self.environment(), **servers},
        )
        self._helpers.append(process)
        return process

    def close(self) -> None:
        """Stop the helpers and the service; done twice, the second does nothing."""
        for helper in self._helpers:
            if helper.poll() is None:
                helper.kill()
                helper.wait()
        if self.up is not None and self.exit_code is None:
            if self.up.poll() is None:
                self.up.send_signal(signal.SIGTERM)
            try:
                self.exit_code = self.up.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.up.kill()
                self.exit_code = self.up.wait()

    def left(self) -> list[psutil.Process]:
        """Return processes of this run that still live; empty after a clean stop."""
        found = marked({RUN_MARK: str(self.home.path)})
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).parent == self.home.path:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def _start(self) -> None:
        self.home.make()
        self.plan.to_file(self.plan_file)
        self._prepare_database()
        procfile = self.folder / "Procfile"
        procfile.write_text(procfile_of(self.plan), encoding="utf-8")
        self.up = spawn(
            [sys.executable, "-m", "chaos.up", str(procfile)],
            log=self.out,
            folder=ROOT,
            environment=self.environment(),
        )
        self.wait(self._is_ready, READY_SECONDS, "the service to be ready")

    def _prepare_database(self) -> None:
        self.postgres.start()
        try:
            self.clock_shift = dbclock.set_to_morning(self.postgres.plain_url)
        finally:
            self.postgres.stop()

    def _is_ready(self) -> bool:
        assert self.up is not None
        said = self.out.read_text(errors="replace")
        if self.up.poll() is not None:
            raise StageError(f"The service did not start: {said[-2000:]}")
        return "Ready in" in said

    @staticmethod
    def wait(done: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until something is so; raises StageError when it takes too long."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise StageError(f"waited {seconds:g} s in vain for {what}")
            time.sleep(0.05)


def procfile_of(plan: Plan) -> str:
    """Return the project's Procfile with a second worker for some lanes."""
    lines = {}
    for name, command in read_procfile(PROCFILE).items():
        full = command.replace("python worker.py", f"python {ROOT}/worker.py")
        lines[name] = full
        if name.removeprefix("worker-") in plan.extra_workers:
            lines[f"{name}-2"] = full
    return "".join(f"{name}: {command}\n" for name, command in lines.items())


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
