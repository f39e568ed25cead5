"""Kill everything that can be killed while the service works, and count what was lost.

    python -m chaos.kill [--seed N] [--short] [--keep FOLDER]

Takes about five minutes; exits with 1 when a figure misses its target.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .evidence import Evidence
from .plan import Plan, short
from .run import run
from .stage import StageError
from .verdict import figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--short", action="store_true", help="the run of half a minute")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    given = parser.parse_args()
    plan = short(given.seed) if given.short else Plan(seed=given.seed)
    folder = Path(tempfile.mkdtemp(prefix="caunoi-chaos-"))
    folder.chmod(0o711)  # PostgreSQL's user must pass
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    say(f"seed {plan.seed}: {plan.messages} messages, {plan.calls + plan.texts} requests")
    try:
        evidence = run(plan, folder, say)
    except StageError as error:
        say(f"FAILED: {error}; see {folder}")
        return 1
    good = report(evidence)
    say("everything holds" if good else f"SHORT of its targets; everything lies in {folder}")
    if good and not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


def report(evidence: Evidence) -> bool:
    """Print every figure; return whether all meet their targets."""
    found = list(figures(evidence))
    print(f"\nSeed {evidence.plan.seed}")
    for figure in found:
        print(figure.line)
    for line in told(evidence):
        print(f"  {line}")
    return all(figure.good for figure in found)


def told(evidence: Evidence) -> list[str]:
    """Return what has no target: rates, states, faults, failures in the logs."""
    journal = evidence.journal
    times = sorted(taken.at for taken in journal.taken.values())
    seconds = (times[-1] - times[0]).total_seconds() if times else 0.0
    rate = len(times) / seconds if seconds else 0.0
    share = journal.struck_calls / max(1, journal.calls)
    states = ", ".join(f"{n} {state}" for state, n in evidence.holdings.states.most_common())
    faults = ", ".join(f"{n} {fault}" for fault, n in sorted(journal.faults.items()))
    failures = ", ".join(f"{n} x {what}" for what, n in evidence.logs.failures.most_common())
    return [
        f"sends: {len(times)} in {seconds:.0f} s, {rate:.0f} a second",
        f"calls to the carrier: {journal.calls}, {share:.1%} met a fault",
        f"reports from the carrier: {journal.reports}",
        f"states: {states}",
        f"faults of the carrier: {faults}",
        f"programs started again by the supervisor: {evidence.logs.restarts}",
        f"failures in the logs: {failures or 'none'}",
        f"leaks: {', '.join(evidence.logs.leaks[:10]) or 'none'}",
        f"work left undone: {', '.join(evidence.holdings.overdue_work) or 'none'}",
    ]


if __name__ == "__main__":
    sys.exit(main())
