from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest


def eventually(check: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait until `check` holds; fail naming what did not come."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s in vain for: {what}")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
