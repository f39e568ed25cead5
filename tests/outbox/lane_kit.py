"""A worker of a lane as a process of its own, as it runs in production."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.ops.environment import as_environment
from tests.outbox.kit import Box

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40.0


class LaneProcess:
    """`python worker.py <lane>` on the box's database and carrier."""

    def __init__(self, box: Box, lane: str, redis_url: str, **settings: object) -> None:
        changed = box.world.runtime.settings.model_copy(
            update={"redis_url": redis_url, "log_level": "DEBUG", **settings}
        )
        self.log = Path(tempfile.mkstemp(prefix="caunoi-lane-", suffix=".log")[1])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "worker.py", lane],
                cwd=ROOT,
                stderr=log,
                env={**os.environ, **as_environment(changed)},
            )

    def events(self, name: str) -> list[dict[str, object]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in found if event.get("event") == name]

    def until(self, true: Callable[[], object], seconds: float = START_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")[-4000:]
            time.sleep(0.02)

    def terminate(self, seconds: float = 30.0) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@contextmanager
def lane_process(box: Box, lane: str, redis_url: str, **settings: object) -> Iterator[LaneProcess]:
    """Run a lane until the block ends, whatever happens in it."""
    running = LaneProcess(box, lane, redis_url, **settings)
    try:
        running.until(lambda: running.events("started"))
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
        running.log.unlink()
