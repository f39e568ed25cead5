"""How long a start takes and how much memory the service holds: `make bench-start`.

A fresh copy of this tree is started by `make up`, first with nothing but a warm package cache, then
again. The floors are measured beside it: what the two databases and a bare Flask hello take to
answer, and what that hello holds in memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import text

from bench.flows import Flows
from bench.load import closed
from bench.report import Report, rounds
from bench.seed import Place
from bench.servers import HELLO, Web, databases
from bench.whole import Whole
from service.menus import read_menus
from service.ops.environment import children_environment
from service.outbox.put import Message, put
from service.outbox.wake import Waker
from service.records.engine import make_engine
from service.records.messages import MessageClass
from service.records.unit import Units
from service.text.phones import Msisdn

MOST_FIRST = 60.0
MOST_AGAIN = 8.0
MOST_WEB = 120.0
MOST_WORKER = 100.0
AGAIN = 3
WORK = 2_000
"""Hops for the web processes and messages for each lane before their memory is looked at."""
SENDING_SECONDS = 90.0
NEIGHBOUR = range(7, 8)
"""Of the demo village's people, the one who has agreed to be remembered."""
HOME = Place("Xóm Cốc Phia", "Xã Hòa An", "Hoàng Văn Mẫu")
LIVING = text("""
    SELECT count(DISTINCT lane) FILTER (WHERE kind = 'worker') = 3
           AND count(*) FILTER (WHERE kind = 'clock') = 1
    FROM beats WHERE started_at > clock_timestamp() - make_interval(secs => :age)
""")
SENT = text("""
    SELECT lane, count(*) AS all, count(*) FILTER (WHERE state = 'queued') AS waiting,
           count(*) FILTER (WHERE state IN ('leased', 'sending')) AS going
    FROM messages_out GROUP BY lane ORDER BY lane
""")


def starts(whole: Whole, folder: Path, report: Report) -> float:
    """Measure the first start and those after it; return the memory of the hello, in MB."""
    first = whole.start()
    whole.stop()
    again, sending, floors, costs = [], [], [], []
    for number in range(AGAIN):
        seconds, hello = _floor(folder)
        floors.append(seconds)
        again.append(whole.start())
        costs.append(whole.cpu())
        sending.append(again[-1] + _until_all_live(whole, again[-1]))
        if number + 1 < AGAIN:
            whole.stop()
    report.say(f"first start {first:.1f} s, {first / median(floors):.1f} x the floor")
    report.say(
        f"second start {rounds(again, 1)} s; floor (both databases and a bare hello)"
        f" {rounds(floors, 1)} s; {median(again) / median(floors):.1f} x"
    )
    report.say(f"until every worker and the clock live too: {rounds(sending, 1)} s")
    report.say(f"processor time of a second start until it is ready: {rounds(costs, 1)} s")
    report.figure("first start, warm package cache", first, "s", most=MOST_FIRST)
    report.figure("second start", median(again), "s", most=MOST_AGAIN)
    return hello


def _until_all_live(whole: Whole, age: float) -> float:
    """Wait for the first heartbeat of all that sends, started `age` seconds ago or since."""
    began = time.monotonic()
    engine = make_engine(
        whole.settings.database_url, name="bench", pool_size=1, statement_seconds=30
    )
    while time.monotonic() < began + SENDING_SECONDS:
        with engine.connect() as connection:
            if connection.execute(LIVING, {"age": age + time.monotonic() - began}).scalar_one():
                break
        time.sleep(0.1)
    else:
        raise SystemExit("the workers and the clock did not come to life")
    engine.dispose()
    return time.monotonic() - began


def _floor(folder: Path) -> tuple[float, float]:
    """Start what no start can do without; return its seconds, and the memory of the hello."""
    began = time.monotonic()
    with databases(folder) as settings:
        web = Web(HELLO, min(os.sched_getaffinity(0)), children_environment(settings))
        try:
            web.wait()
            return time.monotonic() - began, web.resident()
        finally:
            web.stop()


def work(whole: Whole, report: Report) -> None:
    """Give every web process and every worker something to do."""
    settings = whole.settings
    secret = settings.gateway_secrets[0].get_secret_value()
    address = f"/gateway/{settings.carrier}/{secret}/ussd"
    flows = Flows(read_menus().texts, address, settings.ussd_code, [HOME])
    tally = closed(flows.screens, settings.port, NEIGHBOUR, connections=1, seconds=60.0, most=WORK)
    engine = make_engine(settings.database_url, name="bench", pool_size=1, statement_seconds=30)
    units = Units(engine, Waker(settings.redis_url).wake)
    for what in (MessageClass.REPLY, MessageClass.EMERGENCY, MessageClass.NOTICE):
        with units.open() as unit:
            for number in range(WORK):
                to = Msisdn(f"+84{900_001_000 + number}")
                put(
                    unit,
                    Message(
                        f"bench:{what}:{number}", what, to, "Xin chao", recipient_digest=to[1:]
                    ),
                )
    deadline = time.monotonic() + SENDING_SECONDS
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            lanes = connection.execute(SENT).all()
        if not any(lane.waiting + lane.going for lane in lanes):
            break
        time.sleep(0.5)
    engine.dispose()
    sent = ", ".join(f"{lane.lane} {lane.all - lane.waiting - lane.going}" for lane in lanes)
    report.say(f"after {tally.hops:,} hops ({len(tally.wrong)} wrong) and messages sent: {sent}")


def memory(whole: Whole, report: Report, hello: float) -> None:
    """Compare each process's resident memory with what it may hold."""
    resident: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    for name, process in whole.processes():
        used = process.memory_full_info()
        resident[name].append(used.rss / 1e6)
        shares[name].append(used.pss / 1e6)
    for name in sorted(resident):
        report.say(
            f"{name}: {rounds(resident[name])} MB resident, {rounds(shares[name])} MB its share"
        )
    report.say(f"everything together: {sum(sum(each) for each in shares.values()):.0f} MB")
    workers = [max(held) for name, held in resident.items() if name.startswith("worker")]
    report.say(f"bare Flask hello on the same server: {hello:.0f} MB")
    report.figure(
        f"largest web process ({max(resident['web']) / hello:.1f} x the hello)",
        max(resident["web"]),
        "MB resident",
        most=MOST_WEB,
    )
    report.figure("largest worker", max(workers), "MB resident", most=MOST_WORKER)


def main() -> int:
    """Run everything; return the exit code."""
    report = Report("Starting, and memory")
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        with databases(folder / "floor"):
            pass  # makes the database once, as the first start does
        whole = Whole(folder)
        stack.callback(whole.stop)
        hello = starts(whole, folder / "floor", report)
        work(whole, report)
        memory(whole, report, hello)
        whole.stop()
        left = [process.pid for _, process in whole.processes() if psutil.pid_exists(process.pid)]
        report.figure("processes left after the stop", len(left), "", most=0)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
