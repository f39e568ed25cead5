"""Switches for what is not known for certain about the carrier, or changes from place to place.

They are read with `GET /api/settings` and changed with `POST /api/settings`, one or many at once.
"""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass, field
from typing import Any

CHOICES = {
    "date_style": ("iso", "space"),
    "fetch_ids": ("integer", "callback"),
}
STEPS = ("Sent", "Submitted", "Success")


class SettingsError(Exception):
    """A setting is unknown or has a value it cannot take; the message says which and why."""


@dataclass(frozen=True)
class Settings:
    """How the carrier behaves just now. Times are seconds."""

    callback_charset: bool = True  # "; charset=UTF-8" behind the callbacks' content type
    date_style: str = "iso"  # of an inbound SMS: 2026-05-03T06:04:45Z, or "space" for the other
    link_id: bool = True  # whether an inbound SMS carries linkId
    cost: bool = True  # whether an inbound SMS carries cost
    fetch_ids: str = "integer"  # ids of fetched messages: "integer", or the "callback" ids
    message_parts: bool = True  # " Message parts: N" in the answer to a send
    recipient_ceiling: int = 1000  # more numbers in one send are refused with 400
    sender_ids: list[str] = field(default_factory=list)  # accepted `from`; empty accepts any
    price: float = 0.8  # of one part, in `currency`
    currency: str = "KES"
    network_code: str = "99999"
    ladder: list[str] = field(default_factory=lambda: list(STEPS))  # which reports are sent
    report_delay: float = 0.3  # before each report
    time_factor: float = 1.0  # multiplies report_delay and the retry times
    retry_seconds: list[float] = field(default_factory=lambda: [60.0, 120.0, 300.0, 600.0])
    retry_for: float = 43200.0  # callbacks of SMS and reports are given up after this long
    answer_seconds: float = 10.0  # the gateway's limit on a hop
    silence_seconds: float = 30.0  # the caller's limit on an answer
    session_seconds: float = 180.0  # the whole session's


class Switchboard:
    """Holds the present Settings; `now` may be read from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.now = settings
        self._lock = threading.Lock()

    def change(self, wanted: dict[str, Any]) -> Settings:
        """Change the settings named in `wanted`, all or none; raise SettingsError."""
        known = {entry.name: entry for entry in dataclasses.fields(Settings)}
        for name, value in wanted.items():
            if name not in known:
                raise SettingsError(f"no setting {name!r}; there are: {', '.join(sorted(known))}")
            _check(name, getattr(self.now, name), value)
        with self._lock:
            self.now = dataclasses.replace(self.now, **wanted)
            return self.now


def _check(name: str, present: object, value: object) -> None:
    if isinstance(present, bool):
        good = isinstance(value, bool)
    elif isinstance(present, (int, float)):
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    elif isinstance(present, list):
        item = (int, float) if name == "retry_seconds" else str
        good = isinstance(value, list) and all(isinstance(entry, item) for entry in value)
    else:
        good = isinstance(value, str)
    if name in CHOICES:
        good = value in CHOICES[name]
    if name == "ladder" and good:
        good = isinstance(value, list) and set(value) <= set(STEPS)
    if name == "retry_seconds" and good:
        good = bool(value)
    if not good:
        raise SettingsError(f"{name} cannot be {value!r}; it is {present!r} now")
