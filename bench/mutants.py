"""Would the tests notice? `make mutants` sows faults into copies of the source, one at a time.

Each must make the tests named for it fail; without it they must pass, or a failure would prove
nothing. The tree itself is never touched. `-k WORD` chooses mutants, `-j N` runs so many at a time.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.mutations import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[1]
TAKEN = (
    "service",
    "tests",
    "menus",
    "migrations",
    "data",
    "worker.py",
    "pyproject.toml",
    "Procfile",
)
LONGEST = 300.0
"""Seconds one mutant's tests may take; what hangs is noticed, too."""
LONGEST_UNSOWN = 1200.0
MACHINE_EXAMPLES = "300"
FAILED, PASSED = 1, 0


class BrokenMutant(Exception):
    """A mutant does not fit the source any more, or its tests could not be run."""


def copy_tree(to: Path) -> None:
    """Copy what the tests need."""
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, to / name)


@contextmanager
def sown(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Keep a fault in a copy of the tree for a while; raise BrokenMutant if it does not fit."""
    before = {change.file: (tree / change.file).read_text("utf-8") for change in mutant.changes}
    after = dict(before)
    for change in mutant.changes:
        times = after[change.file].count(change.old)
        if times != 1:
            raise BrokenMutant(f"{mutant.name}: {change.file} has {times} places for it, not one")
        after[change.file] = after[change.file].replace(change.old, change.new)
    try:
        for file, words in after.items():
            (tree / file).write_text(words, "utf-8")
        yield
    finally:
        for file, words in before.items():
            (tree / file).write_text(words, "utf-8")


def run_tests(tree: Path, tests: Sequence[str], seconds: float) -> int | None:
    """Run tests of a tree until the first that fails; return pytest's code, None if it hangs."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0"]
    process = subprocess.Popen(
        [*command, *(f"tests/{test}" for test in tests)],
        cwd=tree,
        stdout=(tree / "output").open("wb"),
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "MACHINE_EXAMPLES": MACHINE_EXAMPLES},
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()  # pytest ends its servers by itself
        process.wait(30)
        return None


def judge(tree: Path, mutant: Mutant) -> tuple[bool, str]:
    """Say whether a mutant was noticed, in a line."""
    began = time.monotonic()
    with sown(tree, mutant):
        code = run_tests(tree, mutant.tests, LONGEST)
    seconds = time.monotonic() - began
    if code not in {FAILED, PASSED, None}:
        said = (tree / "output").read_text("utf-8", "replace")[-2000:]
        raise BrokenMutant(f"{mutant.name}: the tests could not be run (code {code})\n{said}")
    verdict = {FAILED: "killed", PASSED: "SURVIVED", None: "killed (hung)"}[code]
    where = ", ".join(test.partition("::")[0] for test in mutant.tests)
    return code != PASSED, f"{verdict:>8}  {seconds:4.0f} s  {mutant.name}  [{where}]"


def check_unsown(tree: Path, mutants: Sequence[Mutant]) -> None:
    """Raise BrokenMutant unless all tests that are to fail pass by themselves."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    whole = {test for test in tests if "::" not in test}
    wanted = [test for test in tests if test in whole or test.partition("::")[0] not in whole]
    began = time.monotonic()
    if run_tests(tree, wanted, LONGEST_UNSOWN) != PASSED:
        said = (tree / "output").read_text("utf-8", "replace")[-4000:]
        raise BrokenMutant(f"the tests fail without any mutant:\n{said}")
    print(f"without any mutant all tests pass ({time.monotonic() - began:.0f} s)", flush=True)


def main() -> int:
    """Run; return 0 if every mutant was killed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-k", default="", help="only mutants with this in their name")
    asked.add_argument("-j", type=int, default=os.cpu_count() or 1, help="how many at a time")
    options = asked.parse_args()
    mutants = [mutant for mutant in MUTANTS if options.k in mutant.name]
    trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="caunoi-mutants-", dir="/tmp") as folder:
        for number in range(options.j):
            tree = Path(folder) / f"tree-{number}"
            tree.mkdir()
            copy_tree(tree)
            trees.put(tree)

        def one(mutant: Mutant) -> bool:
            tree = trees.get()
            killed, line = judge(tree, mutant)
            print(line, flush=True)
            trees.put(tree)
            return killed

        try:
            first = trees.get()
            check_unsown(first, mutants)
            trees.put(first)
            with ThreadPoolExecutor(options.j) as pool:
                killed = sum(pool.map(one, mutants))
        except BrokenMutant as broken:
            print(broken)
            return 1
    print(f"{killed}/{len(mutants)} killed")
    return 0 if killed == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
