"""Append-only notes of a process: one JSON object a line, in the kernel's hands when written."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Notes:
    """Writes notes; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, **facts: Any) -> None:
        """Append one note."""
        line = json.dumps(facts, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            os.write(self._file, line)


def read_notes(path: Path) -> Iterator[dict[str, Any]]:
    """Read the whole lines of a file of JSON objects; none when there is no file yet."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)
