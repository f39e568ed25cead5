"""Five hundred people want twenty-five seats: `make sim-training`.

They register at the same moment over real HTTP, by text and by dialling, some of their callbacks
twice; then they cancel, take the seats they are offered, decline, stay silent, answer in the second
in which an offer ends, and try again, until the class begins. Workers of the web process and clocks
are killed meanwhile, Redis is flushed. Time is the database's, turned from moment to moment. At the
end a judge reads what the database remembers: bench/training_judge.py.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.report import Report
from service.dialogue.texts import Texts
from service.logs import start_logging
from service.menus import read_menus
from service.text.gsm7 import count, septets

from .ladder_sim import processor_seconds, servers
from .servers import SECRET
from .training_history import read_history
from .training_judge import HARMS, Screen, Verdict, judge, lines
from .training_people import Shown
from .training_replay import LONGEST_ROW
from .training_run import NUMBER, Plan, Simulation

MOST_HOPS = 4
CLASS_TEXT = re.compile(r"sms\.class(es)?_")


def main() -> int:
    """Run it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--no-calls", action="store_true", help="all by SMS")
    given = parser.parse_args()
    plan = Plan(given.seed, given.people, dialling=not given.no_calls)
    report = Report(
        f"{plan.people} people want {plan.seats} seats, seed {plan.seed} (--seed {plan.seed} again)"
    )
    began = time.monotonic()
    start_logging("ERROR")
    with tempfile.TemporaryDirectory(prefix="caunoi-sim-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with servers(folder, SECRET) as (settings, valkey):
            run = Simulation(plan, settings, valkey)
            run.run()
            used = processor_seconds()
            history = read_history(run.runtime.engine, run.training_id, run.seats, run.outages)
            phones = {one.msisdn: one.id for one in run.phones()}
            shown = run.crowd.counts.shown
            screens = [Screen(phones[one.msisdn], one.screen) for one in shown]
            verdict = judge(history, NUMBER, screens)
            report.say(
                f"in {time.monotonic() - began:.0f} s, {used:.0f} s of processor time; "
                f"the race {run.race_seconds:.1f} s"
            )
            report_on(report, run, verdict)
            run.runtime.close()
    report_texts(report, read_menus().texts)
    return report.end()


def report_on(report: Report, run: Simulation, verdict: Verdict) -> None:
    """Print every figure beside its target, and what has none."""
    people, replay = run.crowd.counts, verdict.replay
    assert replay is not None
    report.say(f"did: {_counted(people.did)}; {people.repeated} callbacks handed over twice")
    report.say(
        f"most at the same moment: {people.at_once}; doors: {_counted(run.callbacks.counts)}"
    )
    report.say(f"befell: {_counted(run.mishaps)}")
    if people.shown:
        report.say(f"last screens of calls: {_counted(Counter(_kinds(people.shown)))}")
    for line in lines(verdict):
        report.say(line)
    watcher = run.watcher
    report.say(
        f"counted {watcher.looks:,} times meanwhile, by somebody else: at most {watcher.most_held} "
        f"held, {watcher.most_waiting} waiting"
    )
    report.figure("times they were counted", watcher.looks, "", least=1000)
    report.figure("most seats held, by the history", replay.most_held, "", most=run.plan.seats)
    report.figure("most seats held, by counting", watcher.most_held, "", most=run.plan.seats)
    report.figure(
        "seats held when none could be offered any more",
        replay.held_to_the_last,
        "",
        least=min(run.plan.seats, run.plan.people),
    )
    report.figure(
        "most people waiting, none of them moved back", replay.most_waiting, "", most=LONGEST_ROW
    )
    longest = max(replay.delays, default=0.0)
    report.figure(
        "seconds a free seat waited to be offered while a clock ran, at most", longest, "", most=12
    )
    for name, told in HARMS.items():
        report.figure(told, verdict.count(name), "", most=0)
    hops = [shown.hops for shown in people.shown if shown.screen.startswith("END")]
    if run.plan.dialling:
        report.figure("calls that ended with an answer", len(hops), "", least=len(people.shown))
        report.figure("hops to register", max(hops, default=99), "", most=MOST_HOPS)
    for harm in verdict.harms[:20]:
        report.say(f"{harm.name}: {harm.about}: {harm.detail}")


def report_texts(report: Report, texts: Texts) -> None:
    """Print the length of every text about classes, with the longest values."""
    rows = sorted(_measured(texts), reverse=True)
    for units, segments, key, language in rows:
        report.say(f"{key:<28} {language:<3} {units:>4} septets  {segments} segment(s)")
    over = sum(segments > 1 for _, segments, _, _ in rows)
    report.figure(f"of {len(rows)} texts about classes, longer than one segment", over, "", most=0)


def _measured(texts: Texts) -> Iterator[tuple[int, int, str, str]]:
    for language in texts.languages:
        for key in texts.keys(language):
            if CLASS_TEXT.match(key):
                said = texts.widest(key, language)
                yield septets(said), count(said).segments, key, language


def _kinds(shown: Sequence[Shown]) -> Iterator[str]:
    for one in shown:
        yield re.sub(r"\d+", "N", one.screen)[:40]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times:,}" for name, times in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
