"""Who may knock at the carriers' doors, and with how much.

Carriers sign nothing, so the address itself holds a secret: wrong or missing, there is nothing
here (404), whatever was asked and however it was asked.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

MOST_BYTES = 16 * 1024
MOST_FIELDS = 32
FORM = "application/x-www-form-urlencoded"
PASS_ON_SECONDS = 0.5


class Malformed(ValueError):
    """The body is not a form a carrier would send; `args[0]` says why, quoting nothing."""


class Secrets:
    """The one or two secrets that are valid now; two during a rotation."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("no gateway secret is set")
        self._secrets = [secret.encode() for secret in secrets]

    def know(self, given: str) -> bool:
        """Say whether a secret is valid, in the same time wherever it differs."""
        offered = given.encode("utf-8", "replace")
        matches = [hmac.compare_digest(offered, secret) for secret in self._secrets]
        return any(matches)


def read_form(body: bytes, content_type: str) -> dict[str, str]:
    """Read a form body: at most 32 fields, each once; broken UTF-8 becomes U+FFFD, NUL nothing.

    No NUL leaves here because PostgreSQL stores none: refused there, it would be a failure of
    ours, and the carrier would send the same callback for twelve hours. Raises Malformed.
    """
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise Malformed("not a form")
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            encoding="utf-8",
            errors="replace",
        )
    except ValueError:
        raise Malformed("too many fields") from None
    fields = {name: value.replace("\0", "") for name, value in pairs}
    if len(fields) != len(pairs):
        raise Malformed("a field is given twice")
    return fields


class Tally:
    """Counts knocks in memory; a thread of its own passes the count on, once a second at most.

    A flood must not turn into a flood of database writes, and nobody who knocks waits for one.
    """

    def __init__(self, pass_on: Callable[[str, int], None]) -> None:
        self._pass_on = pass_on
        self._counts: dict[str, int] = {}
        self._waiting = False
        self._lock = threading.Lock()

    def count(self, name: str) -> None:
        """Count one; within a second all that was counted is handed on."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1
            if self._waiting:
                return
            self._waiting = True
        timer = threading.Timer(PASS_ON_SECONDS, self._flush)
        timer.daemon = True
        timer.start()

    def _flush(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, {}
            self._waiting = False
        for counted, times in counts.items():
            self._pass_on(counted, times)
