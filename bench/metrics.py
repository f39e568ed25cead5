"""How long a scrape of /metrics takes among millions of messages: `make bench-metrics`.

Two million messages of which 100,000 wait and 50,000 have no report, as many attempts, 200,000
requests with 2,000 open, 100,000 calls: a bad morning after a notice to the whole province.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.report import Report
from bench.seed import seed, vacuum
from bench.servers import databases
from service.ops.metrics import READINGS, metrics
from service.ops.migrate import migrate
from service.records.engine import make_engine

MESSAGES, REQUESTS = 2_000_000, 200_000
MOST_MS = 1000.0
"""Of a whole scrape; Prometheus asks every 15 or 30 seconds and waits for ten."""
TIMES = 9
UNCHECKED = "SET LOCAL session_replication_role = replica"
# By the number of a message: the newest are 100,000 that wait, then 50,000 that were accepted.
FILL = (
    """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, recipient_digest,
                                 segments, state, due_at, valid_until, created_at, changed_at)
       SELECT 'm:' || n, 'notice', 'bulk', 0, '+84' || (900000000 + n % 100000), 'd', 1,
              CASE WHEN :messages - n < 100000 THEN 'queued'
                   WHEN :messages - n < 150000 THEN 'accepted' ELSE 'delivered' END,
              made, made + interval '3 days', made, made
       FROM generate_series(1, :messages) AS n
       CROSS JOIN LATERAL (SELECT now() - (:messages - n) * interval '10 ms' AS made) AS m""",
    """INSERT INTO attempts (message_id, no, token, carrier, carrier_message_id, msisdn, outcome,
                             started_at, finished_at)
       SELECT id, 1, gen_random_uuid(), 'africastalking', idem_key, msisdn, 'accepted',
              created_at, created_at + interval '1 second'
       FROM messages_out WHERE idem_key LIKE 'm:%' AND state <> 'queued'""",
    """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                  idem_key, created_at, opened_at, closed_at)
       SELECT 10000 + n % 80000, CASE WHEN n < 2000 THEN 'open' ELSE 'closed' END, 'vneid',
              p.area_id, p.phone_id, 'vi', 'sms', 'r:' || n, made, made,
              CASE WHEN n >= 2000 THEN made + interval '1 day' END
       FROM generate_series(1, :requests) AS n JOIN people p ON p.id = 1 + n % 100000
       CROSS JOIN LATERAL (SELECT now() - n * interval '2 minutes' AS made) AS m""",
    """INSERT INTO climbs (request_id, ladder, rung, times, party, began_at)
       SELECT id, 'ordinary', 0, 1, 'duty', opened_at FROM help_requests
       WHERE idem_key LIKE 'r:%'""",
    """INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest, state,
                                  reply, open, updated_at)
       SELECT 'africastalking', 'c:' || n, '+84' || (900000000 + n), 5, 9, 'd', '{}', 'x', false,
              now() - n * interval '100 ms' FROM generate_series(1, 100000) AS n""",
    """INSERT INTO counters (name, minute, n)
       SELECT name, date_trunc('minute', now()) - n * interval '1 minute', 1
       FROM generate_series(1, 129600) AS n,
            (VALUES ('wrong_secret'), ('malformed')) AS c (name)""",
)


def fill(engine: Engine) -> None:
    """Put years of messages into an empty, migrated database full of people."""
    seed(engine)
    for statement in FILL:
        with engine.begin() as connection:
            connection.execute(text(UNCHECKED))
            connection.execute(text(statement), {"messages": MESSAGES, "requests": REQUESTS})
    vacuum(engine)


def slowest(engine: Engine, values: Mapping[str, object]) -> list[tuple[float, str]]:
    """Return how long each reading takes by itself, the slowest first."""
    found = []
    with engine.connect() as connection:
        for reading in READINGS:
            took = []
            for _ in range(3):
                began = time.perf_counter()
                connection.execute(reading.statement, values).all()
                took.append((time.perf_counter() - began) * 1000)
            found.append((median(took), reading.name))
    return sorted(found, reverse=True)


def main() -> int:
    """Measure; return 1 when a scrape takes too long."""
    report = Report(f"A scrape of /metrics among {MESSAGES:,} messages, {REQUESTS:,} requests")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as folder:
        Path(folder).chmod(0o711)
        with databases(Path(folder)) as settings:
            migrate(settings.database_url)
            engine = make_engine(
                settings.database_url, name="bench", pool_size=2, statement_seconds=600
            )
            fill(engine)
            caps = {"per_hour": 1, "per_day": 1}
            write = metrics(engine, None, timetable=lambda: ("climb",), caps=caps)
            write()
            took = []
            for _ in range(TIMES):
                began = time.perf_counter()
                page, _kind = write()
                took.append((time.perf_counter() - began) * 1000)
            assert b'caunoi_reading_failed{reading="lanes"} 0.0' in page
            report.say(f"{len(READINGS)} statements, {len(page.splitlines())} lines")
            values = {"lanes": ["emergency", "reply", "bulk"], "steps": ["duty"], "silence": 30,
                      "events": ["wrong_secret", "malformed"], "timetable": [], **caps}  # fmt: skip
            for milliseconds, name in slowest(engine, values)[:6]:
                report.say(f"{name}: {milliseconds:.1f} ms")
            report.figure("a scrape, half of them", median(took), "ms", most=MOST_MS)
            report.figure("the slowest of nine", max(took), "ms", most=MOST_MS)
            engine.dispose()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
