"""What an operator turns by hand: all sending, a lane, a carrier, and by which carrier it goes.

A row each, looked at by claim() and begin(); none means that all is as usual: sending is on, no
lane or carrier is paused, nothing is rerouted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

SENDING = "sending"
"""The big red switch: with it off nothing leaves."""
LANE, CARRIER, REROUTE = "lane:", "carrier:", "reroute:"
"""Before the name of a lane or carrier: off is paused. Before a carrier's: on is rerouted to it."""

TURN = text("""
    INSERT INTO switches AS s (name, is_on, reason, changed_by)
    SELECT :name, :is_on, :reason, :by
    WHERE :is_on = starts_with(:name, 'reroute:')
          OR EXISTS (SELECT FROM switches WHERE name = :name)
    ON CONFLICT (name) DO UPDATE
    SET is_on = excluded.is_on, reason = excluded.reason, changed_by = excluded.changed_by,
        changed_at = clock_timestamp()
    WHERE s.is_on <> excluded.is_on
""")
ALL = text("SELECT name, is_on, reason, changed_by, changed_at FROM switches")


@dataclass(frozen=True, slots=True)
class Turned:
    """How a switch stands, who turned it last, when and why."""

    is_on: bool
    by: str
    reason: str
    since: datetime


def turn(connection: Connection, name: str, *, on: bool, by: str, reason: str = "") -> bool:
    """Turn a switch; workers see it before their next message. False when it stood so already.

    Turned twice it keeps who turned it first, and since when.
    """
    row = {"name": name, "is_on": on, "reason": reason, "by": by}
    return connection.execute(TURN, row).rowcount > 0


def turned(connection: Connection) -> Mapping[str, Turned]:
    """Return every switch that was ever turned, by name."""
    return {
        row.name: Turned(row.is_on, row.changed_by, row.reason or "", row.changed_at)
        for row in connection.execute(ALL)
    }
