"""Who may knock at the carriers' doors, and with how much.

Carriers sign nothing, so the address itself holds a secret: wrong or missing, there is nothing
here (404), whatever was asked and however it was asked.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

MOST_BYTES = 16 * 1024
MOST_FIELDS = 32
FORM = "application/x-www-form-urlencoded"


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
    """Read a form body: at most 32 fields, each once; broken UTF-8 becomes U+FFFD.

    Raises Malformed.
    """
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise Malformed("not a form")
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            encoding="utf-8",
            errors="replace",
        )
    except ValueError:
        raise Malformed("too many fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("a field is given twice")
    return fields


class Tally:
    """Counts knocks in memory and passes the count on at most once a second.

    A flood must not turn into a flood of database writes.
    """

    def __init__(self, pass_on: Callable[[str, int], None]) -> None:
        self._pass_on = pass_on
        self._counts: dict[str, int] = {}
        self._next = 0.0
        self._lock = threading.Lock()

    def count(self, name: str) -> None:
        """Count one; now and then hand all counts on."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + 1.0
            counts, self._counts = self._counts, {}
        for counted, times in counts.items():
            self._pass_on(counted, times)
