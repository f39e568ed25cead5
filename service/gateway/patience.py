"""How long a caller is kept waiting for a database that does not answer.

A database that is stopped refuses at once. One that hangs (a full disk, a lost network, a frozen
host) lets every thread of the web process hang with it, unless the waiting has an end on our side:
statement_timeout is the server's, and a server that hangs does not look at its clock.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Engine, event

FAILED_SLOWLY = 0.5
"""Seconds from which on a failure tells of a database that hangs, not of one that refuses."""
SPARED_SECONDS = 1.0
"""How long nobody waits for a database that has just been found hanging."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up on its server after `longest_wait` seconds."""

    longest_wait: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server; raise OperationalError, with the connection closed, in the end."""
        limit = self.longest_wait if timeout is None else timeout
        began = time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if limit is not None and time.monotonic() - began >= limit:
                self.close()
            raise


def bound_waits(engine: Engine, seconds: float) -> None:
    """Let every new connection of an engine give up after so many seconds without an answer."""

    def connect(_dialect: object, _record: object, args: Any, options: Any) -> BoundedConnection:
        connection = BoundedConnection.connect(*args, **options)
        connection.longest_wait = seconds
        return connection

    event.listen(engine, "do_connect", connect)


class Hanging(Exception):
    """The database was found hanging a moment ago; nobody needs to find that out again."""


class Breaker:
    """Lets one caller at a time try a database that hangs, and spares the others the wait."""

    def __init__(self) -> None:
        self._next_try: float | None = None
        self._lock = threading.Lock()

    def enter(self) -> float:
        """Return the time now; raise Hanging when somebody else is finding out."""
        now = time.monotonic()
        with self._lock:
            if self._next_try is not None:
                if now < self._next_try:
                    raise Hanging
                self._next_try = now + 3 * SPARED_SECONDS
        return now

    def answered(self) -> None:
        """Note that the database answers."""
        if self._next_try is not None:
            self._next_try = None

    def failed(self, entered: float) -> None:
        """Note that it did not; only after a long wait are others kept away."""
        now = time.monotonic()
        with self._lock:
            slow = now - entered >= FAILED_SLOWLY
            self._next_try = now + SPARED_SECONDS if slow else None
