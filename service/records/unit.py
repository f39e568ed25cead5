"""The unit of work: one transaction, and who to wake when it has been committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import Engine
from sqlalchemy.orm import Session


@dataclass(slots=True)
class Unit:
    """An open transaction; `lanes` collects the lanes that got something to send."""

    session: Session
    lanes: set[str] = field(default_factory=set)

    @property
    def driver_connection(self) -> Connection[Any]:
        """The driver's own connection of this transaction, for service.records.hops."""
        return cast("Connection[Any]", self.session.connection().connection.driver_connection)


@dataclass(frozen=True, slots=True)
class Units:
    """Opens units of work on one engine and passes wake-ups on after the commit."""

    engine: Engine
    wake: Callable[[str], None]

    @contextmanager
    def open(self) -> Iterator[Unit]:
        """Commit when the block ends well, roll back when it raises; then wake the lanes.

        A wake-up that is lost costs seconds, not a message: workers look by themselves too.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            unit = Unit(session)
            yield unit
        for lane in sorted(unit.lanes):
            self.wake(lane)
