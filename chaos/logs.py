"""What the logs of a run say, and what they must not."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from . import events, wishes

NUMBER = re.compile(r"(?:\+?84|\b0)900?1\d{5}\b")
"""A whole number of this run, as a carrier or a person writes it."""
WORDS = re.compile(f"{events.MARK}|{wishes.MARK}|Da ghi viec so")
OWN_EVENT = re.compile(r"[a-z_]+")
DEADLOCK = "deadlock detected"
FAILURES = frozenset({"error", "critical"})


@dataclass
class Logs:
    """The findings in all files together."""

    leaks: list[str] = field(default_factory=list)
    """File and line number of each line with a whole number or with words."""
    deadlocks: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Events at level error: the event and the error's class."""
    restarts: int = 0
    """Programs that the supervisor started again."""


def read_logs(files: list[Path]) -> Logs:
    """Read every log, also what was moved aside."""
    found = Logs()
    for path in files:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                _read(found, line, f"{path.name}:{number}")
    return found


def _read(found: Logs, line: str, place: str) -> None:
    if NUMBER.search(line) or WORDS.search(line):
        found.leaks.append(place)
    found.deadlocks += DEADLOCK in line
    found.restarts += "starting it again" in line
    if line.startswith("{"):
        try:
            entry = json.loads(line)
        except ValueError:
            return  # cut by a kill
        if entry.get("level") in FAILURES:
            found.failures[_what_failed(entry)] += 1


def _what_failed(entry: dict[str, str]) -> str:
    """Name a failure: our own events by their name, a library's by the library's."""
    event = entry.get("event", "")
    name = event if OWN_EVENT.fullmatch(event) else entry.get("logger", "")
    return f"{name} {entry.get('error', '')}".strip()
