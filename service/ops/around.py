"""What stands around the lanes: money, disk, backup, open alarms, calls. Two statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from service.records import counters

WEEK = 7
HEARD_MINUTES = 5
"""Over how many whole minutes a pace is taken."""
MOST_CALLS = 1_000
"""How many of the newest calls are looked at for where they end."""
STILL_TALKING = timedelta(minutes=3)
"""A call silent for longer was dropped: networks hang up after half a minute."""
MOST_ALARMS = 5

THINGS = text("""
    SELECT one.now,
           (SELECT json_object_agg(name, json_build_object(
                'value', value, 'detail', detail, 'read_at', read_at)) FROM gauges) AS gauges,
           coalesce((SELECT vnd FROM spend WHERE period = 'day' AND starts_at = day.today), 0)
               AS spent_today,
           coalesce((SELECT sum(vnd) FROM spend
                     WHERE period = 'day' AND starts_at >= day.today - make_interval(days => :week)
                       AND starts_at < day.today), 0)::bigint AS spent_in_week,
           (SELECT min(starts_at) FROM spend WHERE period = 'day') AS spent_since,
           day.today,
           (SELECT count(*) FROM alarms WHERE closed_at IS NULL) AS alarms_open,
           (SELECT json_agg(a) FROM (
                SELECT name, about, detail, times, opened_at, last_at,
                       acknowledged_at IS NOT NULL AS is_seen
                FROM alarms WHERE closed_at IS NULL
                ORDER BY acknowledged_at IS NOT NULL, last_at DESC LIMIT :most) AS a) AS alarms
    FROM (SELECT clock_timestamp() AS now) AS one
    CROSS JOIN LATERAL (SELECT date_trunc('day', one.now, 'Asia/Ho_Chi_Minh') AS today) AS day
""")
# A call is over without an answer where the carrier says another word than Success, or says nothing
# and nobody has pressed anything for minutes.
CALLS = text("""
    WITH newest AS MATERIALIZED (
        SELECT state ->> 's' AS screen, ended, open, updated_at FROM ussd_sessions
        WHERE updated_at > CAST(:now AS timestamptz) - interval '24 hours'
        ORDER BY updated_at DESC LIMIT :most),
    over AS (
        SELECT screen, open OR coalesce(ended, 'Success') <> 'Success' AS is_dropped FROM newest
        WHERE NOT open OR updated_at < :now - :talking)
    SELECT (SELECT json_object_agg(name, n) FROM (
                SELECT name, sum(n) AS n FROM counters
                WHERE name = ANY(:names)
                  AND minute >= CAST(:minute AS timestamptz) - make_interval(mins => :minutes)
                  AND minute < :minute
                GROUP BY name) AS c) AS counts,
           (SELECT max(updated_at) FROM ussd_sessions) AS hop_at,
           (SELECT received_at FROM messages_in ORDER BY id DESC LIMIT 1) AS text_at,
           (SELECT received_at FROM receipts ORDER BY id DESC LIMIT 1) AS report_at,
           (SELECT count(*) FROM over) AS calls,
           (SELECT json_agg(d) FROM (
                SELECT screen, count(*) AS n FROM over WHERE is_dropped
                GROUP BY screen ORDER BY n DESC, screen) AS d) AS dropped
""")
REQUESTS = text("""
    SELECT state, count(*) AS n FROM help_requests
    WHERE state IN ('open', 'accepted', 'done') GROUP BY state ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class Gauge:
    """The newest reading of something outside the database."""

    value: float
    detail: str
    read_at: datetime

    @property
    def is_dong(self) -> bool:
        """Whether a balance is in dong, as all prices are; its detail is the currency."""
        return self.detail in {"", "VND"}


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """Something that is the matter, by its name, and how often it was noticed."""

    name: str
    about: str
    detail: str
    times: int
    opened_at: datetime
    last_at: datetime
    is_seen: bool
    """Somebody has acknowledged it."""


@dataclass(frozen=True, slots=True)
class Things:
    """Money, host and alarms."""

    at: datetime
    gauges: Mapping[str, Gauge]
    """By name; what nobody has read yet is not there."""
    spent_today: int
    spent_a_day: float | None
    """In dong, over the last seven whole days; None before there is one with spending."""
    alarms_open: int
    alarms: tuple[OpenAlarm, ...]
    """The newest, those nobody has acknowledged first."""

    @property
    def balance_days(self) -> float | None:
        """For how many days the usual account lasts; None where it or the spending is not known."""
        balance = self.gauges.get("balance")
        return None if balance is None else self.days_of(balance)

    @property
    def other_balances(self) -> Mapping[str, Gauge]:
        """The balance of accounts beside the usual one, by their names."""
        kept = (name.partition(":") for name in sorted(self.gauges))
        return {name: self.gauges[f"balance:{name}"] for kind, _, name in kept
                if kind == "balance" and name}  # fmt: skip

    def days_of(self, balance: Gauge) -> float | None:
        """For how many days a balance lasts, did all go by its account; None as above."""
        if not balance.is_dong or not self.spent_a_day:
            return None
        return balance.value / self.spent_a_day


@dataclass(frozen=True, slots=True)
class Incoming:
    """One kind of callbacks: how many a minute, over five, and when the last one came."""

    per_minute: float
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Calls:
    """What comes in from the carrier, and where calls end."""

    hops: Incoming
    texts: Incoming
    reports: Incoming
    p95_ms: float | None
    """Nineteen in twenty hops of the last five minutes were answered within this."""
    looked_at: int
    """Calls of the last day that are over, of the newest thousand."""
    dropped: tuple[tuple[str, int], ...]
    """Screen and how many calls ended on it without an answer, the most first."""

    @property
    def dropped_in_all(self) -> int:
        """How many calls ended without an answer, wherever."""
        return sum(n for _, n in self.dropped)


def read_things(connection: Connection, most_alarms: int = MOST_ALARMS) -> Things:
    """Read money, host and alarms, by one statement."""
    row = connection.execute(THINGS, {"week": WEEK, "most": most_alarms}).one()
    gauges = {
        name: Gauge(g["value"], g["detail"] or "", datetime.fromisoformat(g["read_at"]))
        for name, g in (row.gauges or {}).items()
    }
    days = (row.today - row.spent_since).days if row.spent_since else 0
    return Things(
        at=row.now,
        gauges=gauges,
        spent_today=row.spent_today,
        spent_a_day=row.spent_in_week / min(days, WEEK) if days > 0 else None,
        alarms_open=row.alarms_open,
        alarms=tuple(_alarm(found) for found in row.alarms or ()),
    )


def _alarm(found: Mapping[str, Any]) -> OpenAlarm:
    moments = {key: datetime.fromisoformat(found[key]) for key in ("opened_at", "last_at")}
    return OpenAlarm(**{**found, **moments, "detail": found["detail"] or ""})


def read_calls(connection: Connection, now: datetime) -> Calls:
    """Read what comes in and where calls end, by one statement; `now` is the database's moment.

    It is given, since no index is used for a comparison with a clock that ticks meanwhile.
    """
    names = [*counters.HOPS, counters.TEXTS, counters.REPORTS]
    about = {
        "now": now,
        "minute": now.replace(second=0, microsecond=0),
        "names": names,
        "minutes": HEARD_MINUTES,
        "most": MOST_CALLS,
        "talking": STILL_TALKING,
    }
    row = connection.execute(CALLS, about).one()
    counts = {name: int(n) for name, n in (row.counts or {}).items()}
    hops = sum(counts.get(name, 0) for name in counters.HOPS)
    return Calls(
        hops=Incoming(hops / HEARD_MINUTES, row.hop_at),
        texts=Incoming(counts.get(counters.TEXTS, 0) / HEARD_MINUTES, row.text_at),
        reports=Incoming(counts.get(counters.REPORTS, 0) / HEARD_MINUTES, row.report_at),
        p95_ms=counters.within_ms(counts, 0.95),
        looked_at=row.calls,
        dropped=tuple((d["screen"] or "", d["n"]) for d in row.dropped or ()),
    )


def count_requests(connection: Connection) -> dict[str, int]:
    """Return how many requests have not ended, by where they stand."""
    return {row.state: row.n for row in connection.execute(REQUESTS)}
