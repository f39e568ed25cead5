"""A thousand requests climb for weeks, and nobody is forgotten: `make sim-ladder`.

Two hundred hamlets with teams of one to eight, some with none; people who take requests, pass them
on, stay silent, go away, finish, ask again and take back, at the same moment as the clocks look;
some of their texts the carrier hands over twice. The clocks are killed in the middle of a step and
stopped for hours; Redis is flushed and stopped. Time is the database's, turned from moment to
moment, so that nobody sleeps. At the end a judge reads what the database remembers:
bench/ladder_judge.py.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from pydantic import SecretStr

from bench.report import Report
from service.logs import start_logging
from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.migrate import migrate
from service.settings import Settings
from service.text.local_time import in_vietnam

from .ladder_history import read_history
from .ladder_judge import judge
from .ladder_rules import read_promises
from .ladder_run import BEGINS, Plan, Simulation
from .ladder_verdict import HARMS, Verdict, lines


@contextlib.contextmanager
def servers(
    folder: Path, secret: str = "a-secret-for-simulations"
) -> Iterator[tuple[Settings, EmbeddedValkey]]:
    """Run PostgreSQL and Valkey; nothing of this has to survive the machine."""
    postgres = EmbeddedPostgres(folder / "postgres", fsync=False)
    valkey = EmbeddedValkey(folder / "valkey", appendonly=False)
    try:
        postgres.start()
        valkey.start()
        migrate(postgres.plain_url)
        yield (
            Settings(
                caunoi_home=folder,
                database_url=postgres.plain_url,
                redis_url=valkey.url,
                gateway_secrets=(SecretStr(secret),),
                secret_key=SecretStr("k" * 32),
                carrier_url="http://127.0.0.1:9",
                carrier_api_key=SecretStr("none"),
            ),
            valkey,
        )
    finally:
        if valkey.answers():
            valkey.stop()
        postgres.stop()


def processor_seconds() -> float:
    """Return the processor time used by this process and all it has started, PostgreSQL too."""
    me = psutil.Process()
    used = 0.0
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used


def report_on(report: Report, run: Simulation, verdict: Verdict) -> None:
    """Print every figure beside its target, and what has none."""
    people, mishaps = run.people.counts, run.mishaps
    report.say(
        f"{run.cast.hamlets} hamlets, {run.cast.teamless} without a team; {run.cast.teams} teams "
        f"of {min(run.cast.sizes)} to {max(run.cast.sizes)}, {len(run.cast.team)} phones of members"
    )
    texts = ", ".join(f"{word} {times:,}" for word, times in people.texts.most_common())
    report.say(f"texts: {texts}; {people.repeated} handed over twice")
    report.say(
        f"{people.at_once} acceptances at the same moment as others; "
        f"{people.failed} texts handed over again, the first time it failed"
    )
    report.say(
        f"{mishaps.looks:,} looks of two clocks at once; {mishaps.kills} of them killed, "
        f"`caunoi clock` {mishaps.program_kills} times, none running for hours "
        f"{mishaps.stops} times; Redis flushed {mishaps.flushes} times "
        f"and stopped {mishaps.redis_stops} times"
    )
    report.say(
        f"answered 'not yet': {people.not_yet['texts']}; absences and returns not heeded: "
        f"{people.unheeded}"
    )
    for line in lines(verdict):
        report.say(line)
    report.say(
        f"longest behind its time: a step {verdict.latest.total_seconds():.1f} s; "
        f"after a kill or a stop {verdict.latest_after_outage.total_seconds():,.0f} s"
    )
    for name, told in HARMS.items():
        report.figure(told, verdict.count(name), "", most=0)
    report.figure("texts that the gateway never took", people.lost, "", most=0)
    report.figure("requests", sum(verdict.outcomes.values()), "", least=run.wanted)
    unheeded = people.not_yet["texts"] + people.unheeded
    report.figure("texts answered 'not yet' or not heeded", unheeded, "", most=0)
    for harm in verdict.harms[:20]:
        report.say(f"{harm.name}: request {harm.request_id}: {harm.detail}")


def main() -> int:
    """Run it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--hamlets", type=int, default=200)
    parser.add_argument("--days", type=int, default=14)
    given = parser.parse_args()
    plan = Plan(given.seed, given.requests, given.hamlets, given.days)
    began = time.monotonic()
    report = Report(f"Requests on their ladders, seed {plan.seed} (--seed {plan.seed} again)")
    start_logging("ERROR")
    with tempfile.TemporaryDirectory(prefix="caunoi-sim-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with servers(folder) as (settings, valkey):
            run = Simulation(plan, settings, valkey)
            run.run()
            used = processor_seconds()
            history = read_history(run.runtime.engine, run.mishaps.outages)
            verdict = judge(history, read_promises())
            ended = in_vietnam(history.ended_at)
            report.say(
                f"from {in_vietnam(BEGINS):%d/%m/%Y} to {ended:%d/%m/%Y}, in "
                f"{time.monotonic() - began:.0f} s, {used:.0f} s of processor time"
            )
            report_on(report, run, verdict)
            run.runtime.close()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
