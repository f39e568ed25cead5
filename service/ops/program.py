from __future__ import annotations

import enum
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.ops.spawn import spawn

# Set for each process we start, and so for all that it starts: what carries these and outlives
# its leader is a leftover, whatever group or session it has moved to.
RUN_MARK = "CAUNOI_RUN"
NAME_MARK = "CAUNOI_PROCESS"


class Stage(enum.IntEnum):
    """In which order programs are stopped: the first takes no more work, the last holds it."""

    DOOR = 1
    CLOCK = 2
    WORKER = 3
    WAKE_UPS = 4
    DATABASE = 5


@dataclass(frozen=True, kw_only=True)
class Program:
    """Something the supervisor keeps running.

    `spawn` starts it anew, raising StartError or OSError; `patience` is how many seconds it may
    take to end after `stop_signal` before it is killed.
    """

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stage: Stage
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10


def shell_program(
    name: str,
    line: str,
    *,
    stage: Stage,
    patience: float,
    folder: Path,
    logs: Path,
    environment: Mapping[str, str],
) -> Program:
    """Make a program of a command line as a Procfile holds it, with ${VARIABLE:-default}s."""
    log = logs / f"{name}.log"
    return Program(
        name=name,
        spawn=partial(
            spawn,
            ["/bin/sh", "-c", f"exec {line}"],
            log=log,
            folder=folder,
            environment={**environment, NAME_MARK: name},
        ),
        log=log,
        stage=stage,
        patience=patience,
    )
