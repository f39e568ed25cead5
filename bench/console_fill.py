"""Fills an empty database with a year of the service, in minutes: indexes of the large tables last.

Two connections write at a time. The server must be one for trials: it forgets in a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench import console_data as data
from bench.seed import seed
from service.outbox.classes import LANES

UNCHECKED = (
    "SET LOCAL session_replication_role = replica",
    "SET LOCAL maintenance_work_mem = '1GB'",
    "SET LOCAL work_mem = '256MB'",
)
LARGE = ("messages_out", "attempts", "receipts", "audit", "request_events")
PARTS = 10
AT_ONCE = 2
SERIES = (
    *(f"{what}:{lane}" for what in ("sent", "failed", "waiting", "oldest") for lane in LANES),
    *("delivered", "undelivered", "hops", "hop_p95_ms", "texts", "reports", "balance_vnd"),
)
COUNTERS = ("hop_ms_20", "hop_ms_30", "hop_ms_75", "texts_in", "reports_in", "wrong_secret")
# Primary keys stay: other tables refer to them, and rows come in their order.
KEYS = text("""
    SELECT conname AS name, conrelid::regclass::text AS of,
           'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || conname || ' '
           || pg_get_constraintdef(oid) AS make
    FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text = ANY(:tables)
""")
INDEXES = text("""
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS make
    FROM pg_index i
    WHERE i.indrelid::regclass::text = ANY(:tables) AND NOT i.indisprimary
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
""")
NEXT = text("""
    SELECT setval(pg_get_serial_sequence(t, 'id'), :top)
    FROM unnest(ARRAY['messages_out', 'attempts', 'receipts', 'help_requests', 'households',
                      'trainings', 'courses']) AS t
""")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything; a year of a province as it stands."""

    messages: int = 5_000_000
    requests: int = 200_000
    people: int = 130_000
    audit: int = 500_000
    calls: int = 100_000
    trainings: int = 5_000
    due: int = 100_000
    """Messages of a notice that are due at once, in the second half of the trial."""

    @classmethod
    def of(cls, messages: int) -> Size:
        """Return the sizes in proportion to so many messages."""
        whole = cls()
        share = min(messages / whole.messages, 1.0)
        return cls(
            messages=messages,
            requests=max(int(whole.requests * share), 400),
            people=max(int(whole.people * share), 2_000),
            audit=max(int(whole.audit * share), 1_000),
            calls=max(int(whole.calls * share), 500),
            trainings=max(int(whole.trainings * share), 400),
            due=max(int(whole.due * share), 100),
        )

    @property
    def values(self) -> dict[str, Any]:
        """The values that the statements name."""
        counts = {name: getattr(self, name) for name in self.__slots__}
        live = max(min(self.requests // 100, 2_000), 120)
        return {
            **counts,
            "live": live,
            "span": "365 days",
            "body": data.BODY,
            "series": list(SERIES),
            "counters": list(COUNTERS),
        }


Say = Callable[[str], None]


def fill(engine: Engine, size: Size, say: Say) -> None:
    """Fill an empty, migrated database; `engine` lends as many connections as write at a time."""
    seed(engine, size.people, with_past=False)
    say("places, people and teams are there")
    _run(engine, data.PLACES, size.values)
    with _without_indexes(engine, say), ThreadPoolExecutor(AT_ONCE) as pool:
        work = [
            pool.submit(_run, engine, [statement], {**size.values, "first": first, "last": last})
            for first, last in _parts(size.messages)
            for statement in (data.MESSAGES, data.ATTEMPTS, data.RECEIPTS)
        ]
        work.append(pool.submit(_run, engine, data.REQUESTS, size.values))
        work.append(pool.submit(_run, engine, [*data.CLASSES, *data.RUNNING], size.values))
        for done in work:
            done.result()
        say("all rows are there")
    with engine.begin() as connection:
        connection.execute(NEXT, {"top": size.messages + 1})
    look_again(engine)
    say("indexes and statistics are made")


def let_be_due(engine: Engine, size: Size) -> None:
    """Let a notice to the whole province be due at once."""
    _run(engine, data.DUE, size.values)
    look_again(engine, "messages_out")


def look_again(engine: Engine, *tables: str) -> None:
    """Let the planner know what the tables hold, as autovacuum does on a service that runs."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET maintenance_work_mem = '1GB'"))
        connection.execute(text(f"VACUUM ANALYZE {', '.join(tables)}"))


def _run(engine: Engine, statements: Iterable[str], values: Mapping[str, Any]) -> None:
    for statement in statements:
        with engine.begin() as connection:
            for setting in UNCHECKED:
                connection.execute(text(setting))
            connection.execute(text(statement), values)


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """Yield first and last number of each part."""
    step = -(-count // PARTS)
    for first in range(1, count + 1, step):
        yield first, min(first + step - 1, count)


@contextmanager
def _without_indexes(engine: Engine, say: Say) -> Iterator[None]:
    """Drop the secondary indexes of the large tables, and make them again in the end."""
    with engine.begin() as connection:
        again = [*_drop_keys(connection), *_drop_indexes(connection)]
    yield
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_run, engine, [make], {}) for make in again]:
            done.result()
    say(f"{len(again)} indexes are made again")


def _drop_keys(connection: Connection) -> list[str]:
    keys = connection.execute(KEYS, {"tables": list(LARGE)}).all()
    for key in keys:
        connection.execute(text(f"ALTER TABLE {key.of} DROP CONSTRAINT {key.name}"))
    return [key.make for key in keys]


def _drop_indexes(connection: Connection) -> list[str]:
    indexes = connection.execute(INDEXES, {"tables": list(LARGE)}).all()
    for index in indexes:
        connection.execute(text(f"DROP INDEX {index.name}"))
    return [index.make for index in indexes]
