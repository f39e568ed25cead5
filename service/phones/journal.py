"""The append-only journal: what the carrier really took, sent and received.

One JSON object a line, each with `seq` (1, 2, 3 ...), `at` (UTC, ISO 8601) and `kind`. A line is
in the kernel's hands before the thing it tells of can be known to anybody else: the `send` line
of a message is written before its answer. So, after a fault test, the journal is the judge.

kind            further fields
--------------  ----------------------------------------------------------------------------------
start           short_code, sms_code, earlier (lines already in the file)
send            request, id (null if not taken), msisdn, from, text, encoding, parts, code, status,
                accepted; one line for each recipient of a send
refused         request, place (send|fetch|user), numbers, http (null: nothing was answered), why
answer          request, place, http (null: nothing was answered), faults (kinds that spoilt it)
held            id, msisdn: waits for coverage
delivered       id, msisdn: in the handset's inbox
report          id, msisdn, status, try, http (null: no answer), error; one line for each attempt
report-lost     id, msisdn, status: a fault kept it back
report-dropped  id, msisdn, status, tries: never answered with 200, given up
texted          id, msisdn, to, text, fetch_id, link_id: a handset sent an SMS to the short code
text-passed     id, msisdn, to: a handset's SMS to another handset; `delivered` follows
text-try        id, msisdn, try, http, error: one attempt to hand an SMS to the gateway
text-taken      id, msisdn, tries: answered with 200
text-lost       id, msisdn: a fault kept it back (it can still be fetched)
text-dropped    id, msisdn, tries: never answered with 200, given up
dial            session, msisdn, code
hop             session, msisdn, hop (1, 2 ...), input, text, http, answer, ms, error, warning,
                duplicate; one line for each callback
session-end     session, msisdn, status (Success|Incomplete|Failed), why, hops
event           session, msisdn, status, http, error: the session-ended event was posted
event-lost      session, msisdn, status
fault           rule, place, fault (its kind), when, number: a fault struck
coverage        msisdn, on
settings        changed
"""

from __future__ import annotations

import collections
import json
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

KEPT = 200_000


class Journal:
    """Writes events to the file, if there is one, and keeps the latest for the API."""

    def __init__(self, path: Path | None, kept: int = KEPT) -> None:
        self._lock = threading.Lock()
        self._lines: collections.deque[str] = collections.deque(maxlen=kept)
        self._file: int | None = None
        self.earlier = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self.earlier = self._count_and_mend(path)
        self._seq = self.earlier

    def _count_and_mend(self, path: Path) -> int:
        """Count the lines of an earlier run; close a last line that a kill left open."""
        assert self._file is not None
        lines, last = 0, b"\n"
        with path.open("rb") as earlier:
            while block := earlier.read(1 << 20):
                lines += block.count(b"\n")
                last = block[-1:]
        if last != b"\n":
            os.write(self._file, b"\n")
            lines += 1
        return lines

    def write(self, kind: str, **facts: Any) -> int:
        """Append one event and return its seq; the line is out of this process on return."""
        with self._lock:
            self._seq += 1
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            event = {"seq": self._seq, "at": now, "kind": kind, **facts}
            line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            if self._file is not None:
                self._put(line.encode("utf-8", "backslashreplace") + b"\n")
            self._lines.append(line)
            return self._seq

    def _put(self, data: bytes) -> None:
        assert self._file is not None
        while data:
            data = data[os.write(self._file, data) :]

    def since(self, seq: int, kinds: Collection[str] = (), limit: int = 10_000) -> dict[str, Any]:
        """Return up to `limit` events after `seq`, and the seq to ask from next."""
        with self._lock:
            first = self._seq - len(self._lines) + 1
            start = max(0, seq - first + 1)
            window = [self._lines[i] for i in range(start, min(start + limit, len(self._lines)))]
            last = self._seq
        events = [json.loads(line) for line in window]
        cut_short = start + limit < last - first + 1
        upto = first + start + limit - 1 if cut_short else last
        if kinds:
            events = [event for event in events if event["kind"] in kinds]
        return {"events": events, "next": upto, "first": first, "last": last}

    def close(self) -> None:
        """Close the file; later events are kept in memory alone."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
