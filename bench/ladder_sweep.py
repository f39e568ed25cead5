"""A look at what is due among a million requests: `make bench-ladder`, second part.

Of a million requests five thousand are open. What is measured is what the clock does every ten
seconds: finding the steps that are due, with none and with twenty, and apart from it what taking
them costs. Beside it, in the same run: a question that asks nothing, and the same twenty rows read
by their key.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from bench.report import Report, p99, rounds
from bench.seed import FIRST_NUMBER, PEOPLE, seed, vacuum
from bench.servers import databases
from service.menus import read_menus
from service.ops.migrate import migrate
from service.records.engine import make_engine
from service.records.unit import Units
from service.village.climbing import DUE, HOLD, MOST_AT_ONCE, climb_due
from service.village.desk import Words

REQUESTS = 1_000_000
OPEN = 5_000
DUE_AT_ONCE = 20
LOOKS = 200
SWEEPS = 9
MOST_MS = 50.0
# The rows fit each other; checking a million foreign keys would only take its time.
UNCHECKED = "SET LOCAL session_replication_role = replica"
FILL = (
    """CREATE TEMPORARY TABLE hamlets ON COMMIT DROP AS
       SELECT row_number() OVER (ORDER BY a.code) - 1 AS place, a.id AS area_id,
              ta.team_id, h.phone_id, f.msisdn
       FROM areas a JOIN team_areas ta ON ta.area_id = a.id
       JOIN memberships m ON m.team_id = ta.team_id AND m.role = 'leader'
       JOIN people h ON h.id = m.person_id JOIN phones f ON f.id = h.phone_id
       WHERE a.kind = 'hamlet'""",
    """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                  idem_key, team_id, created_at, opened_at, closed_at)
       SELECT 10000 + n % 80000, CASE WHEN n <= :open THEN 'open' ELSE 'closed' END,
              'vneid', a.area_id, 1 + n % :people, 'vi', 'sms', 'many:' || n, a.team_id,
              now() - interval '1 hour', now() - interval '1 hour',
              CASE WHEN n > :open THEN now() END
       FROM generate_series(1, :requests) AS n
       JOIN hamlets a ON a.place = n % (SELECT count(*) FROM hamlets)""",
    """INSERT INTO climbs (request_id, ladder, lap, began_at, rung, times, party, due_at)
       SELECT id, 'ordinary', 1, created_at, 0, 1, 'duty',
              CASE WHEN state = 'open' THEN now() + id % 600 * interval '1 minute'
                                            + interval '1 hour' END
       FROM help_requests WHERE idem_key LIKE 'many:%'""",
    """INSERT INTO climb_steps (request_id, lap, rung, times, party, people, due_at, at)
       SELECT id, 1, 0, 1, 'duty', 1, created_at, created_at
       FROM help_requests WHERE idem_key LIKE 'many:%'""",
    """INSERT INTO request_events (request_id, event, at)
       SELECT id, 'opened', created_at FROM help_requests WHERE idem_key LIKE 'many:%'""",
    """INSERT INTO task_numbers (phone_id, request_id, number, given_at, freed_at)
       SELECT a.phone_id, r.id, 1 + row_number() OVER (PARTITION BY a.phone_id ORDER BY r.id) % 90,
              r.created_at, r.closed_at
       FROM help_requests r JOIN hamlets a ON a.area_id = r.area_id
       WHERE r.idem_key LIKE 'many:%'""",
    """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, phone_id, request_id,
                                 body, segments, state, valid_until, created_at)
       SELECT 'many:' || r.id, 'alert', 'reply', 1, a.msisdn, a.phone_id, r.id, '', 1, 'delivered',
              r.created_at, r.created_at - interval '2 days'
       FROM help_requests r JOIN hamlets a ON a.area_id = r.area_id
       WHERE r.idem_key LIKE 'many:%'""",
    """INSERT INTO teams (name, level) VALUES ('Trực tỉnh', 'province')""",
    """INSERT INTO team_areas (team_id, area_id)
       SELECT t.id, a.id FROM teams t, areas a
       WHERE t.level = 'province' AND a.kind = 'province'""",
    """INSERT INTO memberships (team_id, person_id, role)
       SELECT t.id, (SELECT id FROM people WHERE phone_id = (SELECT id FROM phones
                     WHERE msisdn = '+84' || :first)), 'duty'
       FROM teams t WHERE t.level = 'province'""",
)
LET_FALL_DUE = text("""
    WITH picked AS (
        SELECT request_id FROM climbs WHERE due_at > now() ORDER BY random() LIMIT :most)
    UPDATE climbs c SET due_at = clock_timestamp() - interval '1 second'
    FROM picked WHERE c.request_id = picked.request_id RETURNING c.request_id
""")
BY_KEY = text("SELECT request_id, due_at FROM climbs WHERE request_id = ANY(:ids)")
PUT_OFF = text("""
    UPDATE climbs SET due_at = clock_timestamp() + interval '2 hours'
    WHERE due_at <= clock_timestamp()
""")
COUNTS = text("""
    SELECT count(*) AS requests, count(*) FILTER (WHERE state = 'open') AS open FROM help_requests
""")


def fill(engine: Engine) -> None:
    """Put a million requests into a migrated, empty database full of people."""
    seed(engine)
    values = {"requests": REQUESTS, "open": OPEN, "people": PEOPLE, "first": FIRST_NUMBER}
    with engine.begin() as connection:
        connection.execute(text(UNCHECKED))
        for statement in FILL:
            connection.execute(text(statement), values)
    vacuum(engine)


def milliseconds(does: Callable[[], object], times: int) -> list[float]:
    """Do something again and again; return how long each took."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        does()
        took.append((time.perf_counter() - began) * 1000)
    return took


class Sweep:
    """The measurements, on a database that is full."""

    def __init__(self, engine: Engine, report: Report) -> None:
        self._engine, self._report = engine, report
        self._units = Units(engine, lambda _lane: None)
        menus = read_menus()
        countries = frozenset({"84"})
        self._words = Words(
            menus.texts, "8499", "*384#", countries, ladders=menus.ladders, key="bench"
        )

    def run(self) -> None:
        """Measure looking, then taking."""
        self._say_what_there_is()
        ids = self._let_fall_due()
        with self._engine.connect() as connection:
            ask = lambda: connection.execute(text("SELECT 1")).all()  # noqa: E731
            read = lambda: connection.execute(BY_KEY, {"ids": ids}).all()  # noqa: E731
            milliseconds(ask, 20)
            asking, reading = milliseconds(ask, LOOKS), milliseconds(read, LOOKS)
        self._report.say(f"a question that asks nothing: {_of(asking)}")
        self._report.say(f"the {DUE_AT_ONCE} rows by their key: {_of(reading)}")
        self._find(f"finding what is due, {DUE_AT_ONCE} steps", reading)
        self._put_off()
        self._find("finding what is due, none", asking)
        idle = milliseconds(lambda: climb_due(self._units, self._words), LOOKS)
        self._figure("a look of the clock at nothing due", idle, asking)
        self._take()

    def _find(self, what: str, floor: list[float]) -> None:
        def look() -> None:
            with self._units.open() as unit:
                unit.session.execute(HOLD)
                unit.session.scalars(DUE, {"most": MOST_AT_ONCE}).all()

        self._figure(what, milliseconds(look, LOOKS), floor)

    def _take(self) -> None:
        """Take steps that are due, again and again others."""
        took = []
        for _ in range(SWEEPS):
            self._let_fall_due()
            began = time.perf_counter()
            taken = climb_due(self._units, self._words)
            took.append((time.perf_counter() - began) * 1000)
            if taken != DUE_AT_ONCE:
                raise SystemExit(f"{taken} steps were taken, not {DUE_AT_ONCE}")
        self._report.say(f"a look that takes {DUE_AT_ONCE} steps: {rounds(took)} ms")
        each = statistics.median(took) / DUE_AT_ONCE
        self._report.say(
            f"  {each:.1f} ms a step, told and written down: {1000 / each:.0f} a second"
        )

    def _figure(self, what: str, took: list[float], floor: list[float]) -> None:
        median = statistics.median(took)
        ratio = median / statistics.median(floor)
        name = f"{what} ({ratio:.1f} x the floor, p99 {p99(took):.1f} ms)"
        self._report.figure(name, median, "ms", most=MOST_MS)

    def _let_fall_due(self) -> list[int]:
        with self._engine.begin() as connection:
            return list(connection.execute(LET_FALL_DUE, {"most": DUE_AT_ONCE}).scalars())

    def _put_off(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(PUT_OFF)

    def _say_what_there_is(self) -> None:
        with self._engine.connect() as connection:
            there = connection.execute(COUNTS).one()
        self._report.say(f"{there.requests:,} requests, {there.open:,} open")


def _of(took: list[float]) -> str:
    return f"{statistics.median(took):.2f} ms, p99 {p99(took):.2f}"


def main() -> int:
    """Run everything; return the exit code."""
    report = Report("A look at what is due")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with databases(folder) as settings:
            migrate(settings.database_url)
            engine = make_engine(
                settings.database_url, name="bench", pool_size=2, statement_seconds=300
            )
            began = time.monotonic()
            fill(engine)
            report.say(f"made in {time.monotonic() - began:.0f} s")
            Sweep(engine, report).run()
            engine.dispose()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
