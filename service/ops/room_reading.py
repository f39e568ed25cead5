"""What the operators' room asks of PostgreSQL: seven statements, however much there is to tell.

What waits is found by the index of what is queued, what is in flight by the index of leases; the
past is the newest attempts and reports by their keys, at most TAIL of each. So five million old
messages cost nothing, and a rate says over how many minutes it was taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from service.outbox.claim import BY_DAY_ONLY
from service.outbox.classes import RULES
from service.outbox.switches import REROUTE
from service.text.local_time import day_in_vietnam, in_vietnam, midnight_of

TAIL = 5_000
"""How many of the newest attempts and reports are looked at."""
SILENT = timedelta(seconds=12)
"""Silence after which a worker is missing: it says every five seconds that it lives."""
CLOCK_SILENT = timedelta(seconds=8)
"""The same of a clock, which says so every second unless it is at work."""
SHARE_OF = 100
UNREPORTED_AFTER = timedelta(minutes=5)
"""How long a carrier may keep silent about a message it has taken."""
CAPS = frozenset({"cap_hour", "cap_day"})
"""Codes of messages that a cap on spending put back."""
DAY_BEGINS, DAY_ENDS = 7, 22
"""Hours in Vietnam between which classes by day leave, as claim() has them."""

# The line `watch` is done by workers and the console too, so it says nothing of the clock.
STANDING = text("""
    SELECT one.now, s.is_on, s.changed_by, s.reason, s.changed_at, clock.beat_at AS clock_beat,
           work.lines, work.overdue_since, work.busy, work.newest_due,
           current_setting('transaction_read_only')::bool
           OR current_setting('default_transaction_read_only')::bool OR pg_is_in_recovery()
           OR EXISTS (SELECT FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase
                      WHERE d.datname = current_database()
                        AND r.setconfig && ARRAY['default_transaction_read_only=on',
                                                 'default_transaction_read_only=true'])
           AS read_only
    FROM (SELECT clock_timestamp() AS now) AS one
    LEFT JOIN switches s ON s.name = 'sending'
    CROSS JOIN (SELECT max(beat_at) AS beat_at FROM beats WHERE kind = 'clock') AS clock
    CROSS JOIN (SELECT count(*) AS lines, min(next_at) AS overdue_since,
                       coalesce(bool_or(lease_until > clock_timestamp()), false) AS busy,
                       max(next_at) FILTER (WHERE every_seconds <= 60) AS newest_due
                FROM periodic_work WHERE name <> 'watch') AS work
""")
PAUSES = text("""
    SELECT carrier, code, since, until, NULL AS name, NULL AS is_on, NULL AS by, NULL AS reason
    FROM carrier_pauses
    UNION ALL
    SELECT NULL, NULL, changed_at, NULL, name, is_on, changed_by, coalesce(reason, '')
    FROM switches WHERE name <> 'sending'
    ORDER BY carrier, name
""")
# A message that was tried is due later each time; it has waited since it was due at first. A code
# on what is not due yet says it was put back. Grouped by bare columns: then PostgreSQL knows how
# few groups there are and sorts nothing, which is half the time where 100,000 wait.
WAITING = text("""
    SELECT m.lane, m.class, m.code, count(*) FILTER (WHERE m.due_at <= :now) AS due,
           count(*) FILTER (WHERE m.due_at > :now) AS later,
           min(CASE WHEN m.code IS NULL THEN m.due_at
                    ELSE greatest(m.created_at, least(m.due_at, m.valid_until - r.valid_for)) END)
               AS since,
           min(m.due_at) FILTER (WHERE m.due_at > :now) AS next_due,
           min(m.changed_at) AS changed_at
    FROM messages_out m
    JOIN unnest(CAST(:classes AS text[]), CAST(:valid_for AS interval[]))
         AS r (class, valid_for) ON r.class = m.class
    WHERE m.state = 'queued' AND m.valid_until > :now AND (m.due_at <= :now OR m.code IS NOT NULL)
    GROUP BY m.lane, m.class, m.code
""")
AT_WORK = text("""
    SELECT lane, w.alive, w.started_at, w.last_beat, h.n, h.dead, h.dead_since
    FROM (SELECT lane, count(*) FILTER (WHERE beat_at > :now - :silent) AS alive,
                 min(started_at) FILTER (WHERE beat_at > :now - :silent) AS started_at,
                 max(beat_at) AS last_beat
          FROM beats WHERE kind = 'worker' GROUP BY lane) AS w
    FULL JOIN (SELECT lane, count(*) AS n,
                      count(*) FILTER (WHERE lease_until < :now - :silent) AS dead,
                      min(lease_until) AS dead_since
               FROM messages_out WHERE state IN ('leased', 'sending') GROUP BY lane) AS h
    USING (lane)
""")
ATTEMPTS = text("""
    WITH tail AS MATERIALIZED (
        SELECT message_id, outcome, code, started_at, coalesce(finished_at, started_at) AS at
        FROM attempts ORDER BY id DESC LIMIT :tail)
    SELECT m.lane, t.outcome, t.code, whole.n AS tail, whole.begins_at AS tail_begins_at,
           count(*) FILTER (WHERE t.started_at > :now - interval '1 hour') AS in_hour,
           count(*) FILTER (WHERE t.started_at > :now - interval '5 minutes') AS in_five,
           count(DISTINCT t.message_id)
               FILTER (WHERE t.started_at > :now - interval '1 hour') AS messages,
           max(t.at) AS last_at
    FROM tail t JOIN messages_out m ON m.id = t.message_id
    CROSS JOIN (SELECT count(*) AS n, min(started_at) AS begins_at FROM tail) AS whole
    GROUP BY m.lane, t.outcome, t.code, whole.n, whole.begins_at
""")
# Not counted is what was taken just now and has had no time to be reported. Ranks: 1 on its way,
# 2 no report came within 72 hours, 3 not delivered, 4 delivered.
SHARES = text("""
    WITH taken AS (
        SELECT t.id, t.carrier, t.at, m.report_rank,
               m.report_rank > 0 OR t.at < :now - :unreported AS counts,
               max(t.id) FILTER (WHERE m.report_rank IN (1, 3, 4)) OVER (PARTITION BY t.carrier)
                   AS heard_of
        FROM (SELECT id, carrier, message_id, outcome, coalesce(finished_at, started_at) AS at
              FROM attempts ORDER BY id DESC LIMIT :tail) AS t
        JOIN messages_out m ON m.id = t.message_id
        WHERE t.outcome = 'accepted'),
    counted AS (
        SELECT *, row_number() OVER (PARTITION BY carrier, counts ORDER BY id DESC) AS nth
        FROM taken)
    SELECT carrier,
           count(*) FILTER (WHERE nth <= :share_of) AS last_n,
           count(*) FILTER (WHERE nth <= :share_of AND report_rank = 4) AS last_delivered,
           count(*) FILTER (WHERE nth <= :share_of AND report_rank = 3) AS last_undelivered,
           count(*) FILTER (WHERE at > :now - interval '1 hour') AS hour_n,
           count(*) FILTER (WHERE at > :now - interval '1 hour' AND report_rank = 4)
               AS hour_delivered,
           count(*) FILTER (WHERE at > :now - interval '1 hour' AND report_rank = 3)
               AS hour_undelivered,
           count(*) FILTER (WHERE id > coalesce(heard_of, 0) AND at > :now - interval '1 day')
               AS unheard,
           min(at) FILTER (WHERE id > coalesce(heard_of, 0) AND at > :now - interval '1 day')
               AS unheard_since
    FROM counted WHERE counts GROUP BY carrier ORDER BY carrier
""")
NETWORKS = text("""
    SELECT carrier, network, count(*) AS n, count(*) FILTER (WHERE rank = 4) AS delivered,
           count(*) FILTER (WHERE rank = 3) AS undelivered
    FROM (SELECT DISTINCT ON (attempt_id) carrier, coalesce(network, '') AS network, rank
          FROM (SELECT attempt_id, carrier, network, rank, received_at
                FROM receipts ORDER BY id DESC LIMIT :tail) AS tail
          WHERE received_at > :now - interval '1 hour' AND attempt_id IS NOT NULL
          ORDER BY attempt_id, rank DESC) AS last
    GROUP BY carrier, network ORDER BY carrier, n DESC, network
""")

Rows = Sequence[Row[Any]]


class Kind(StrEnum):
    """Why a message waits that may be sent."""

    DUE = "due"
    AGAIN = "again"
    """It was tried or taken up, and put back to be tried again later."""
    CAP = "cap"
    """A cap on spending is reached."""
    MORNING = "morning"
    """It leaves by day only."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Messages that wait in one lane for one reason."""

    lane: str
    kind: Kind
    code: str | None
    n: int
    since: datetime
    next_due: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows as they are; `standing` has one row: the moment, the switch, clock and database."""

    standing: Row[Any]
    pauses: Rows
    """Carriers that we leave alone for a while, by ourselves."""
    turned: Rows
    """The switches of lanes, carriers and routes, as somebody turned them last."""
    workers: Mapping[str, Row[Any]]
    waiting: Sequence[Waits]
    in_flight: Mapping[str, Row[Any]]
    attempts: Rows
    shares: Rows
    networks: Rows
    tail: int
    is_night: bool
    morning: datetime
    """When what leaves by day only may leave next."""

    @property
    def now(self) -> datetime:
        """The database's moment of the reading."""
        moment: datetime = self.standing.now
        return moment

    @property
    def rerouted(self) -> Row[Any] | None:
        """The switch by which messages go by another carrier than the usual one."""
        return next(
            (row for row in self.turned if row.is_on and row.name.startswith(REROUTE)), None
        )

    def in_turn(self, carrier: str) -> bool:
        """Say whether messages go by this carrier now."""
        if self.rerouted is not None:
            return str(self.rerouted.name) == REROUTE + carrier
        return all(row.name != REROUTE + carrier for row in self.turned)


def read(connection: Connection, tail: int = TAIL) -> Reading:
    """Ask everything; nothing is written, so it answers on a database that refuses to write."""
    standing = connection.execute(STANDING).one()
    now = standing.now
    about = {
        "now": now, "silent": SILENT, "tail": tail,
        "share_of": SHARE_OF, "unreported": UNREPORTED_AFTER,
    }  # fmt: skip
    at_work = connection.execute(AT_WORK, about).all()
    brakes = connection.execute(PAUSES).all()
    day_begins = _day_begins(now)
    return Reading(
        standing=standing,
        pauses=[row for row in brakes if row.name is None],
        turned=[row for row in brakes if row.name is not None],
        workers={row.lane: row for row in at_work if row.alive is not None},
        waiting=read_waiting(connection, now),
        in_flight={row.lane: row for row in at_work if row.n is not None},
        attempts=connection.execute(ATTEMPTS, about).all(),
        shares=connection.execute(SHARES, about).all(),
        networks=connection.execute(NETWORKS, about).all(),
        tail=tail,
        is_night=_is_night(now),
        morning=day_begins if now < day_begins else day_begins + timedelta(days=1),
    )


def read_waiting(connection: Connection, now: datetime) -> list[Waits]:
    """Read what waits and may be sent, by lane and reason; by the index of what is queued."""
    about = {
        "now": now,
        "classes": [str(name) for name in RULES],
        "valid_for": [rules.valid_for for rules in RULES.values()],
    }
    rows = connection.execute(WAITING, about)
    begins, is_night = _day_begins(now), _is_night(now)
    return [waits for row in rows for waits in _waits(row, begins, is_night=is_night)]


def _day_begins(now: datetime) -> datetime:
    return midnight_of(day_in_vietnam(now)) + timedelta(hours=DAY_BEGINS)


def _is_night(now: datetime) -> bool:
    return not DAY_BEGINS <= in_vietnam(now).hour < DAY_ENDS


def _waits(row: Row[Any], morning: datetime, *, is_night: bool) -> Iterator[Waits]:
    """Part a group by why it waits; what leaves by day only has waited since the morning."""
    by_day = getattr(row, "class") in BY_DAY_ONLY
    since = max(row.since, morning) if by_day else row.since
    put_back = Kind.CAP if row.code in CAPS else Kind.AGAIN
    for kind, n in ((Kind.DUE, row.due), (put_back, row.later)):
        if n:
            its_kind = Kind.MORNING if by_day and is_night else kind
            yield Waits(row.lane, its_kind, row.code, n, since, row.next_due, row.changed_at)
