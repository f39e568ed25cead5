"""What is watched, as data: from which value and for how long it is an alarm, and when it is over.

The signals and most thresholds are those of facts on reliability, section 6.1 (after GOV.UK Notify
and the SRE workbook). `clear` lies on the good side of `over`, so that a value that trembles around
its threshold is one incident. What follows from something worse is kept quiet while that lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.records.watching import Severity

PAGE, TICKET = Severity.PAGE, Severity.TICKET
ANYTHING = ""
OF_CARRIERS = frozenset({"carrier_paused", "carrier_away"})
MINUTE = 60.0
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Level:
    """From where on a signal is an alarm, and how bad a one."""

    severity: Severity
    over: float
    """Beyond this value it is bad."""
    clear: float
    """At this value or on its good side it is well again."""
    lasting: float = 0.0
    """Seconds it must have been bad without a break."""
    calm: float = 10.0
    """Seconds it must have been well without a break before the alarm is closed."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that is watched; its name is the alarm's."""

    levels: tuple[Level, ...]
    """The worst first."""
    means: str
    """What its value is."""
    is_floor: bool = False
    """Bad is what is less, not what is more."""
    quiet_while: frozenset[str] = frozenset()
    """Alarms whose mere consequence this is: while one of them holds, this is not raised."""
    aftermath: float = 5 * MINUTE
    """Seconds for which a cause still excuses it after its end: a backlog has to leave."""
    is_of_carrier: bool = False
    """It is about a carrier: what befalls another carrier is no excuse for it."""

    def causes(self, about: str) -> frozenset[tuple[str, str]]:
        """Return what excuses it about something, by name and what that is about, if it matters."""
        return frozenset(
            (name, about if self.is_of_carrier and name in OF_CARRIERS else ANYTHING)
            for name in self.quiet_while
        )


def _yes(severity: Severity, means: str, *, lasting: float = 0.0, calm: float = 10.0) -> Signal:
    """A signal that is 1 or 0."""
    return Signal((Level(severity, 0.5, 0.5, lasting, calm),), means)


SAID_AGAIN = 20.0
"""Seconds in which whoever lives has said so again, when the database takes writes again."""
NOTHING_WRITTEN = frozenset({"database_read_only", "database_away"})
NOTHING_LEAVES = NOTHING_WRITTEN | {"carrier_paused", "carrier_away", "worker_gone", "cap_reached"}
CARRIER_TROUBLE = NOTHING_WRITTEN | {"carrier_paused", "carrier_away"}
NO_CLOCK = NOTHING_WRITTEN | {"clock_gone"}

SIGNALS: Mapping[str, Signal] = {
    # -- certain at once
    "worker_gone": Signal(
        (Level(PAGE, 0.5, 0.5),),
        "1 for a lane whose worker has not said for 12 s that it lives",
        quiet_while=NOTHING_WRITTEN,
        aftermath=SAID_AGAIN,
    ),
    "clock_gone": Signal(
        (Level(PAGE, 0.5, 0.5),),
        "1 while no clock lives and something is due",
        quiet_while=NOTHING_WRITTEN,
        aftermath=SAID_AGAIN,
    ),
    "redis_away": _yes(TICKET, "1 while Redis does not answer", lasting=5),
    "carrier_away": Signal(
        (Level(PAGE, 0.5, 0.5, 10 * MINUTE, 30), Level(TICKET, 0.5, 0.5, 5, 30)),
        "1 while a carrier is not sent to because it cannot be reached or answers nothing",
        quiet_while=NOTHING_WRITTEN,
    ),
    # -- what waits
    "nothing_leaves": Signal(
        (Level(PAGE, 0.5, 0.5, MINUTE, 30),),
        "1 for a lane in which messages wait and none has been answered for a minute",
        quiet_while=NOTHING_LEAVES,
    ),
    "replies_wait": Signal(
        (Level(PAGE, 60, 20, 3 * MINUTE, MINUTE), Level(TICKET, 20, 10, 3 * MINUTE, MINUTE)),
        "seconds the oldest due reply, or word of an emergency, has waited",
        quiet_while=NOTHING_LEAVES | {"nothing_leaves"},
    ),
    "notices_wait": Signal(
        (
            Level(PAGE, 30 * MINUTE, 10 * MINUTE, 3 * MINUTE, MINUTE),
            Level(TICKET, 10 * MINUTE, 5 * MINUTE, 3 * MINUTE, MINUTE),
        ),
        "seconds the oldest due notice has waited",
        quiet_while=NOTHING_LEAVES | {"nothing_leaves"},
    ),
    "backlog_long": Signal(
        (
            Level(PAGE, 120, 90, 5 * MINUTE, 5 * MINUTE),
            Level(TICKET, 30, 20, 5 * MINUTE, 5 * MINUTE),
        ),
        "minutes that what waits in a lane needs at its present pace",
        quiet_while=NOTHING_LEAVES | {"nothing_leaves"},
    ),
    "leases_lost": Signal(
        (Level(PAGE, 0, 0, 2 * MINUTE, 30),),
        "messages held by a worker whose time is over",
        quiet_while=NOTHING_WRITTEN,
    ),
    "sending_off": Signal(
        (Level(PAGE, 0.5, 0.5, HOUR), Level(TICKET, 0.5, 0.5, 10 * MINUTE)),
        "1 while somebody has turned all sending off",
    ),
    # -- what the carrier does
    "carrier_errors": Signal(
        (
            Level(PAGE, 20, 10, MINUTE, 5 * MINUTE),
            Level(TICKET, 5, 3, 5 * MINUTE, 10 * MINUTE),
        ),
        "of a hundred attempts of five minutes, at least 20, those the carrier did not take",
        quiet_while=CARRIER_TROUBLE,
        is_of_carrier=True,
    ),
    "answers_lost": Signal(
        (Level(PAGE, 2, 1, 5 * MINUTE, 10 * MINUTE),),
        "of a hundred attempts of an hour those of which nobody knows what became of them, from"
        " five on",
        quiet_while=CARRIER_TROUBLE | {"worker_gone"},
        is_of_carrier=True,
    ),
    "unknown_old": Signal(
        (Level(TICKET, 0, 0, 10 * MINUTE, MINUTE),),
        "messages of which nobody has known for a day whether they left",
    ),
    "carrier_slow": Signal(
        (
            Level(PAGE, 8, 5, 10 * MINUTE, 5 * MINUTE),
            Level(TICKET, 3, 2, 10 * MINUTE, 5 * MINUTE),
        ),
        "seconds within which 19 in 20 calls of the last ten minutes were answered",
        quiet_while=CARRIER_TROUBLE,
        is_of_carrier=True,
    ),
    "reports_silent": Signal(
        (
            Level(PAGE, 50, 0, 15 * MINUTE, MINUTE),
            Level(TICKET, 9, 0, 15 * MINUTE, MINUTE),
        ),
        "messages a carrier took since it last reported on one",
        quiet_while=CARRIER_TROUBLE,
        is_of_carrier=True,
    ),
    "reports_stray": Signal(
        (
            Level(PAGE, 5, 2, 5 * MINUTE, 10 * MINUTE),
            Level(TICKET, 1, 0.5, 5 * MINUTE, 10 * MINUTE),
        ),
        "of a hundred reports of an hour those about messages we do not know, from 20 on",
    ),
    "delivered_fallen": Signal(
        (
            Level(PAGE, 30, 20, 10 * MINUTE, 10 * MINUTE),
            Level(TICKET, 15, 10, 10 * MINUTE, 10 * MINUTE),
        ),
        "points by which a network's delivered share of an hour, of 50 reports or more, lies below"
        " that of its last seven days",
        quiet_while=CARRIER_TROUBLE | {"reports_silent"},
    ),
    "balance_low": Signal(
        (Level(PAGE, 1, 1.5, 0, MINUTE), Level(TICKET, 5, 6, 0, MINUTE)),
        "days the balance lasts at the pace of the last seven",
        is_floor=True,
        quiet_while=frozenset({"carrier_paused"}),
        is_of_carrier=True,
    ),
    "cap_near": Signal(
        (Level(TICKET, 80, 80, 0, MINUTE),),
        "of a hundred dong that may be spent this hour or day those that are",
        quiet_while=frozenset({"cap_reached"}),
    ),
    # -- callers
    "nobody_calls": Signal(
        (Level(PAGE, 0.5, 0.5, 5 * MINUTE, 0),),
        "1 when by day nobody has called for half an hour, and yesterday ten did or more",
        quiet_while=NOTHING_WRITTEN,
    ),
    "callers_fewer": Signal(
        (Level(TICKET, 50, 60, 0, MINUTE),),
        "of a hundred calls of the same hour a week ago, at least 20, those of the last whole hour,"
        " by day",
        is_floor=True,
        quiet_while=NOTHING_WRITTEN | {"nobody_calls"},
    ),
    "hops_slow": Signal(
        (
            Level(PAGE, 2, 1, 5 * MINUTE, 5 * MINUTE),
            Level(TICKET, 1, 0.75, 5 * MINUTE, 5 * MINUTE),
        ),
        "seconds within which 99 in 100 hops of the last ten minutes were answered, all but four"
        " where they are few",
        quiet_while=NOTHING_WRITTEN,
    ),
    "doors_fail": Signal(
        (Level(PAGE, 4, 0, 0, 5 * MINUTE),),
        "calls and texts of five minutes that we could not serve",
        quiet_while=NOTHING_WRITTEN,
    ),
    "not_understood": Signal(
        (Level(TICKET, 20, 5, 0, 10 * MINUTE),),
        "callbacks of an hour that lack what makes them one",
    ),
    # -- the host and the timetable
    "work_overdue": Signal(
        (
            Level(PAGE, 3, 1, MINUTE, 10),
            Level(TICKET, 1.5, 1, 5 * MINUTE, 10),
        ),
        "periods that have passed since a line of the timetable was done, when two minutes late",
        quiet_while=NO_CLOCK,
    ),
    "forgetting_late": Signal(
        (Level(TICKET, 26, 25, 0, MINUTE),),
        "hours since what is over age was last forgotten",
        quiet_while=NO_CLOCK,
    ),
    "disk_low": Signal(
        (Level(PAGE, 5, 7, MINUTE, MINUTE), Level(TICKET, 15, 18, MINUTE, MINUTE)),
        "of a hundred parts of the disk that holds CAUNOI_HOME those that are free",
        is_floor=True,
    ),
    "backup_old": Signal(
        (Level(PAGE, 26, 25, 0, 10),),
        "hours since the last backup",
    ),
    "backup_never": _yes(TICKET, "1 when the service is 26 hours old and was never backed up"),
    "certificate_ends": Signal(
        (Level(PAGE, 3, 4, 0, MINUTE), Level(TICKET, 14, 15, 0, MINUTE)),
        "days until the certificate of an address of ours ends",
        is_floor=True,
    ),
}
"""By the alarm's name."""
BLIND = ("database_away", "database_read_only")
"""Watched without the database: service.ops.blind_alarms."""
