from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

LARGEST = 10 * 2**20  # bytes of one log before it is cut; as much again is kept beside it
TAIL = 8192  # bytes


def cut(log: Path, largest: int = LARGEST) -> None:
    """Move what a grown log holds to `<name>.1`, while its program goes on writing to it.

    The program holds the file open for appending, so it cannot be moved, only copied and emptied;
    what is written between the two is lost. Does nothing when there is no room for it.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size > largest:
            with contextlib.suppress(OSError):
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)


def size(log: Path) -> int:
    """Bytes in the log; 0 when there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def last_lines(log: Path, since: int = 0, count: int = 10) -> list[str]:
    """Read the last lines that were written after the first `since` bytes."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since, end - TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]
