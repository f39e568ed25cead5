"""What the room does not show, as values of signals: five statements, however much there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from .carrier_names import balance_gauges
from .watch_room import Value

FEWEST_CALLS, FEWEST_UNKNOWN, FEWEST_STRAYS = 20, 5, 20
"""Fewer than that say nothing about a carrier."""
BACKUP_WITHIN = 26.0
"""Hours in which a new service should have been backed up once."""
HUNDRED = 100.0
BALANCE_GOOD_FOR = 3600.0
"""Seconds after which a balance that was read is not believed any more."""
ITS_LAST_DAY = 1.0
"""In days: a balance that lasts less wakes somebody."""
LATE_SECONDS = 60.0
"""Work that is less late than that is not overdue, however short its period."""

ATTEMPTS = text("""
    WITH tail AS MATERIALIZED (
        SELECT carrier, outcome, code, started_at, finished_at
        FROM attempts ORDER BY id DESC LIMIT :tail)
    SELECT carrier,
           count(*) FILTER (WHERE started_at > now - interval '5 minutes') AS in_five,
           count(*) FILTER (WHERE started_at > now - interval '5 minutes'
               AND outcome IN ('not_taken', 'unknown')
               AND coalesce(code, '') <> 'worker_lost') AS failed,
           count(*) FILTER (WHERE started_at > now - interval '1 hour') AS in_hour,
           count(*) FILTER (WHERE started_at > now - interval '1 hour'
               AND outcome = 'unknown') AS unknown,
           count(*) FILTER (WHERE started_at > now - interval '10 minutes'
               AND finished_at IS NOT NULL) AS calls,
           percentile_disc(0.95) WITHIN GROUP (ORDER BY
               extract(epoch FROM finished_at - started_at)) FILTER (
               WHERE started_at > now - interval '10 minutes' AND finished_at IS NOT NULL) AS p95
    FROM tail CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
    WHERE outcome <> 'open' GROUP BY carrier
""")
STRAYS = text("""
    SELECT carrier, count(*) AS n, count(*) FILTER (WHERE attempt_id IS NULL) AS stray
    FROM (SELECT carrier, attempt_id, received_at FROM receipts ORDER BY id DESC LIMIT :tail) AS r
    WHERE received_at BETWEEN clock_timestamp() - interval '1 hour'
                          AND clock_timestamp() - interval '1 minute'
    GROUP BY carrier
""")
# Calls of yesterday at this hour: those of numbers nobody knows are forgotten after 24 hours.
COUNTS = text("""
    SELECT (SELECT count(*) FROM (
                SELECT FROM messages_out WHERE state = 'unknown'
                  AND changed_at < clock_timestamp() - interval '24 hours' LIMIT 1000) AS u)
               AS unknown_old,
           (SELECT coalesce(sum(n), 0) FROM counters WHERE name = 'door_failed'
              AND minute > clock_timestamp() - interval '5 minutes') AS doors_failed,
           (SELECT coalesce(sum(n), 0) FROM counters
            WHERE name IN ('malformed', 'not_understood')
              AND minute > clock_timestamp() - interval '1 hour') AS not_understood,
           EXISTS (SELECT FROM ussd_sessions
                   WHERE updated_at > clock_timestamp() - interval '30 minutes') AS calls_now,
           (SELECT count(*) FROM (
                SELECT FROM ussd_sessions
                WHERE updated_at BETWEEN clock_timestamp() - interval '23 hours 30 minutes'
                                     AND clock_timestamp() - interval '23 hours' LIMIT 10) AS s)
               AS calls_then,
           extract(hour FROM clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')
               BETWEEN 8 AND 19 AS by_day,
           (SELECT avg(vnd) FROM spend WHERE period = 'day'
              AND starts_at > clock_timestamp() - interval '8 days') AS vnd_a_day,
           (SELECT vnd FROM spend WHERE period = 'capped_hour'
              AND starts_at = date_trunc('hour', clock_timestamp())) AS in_hour,
           (SELECT vnd FROM spend WHERE period = 'capped_day'
              AND starts_at = date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh')) AS in_day,
           EXISTS (SELECT FROM switches WHERE is_on AND starts_with(name, 'reroute:')) AS rerouted
""")
WORK = text("""
    SELECT name, every_seconds,
           extract(epoch FROM clock_timestamp() - next_at)::float AS late,
           extract(epoch FROM clock_timestamp() - last_done_at)::float AS since_done,
           lease_until > clock_timestamp() AS busy
    FROM periodic_work WHERE name <> 'watch'
""")
GAUGES = text("""
    SELECT name, value, detail,
           extract(epoch FROM clock_timestamp() - read_at)::float AS age
    FROM gauges
""")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say."""

    cap_vnd_per_hour: int
    cap_vnd_per_day: int
    carriers: tuple[str, ...]
    """The accounts messages may go by, the usual one first."""
    works: frozenset[str] | None = None
    """The lines of the timetable, where this process knows them; one of an older version is not
    missed."""


def values_of(connection: Connection, limits: Limits, tail: int) -> Iterator[Value]:
    """Yield the values that a few figures hold; what is well may be left out."""
    for row in connection.execute(ATTEMPTS, {"tail": tail}):
        yield from _of_attempts(row)
    for row in connection.execute(STRAYS, {"tail": tail}):
        share = HUNDRED * row.stray / row.n if row.stray >= FEWEST_STRAYS else 0.0
        yield Value("reports_stray", row.carrier, share, f"{row.stray}/{row.n}")
    counts = connection.execute(COUNTS).one()
    yield from _of_counts(counts, limits)
    for row in connection.execute(WORK):
        yield from _of_work(row, limits.works)
    gauges = {row.name: row for row in connection.execute(GAUGES)}
    yield from _of_host(gauges)
    yield from _of_balances(gauges, limits, counts)


def _of_attempts(row: Row[Any]) -> Iterator[Value]:
    failed = HUNDRED * row.failed / row.in_five if row.in_five >= FEWEST_CALLS else 0.0
    yield Value("carrier_errors", row.carrier, failed, f"{row.failed}/{row.in_five}")
    lost = HUNDRED * row.unknown / row.in_hour if row.unknown >= FEWEST_UNKNOWN else 0.0
    yield Value("answers_lost", row.carrier, lost, f"{row.unknown}/{row.in_hour}")
    slow = float(row.p95) if row.calls >= FEWEST_UNKNOWN else 0.0
    yield Value("carrier_slow", row.carrier, slow, f"{slow:.1f} s")


def _of_counts(row: Row[Any], limits: Limits) -> Iterator[Value]:
    yield Value("unknown_old", "messages", row.unknown_old, f"{row.unknown_old}")
    yield Value("doors_fail", "gateway", float(row.doors_failed), f"{row.doors_failed}")
    yield Value("not_understood", "gateway", float(row.not_understood), f"{row.not_understood}")
    missed = row.by_day and not row.calls_now and row.calls_then >= 10  # noqa: PLR2004 - its LIMIT
    yield Value("nobody_calls", "ussd", float(missed))
    for period, spent, cap in (
        ("hour", row.in_hour, limits.cap_vnd_per_hour),
        ("day", row.in_day, limits.cap_vnd_per_day),
    ):
        share = HUNDRED * (spent or 0) / cap if cap else 0.0
        yield Value("cap_near", period, share, f"{share:.0f} %")


def _of_work(row: Row[Any], works: frozenset[str] | None) -> Iterator[Value]:
    """A period late means that two have passed since it was done; what is under way is not late."""
    if works is None:
        yield Value("work_overdue", row.name, None)
    elif row.name in works:
        late = 0.0 if row.busy or row.late < LATE_SECONDS else 1 + row.late / row.every_seconds
        yield Value("work_overdue", row.name, late, f"{max(row.late, 0):.0f} s")
    if row.name == "forget" and row.since_done is not None:
        hours = row.since_done / 3600
        yield Value("forgetting_late", row.name, hours, f"{hours:.0f} h")


def _of_host(gauges: Mapping[str, Row[Any]]) -> Iterator[Value]:
    redis, disk, backup = (gauges.get(name) for name in ("redis", "disk", "backup"))
    if redis is not None:
        yield Value("redis_away", "redis", 1 - redis.value)
    if disk is not None:
        yield Value("disk_low", "disk", HUNDRED * disk.value, f"{HUNDRED * disk.value:.0f} %")
    since = gauges.get("watched_since")
    watched = since.age / 3600 if since else 0.0
    if backup is not None:
        yield Value("backup_old", "backup", backup.age / 3600, f"{backup.age / 3600:.0f} h")
    else:
        yield Value("backup_never", "backup", float(watched > BACKUP_WITHIN))
    for name, row in gauges.items():
        kind, _, about = name.partition(":")
        if kind == "certificate":
            days = row.value - row.age / 86_400
            yield Value("certificate_ends", about, days, f"{days:.0f} d")


def _of_balances(
    gauges: Mapping[str, Row[Any]], limits: Limits, counts: Row[Any]
) -> Iterator[Value]:
    """How long each account would last if all went by it; one that is not used wakes nobody."""
    used = limits.carriers[-1 if counts.rerouted else 0]
    for carrier, name in balance_gauges(limits.carriers).items():
        days = _days(gauges.get(name), float(counts.vnd_a_day or 0))
        said = "" if days is None else f"{days:.1f} d"
        if days is not None and carrier != used:
            days = max(days, ITS_LAST_DAY)
        yield Value("balance_low", carrier, days, said)


def _days(row: Row[Any] | None, vnd_a_day: float) -> float | None:
    """A balance in days; in another currency than dong it is shown and not judged."""
    if row is None or row.age > BALANCE_GOOD_FOR or row.detail != "VND":
        return None
    if vnd_a_day <= 0:
        return None if row.value <= 0 else HUNDRED
    return float(row.value) / vnd_a_day
