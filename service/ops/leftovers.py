from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

AFTER_KILL = 5.0  # seconds, for a disk that keeps a process from ending


def programs_in(folder: Path, name: str) -> list[psutil.Process]:
    """Find the processes of that program which work in that folder, oldest first."""
    found = []
    for process in _visible():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name() == name and Path(process.cwd()) == folder:
                found.append(process)
    return sorted(found, key=psutil.Process.create_time)


def marked(marks: dict[str, str]) -> list[psutil.Process]:
    """Find the processes whose environment holds all these variables, bar those above us."""
    found = []
    above = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in _visible():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in above and marks.items() <= process.environ().items():
                found.append(process)
    return found


def end(processes: Iterable[psutil.Process], how: signal.Signals, seconds: float) -> None:
    """Signal these processes, wait up to `seconds` for all of them, then kill what is left.

    One that somebody has paused is woken, so that it can act on the signal.
    """
    still = list(processes)
    _signal(still, how)
    _signal(still, signal.SIGCONT)
    still = _wait(still, seconds)
    _signal(still, signal.SIGKILL)
    _wait(still, AFTER_KILL)


def _signal(processes: Iterable[psutil.Process], how: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(how)


def _wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for their ends; return those that live on.

    One that has ended but that its parent has not yet asked after counts as ended: in a container
    the parent of orphans may take seconds.
    """
    deadline = time.monotonic() + seconds
    while (living := [p for p in processes if _lives(p)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return living


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _visible() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        if _lives(process):
            yield process
