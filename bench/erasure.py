"""How long an erasure takes where much is kept: `make bench-erase`. Prints figures beside targets.

Whoever is erased is looked for in everybody's words, so that every row of some tables is read. The
tables hold what a province of 100,000 phones has after a year: bodies of a month, the rest of all.
Beside it, in the same run: the floor, what merely reading those tables once takes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.report import Report, rounds
from bench.seed import FIRST_NUMBER, seed, vacuum
from bench.servers import databases
from service.menus import read_menus
from service.ops.migrate import migrate
from service.records.engine import make_engine
from service.records.unit import Units
from service.text.phones import Msisdn
from service.village.desk import Desk, Words
from service.village.erasure import erase_all

MOST_SECONDS = 3.0
"""Seconds an erasure may take, in the middle: the call that asks waits, and the carrier 10 s."""
ERASED = 5
MESSAGES = 1_000_000
"""A year of them; every tenth still has its words."""
FILL = (
    """INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, phone_id, body, segments,
                                 state, recipient_digest, valid_until, created_at)
       SELECT 'bench:' || n, 'reply', 'reply', 0, p.msisdn, p.id,
              CASE WHEN n % 10 = 0
                   THEN 'Viec 1: VNeID, xom Coc Phia. Goi 09' || lpad(n::text, 8, '0')
                        || ', noi so viec 4321.'
                   ELSE '' END,
              1, 'delivered', NULL, now() - interval '9 days', now() - interval '10 days'
       FROM generate_series(1, :messages) AS n JOIN phones p ON p.id = 1 + n % 100000""",
    """INSERT INTO attempts (message_id, no, token, carrier, carrier_message_id, msisdn, outcome)
       SELECT id, 1, gen_random_uuid(), 'africastalking', 'ATXid_' || id, msisdn, 'accepted'
       FROM messages_out WHERE idem_key LIKE 'bench:%'""",
    """INSERT INTO receipts (carrier, carrier_message_id, fingerprint, msisdn, status, rank,
                              attempt_id)
       SELECT 'africastalking', carrier_message_id, 'x', msisdn, 'Success', 4, id FROM attempts""",
    """INSERT INTO messages_in (carrier, sender, recipient, body, dedupe_key)
       SELECT 'africastalking', p.msisdn, '8499', 'nho to giup cai VNeID, may toi khong vao duoc',
              md5(n::text)
       FROM generate_series(1, :messages / 10) AS n JOIN phones p ON p.id = 1 + n % 100000""",
)
FLOOR = ("messages_out", "attempts", "receipts", "messages_in", "help_requests", "request_events")


def fill(engine: Engine) -> None:
    """Put a year of messages into an empty, migrated database full of people."""
    seed(engine)
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"messages": MESSAGES})
    vacuum(engine)


def floor(engine: Engine) -> float:
    """Return the seconds that reading the tables once takes."""
    began = time.monotonic()
    with engine.connect() as connection:
        for table in FLOOR:
            connection.execute(text(f"SELECT count(*) FROM {table} t WHERE t::text = ''"))
    return time.monotonic() - began


def erase(engine: Engine, number: int) -> float:
    """Erase somebody of a hamlet; return the seconds it takes until it is committed."""
    words = Words(read_menus().texts, "8499", "*384#", frozenset({"84"}), key="bench")
    units = Units(engine, lambda _lane: None)
    began = time.monotonic()
    with units.open() as unit:
        msisdn = Msisdn(f"+84{FIRST_NUMBER + number}")
        erase_all(Desk(unit, words, msisdn, channel="sms", cause=f"bench:{number}"))
    return time.monotonic() - began


def main() -> int:
    """Run everything; return the exit code."""
    report = Report("An erasure")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with databases(folder) as settings:
            migrate(settings.database_url)
            engine = make_engine(
                settings.database_url, name="bench", pool_size=1, statement_seconds=120
            )
            fill(engine)
            report.say(f"{MESSAGES:,} messages, as many attempts and reports, 100,000 people")
            floors, took = [], []
            for number in range(ERASED):
                floors.append(floor(engine))
                took.append(erase(engine, 10 + number))
            report.say(f"floor (each of these tables read once): {rounds(floors, 2)} s")
            report.say(f"an erasure: {rounds(took, 2)} s")
            ratio = median(took) / median(floors)
            what = f"an erasure ({ratio:.1f} x the floor)"
            report.figure(what, median(took), "s", most=MOST_SECONDS)
            engine.dispose()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
