"""The servers under measurement: the Procfile's web line on one core, all else on the others."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import SecretStr

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.environment import children_environment
from service.ops.lineup import PROCFILE
from service.ops.procfile import read_procfile
from service.settings import Settings

SECRET = "a-secret-for-measuring-only"
APP = "service.app:create_app"
HELLO = "bench.hello:create_app"
PATIENCE = 60.0
GROWN_UP = 10.0
"""Seconds after its birth from which on a worker is killed in trials."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core the web process has to itself, and those for everything else."""

    web: int
    others: frozenset[int]


def share_out_cores() -> Cores | None:
    """Move this process, and so all it starts, off the core kept for web; None with one core."""
    web, *others = sorted(os.sched_getaffinity(0))
    if not others:
        return None
    os.sched_setaffinity(0, others)
    return Cores(web, frozenset(others))


@contextmanager
def databases(folder: Path) -> Iterator[Settings]:
    """Run PostgreSQL and Valkey as `caunoi up` does; yield the settings that name them."""
    postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
    try:
        postgres.start()
        valkey.start()
        yield Settings(
            caunoi_home=folder,
            database_url=postgres.plain_url,
            redis_url=valkey.url,
            gateway_secrets=(SecretStr(SECRET),),
            secret_key=SecretStr("k" * 32),
            carrier_url="http://127.0.0.1:9",
            carrier_api_key=SecretStr("none"),
        )
    finally:
        valkey.stop()
        postgres.stop()


class Web:
    """One granian, pinned where a core is given; started by a line of the Procfile.

    `app` stands in for the service in the line `web`; the line `console` has its own.
    """

    def __init__(
        self,
        app: str,
        core: int | None,
        environment: Mapping[str, str],
        *,
        workers: int = 1,
        line: str = "web",
    ) -> None:
        self.port = free_port()
        line = read_procfile(PROCFILE)[line].replace(APP, app)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, before if core is None else {core})
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {line}"],
                cwd=PROCFILE.parent,
                env={
                    **environment,
                    "PORT": str(self.port),
                    "CONSOLE_PORT": str(self.port),
                    "WEB_WORKERS": str(workers),
                },
                stdout=subprocess.DEVNULL,
            )
        finally:
            os.sched_setaffinity(0, before)

    def wait(self) -> None:
        """Wait until it takes connections."""
        deadline = time.monotonic() + PATIENCE
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the web process did not start")
            time.sleep(0.02)

    @property
    def processes(self) -> list[psutil.Process]:
        """Granian and its worker."""
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def kill_worker(self, chance: random.Random) -> bool:
        """Kill one of several workers as `kill -9` does; it starts another, which takes seconds.

        False while it is at that: granian gives up when a worker dies as soon as it is born.
        """
        try:
            workers = self.processes[1:]
            born = max(worker.create_time() for worker in workers)
            if len(workers) > 1 and time.time() - born > GROWN_UP:
                chance.choice(workers).kill()
                return True
        except psutil.NoSuchProcess:
            pass
        return False

    def cpu(self) -> float:
        """Seconds of processor time it has used so far."""
        times = [process.cpu_times() for process in self.processes]
        return sum(float(used.user + used.system) for used in times)

    def resident(self) -> float:
        """Resident memory of its worker, in MB."""
        return float(self.processes[-1].memory_info().rss) / 1e6

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def webs(cores: Cores, settings: Settings) -> Iterator[tuple[Web, Web]]:
    """Run the service and the bare hello, both on the same core, one of them always idle."""
    environment = children_environment(settings)
    running = [Web(APP, cores.web, environment), Web(HELLO, cores.web, environment)]
    try:
        for web in running:
            web.wait()
        yield running[0], running[1]
    finally:
        for web in running:
            web.stop()


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(port: int) -> bool:
    """Say whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
