"""How long the measures take among a million requests: `make bench-measures`.

The requests are those of a year, 5,000 of them open; each has its history, steps and question.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.report import Report, rounds
from bench.seed import seed, vacuum
from bench.servers import databases
from service.ops.migrate import migrate
from service.records.engine import make_engine
from service.records.moments import now_by
from service.text.weeks import Period, week_before
from service.village.digests import TEAMS
from service.village.gaps import gaps_ahead
from service.village.measures import By, report, waiting
from service.village.quiet import silent_hamlets

REQUESTS = 1_000_000
OPEN = 5_000
MOST_WEEK, MOST_YEAR, MOST_WAITING, MOST_LISTS = 1.5, 60.0, 0.5, 3.0
"""Seconds: what a page of the console may wait for, what a yearly report may, a weekly job may."""
TIMES = 5
FILL = (
    """INSERT INTO help_requests (number, state, topic, area_id, phone_id, language, channel,
                                  idem_key, created_at, opened_at, closed_at, reopened)
       SELECT 1000 + n % 9000, CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'closed' END,
              (ARRAY['vneid', 'vssid', 'dvc', 'dienthoai', 'khac'])[1 + n % 5], p.area_id,
              p.phone_id, 'vi', 'ussd', 'bench:' || n, made, made, made + interval '2 days',
              (n % 20 = 1)::int
       FROM generate_series(1, :requests) AS n
       JOIN people p ON p.id = 1 + n % 100000
       CROSS JOIN LATERAL (SELECT now() - n * (interval '365 days' / :requests) AS made) AS m""",
    """UPDATE help_requests SET state = 'open', closed_at = NULL, number = 10000 + id - f.least
       FROM (SELECT min(id) AS least FROM help_requests WHERE idem_key LIKE 'bench:%') AS f
       WHERE idem_key LIKE 'bench:%' AND id - f.least < :open""",
    """INSERT INTO request_events (request_id, event, at)
       SELECT r.id, e.event, r.opened_at + e.after FROM help_requests r,
              (VALUES ('opened', interval '0'), ('told', interval '0'),
                      ('accepted', interval '3 hours'), ('done', interval '1 day'),
                      ('solved', interval '2 days')) AS e (event, after)
       WHERE r.idem_key LIKE 'bench:%' AND (r.state <> 'open' OR e.event IN ('opened', 'told'))""",
    """INSERT INTO climbs (request_id, ladder, rung, times, party, began_at)
       SELECT id, 'ordinary', 0, 1, 'duty', opened_at FROM help_requests
       WHERE idem_key LIKE 'bench:%'""",
    """INSERT INTO climb_steps (request_id, lap, rung, times, party, people, due_at)
       SELECT r.id, 1, s.rung, 1, s.party, 1, r.opened_at FROM help_requests r,
              (VALUES (0, 'duty'), (1, 'deputy'), (3, 'commune')) AS s (rung, party)
       WHERE r.idem_key LIKE 'bench:%' AND (s.rung = 0 OR r.id % 4 = 0)""",
    """INSERT INTO questions (phone_id, request_id, expires_at, answer, closed_at)
       SELECT phone_id, id, closed_at, CASE WHEN id % 3 > 0 THEN '1' END, closed_at
       FROM help_requests WHERE idem_key LIKE 'bench:%' AND state = 'closed'""",
)


def fill(engine: Engine) -> None:
    """Put a year of requests into an empty, migrated database full of people."""
    seed(engine)
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"requests": REQUESTS, "open": OPEN})
    vacuum(engine)


def took(engine: Engine, doing: Callable[[Session], object], times: int = TIMES) -> list[float]:
    """Return the seconds a reading takes, each time on a transaction of its own."""
    measured = []
    for _ in range(times):
        with Session(engine) as session:
            began = time.monotonic()
            doing(session)
            measured.append(time.monotonic() - began)
    return measured


def main() -> int:
    """Run everything; return the exit code."""
    figures = Report("Measures among a million requests")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with databases(folder) as settings:
            migrate(settings.database_url)
            engine = make_engine(
                settings.database_url, name="bench", pool_size=1, statement_seconds=300
            )
            fill(engine)
            measure(engine, figures)
            engine.dispose()
    return figures.end()


def measure(engine: Engine, figures: Report) -> None:
    """Time each reading and print it beside what it may take."""
    with Session(engine) as session:
        week = week_before(now_by(session))
        asked = report(session, week, By.PROVINCE).total.asked
    year = Period(week.begins - timedelta(days=365), week.ends)
    figures.say(f"{REQUESTS:,} requests of a year, {OPEN:,} open, {asked:,} in the week")
    view = text("SELECT * FROM measures_by_commune WHERE week = :week")
    teams = {"week": week.begins}
    for what, doing, most, times in (
        ("a week by hamlet", lambda s: report(s, week, By.HAMLET), MOST_WEEK, TIMES),
        ("a week by topic", lambda s: report(s, week, By.TOPIC), MOST_WEEK, TIMES),
        ("a week of a view", lambda s: s.execute(view, teams).all(), MOST_WEEK, TIMES),
        ("what waits now", waiting, MOST_WAITING, TIMES),
        ("the teams' digests", lambda s: s.execute(TEAMS, teams).all(), MOST_LISTS, TIMES),
        ("silent hamlets", silent_hamlets, MOST_LISTS, TIMES),
        ("gaps ahead", lambda s: gaps_ahead(s, 7), MOST_LISTS, TIMES),
        ("a year by commune", lambda s: report(s, year, By.COMMUNE), MOST_YEAR, 1),
    ):
        seconds = took(engine, doing, times)
        figures.say(f"{what}: {rounds(seconds, 2)} s")
        figures.figure(what, median(seconds), "s", most=most)


if __name__ == "__main__":
    sys.exit(main())
