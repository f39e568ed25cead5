"""Switch each fault of the outbox on and read what the room says of it: `make chaos-room`.

The whole service runs under light traffic. For each fault it is measured how many seconds pass
until the room names it, in Vietnamese and in English, that one alarm tells of it and one word that
it is over, and that the room is well again. In the end the big red switch is turned.

    python -m chaos.room [--keep] [FAULT ...]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.console_visitor import Visitor

from .carrier import Carrier
from .plan import Plan
from .room_faults import FAULTS, Fault
from .room_people import LANGUAGES, let_in, light_traffic, reads
from .room_sink import Handset, Sink, listening
from .room_switch import stops_within
from .stage import Stage, StageError

MOST_SECONDS = 15.0
MOST_STOP_SECONDS = 5.0
LOOK = 0.5
TOLD_WITHIN = 30.0
"""Seconds after a fault in which its alarm must have been told."""
OVER_WITHIN = 150.0
"""Seconds after a fault in which all must be well again: a worker that died again and again is
started more and more slowly, a carrier that was away is tried again after a pause."""
REST = 2.0
"""Seconds between two faults."""
HELD_BACK = timedelta(minutes=11)
"""The end of an alarm is told ten minutes after it, in case it comes back. Nobody waits for that
here: the alarm's moments are moved back as far instead."""
CLOSED = """
    SELECT 1 FROM alarms WHERE name = %s AND closed_at IS NOT NULL AND last_at > %s
"""
NOW = "SELECT clock_timestamp()"
AGE = """
    UPDATE alarms SET opened_at = opened_at - %(by)s, last_at = last_at - %(by)s,
           closed_at = closed_at - %(by)s
    WHERE closed_at IS NOT NULL AND last_at > %(since)s
"""
PLAN = Plan(extra_workers=(), threads=8)
OPERATOR = "+84900000091"


@dataclass
class Result:
    """What was seen of one fault; a moment that never came is None."""

    fault: Fault
    named: dict[str, float] = field(default_factory=dict)
    opened: list[float] = field(default_factory=list)
    closed: float | None = None
    """Seconds after the fault was lifted."""
    resolved: int = 0
    """Words that it is over."""
    others: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    well: float | None = None
    said: str = ""
    """What the room said last while the fault held."""

    def short(self) -> list[str]:
        """Return what falls short of the targets."""
        found = []
        for language in LANGUAGES:
            seconds = self.named.get(language)
            if seconds is None or seconds > MOST_SECONDS:
                found.append(f"not named within {MOST_SECONDS:g} s ({language})")
        if len(self.opened) != 1:
            found.append(f"{len(self.opened)} alarms {self.fault.alarm} opened")
        if self.closed is None or self.resolved != 1:
            found.append(f"{self.resolved} told as over")
        if self.others:
            found.append(f"others told: {', '.join(self.others)}")
        if self.fault.texted and len(self.texts) != 2:  # that it began, and that it is over
            found.append(f"{len(self.texts)} texts")
        if self.well is None:
            found.append("the room did not get well")
        return found

    @property
    def line(self) -> str:
        """The row of the table."""
        named = [_seconds(self.named.get(language)) for language in LANGUAGES]
        told = [_seconds(min(self.opened, default=None)), _seconds(self.closed)]
        word = "SHORT" if self.short() else "ok"
        return (
            f"{self.fault.name:<24}{named[0]:>8}{named[1]:>8}{told[0]:>9}{told[1]:>10}"
            f"{len(self.texts):>7}{_seconds(self.well):>8}  {word}"
        )


HEAD = (
    f"{'fault':<24}{'named vi':>8}{'en':>8}{'alarm':>9}{'closed':>10}{'texts':>7}{'well':>8}"
    f"   seconds; named: target <= {MOST_SECONDS:g}"
)


def main() -> int:
    """Run every fault, or those that are named; return 1 when something falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", help="words of the names of faults; all without")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="caunoi-chaos-"))
    folder.chmod(0o711)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    try:
        good = run(folder, given.faults, say)
    except StageError as error:
        say(f"FAILED: {error}; see {folder}")
        return 1
    if good and not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"everything lies in {folder}")
    return 0 if good else 1


def run(folder: Path, wanted: list[str], say: Callable[[str], None]) -> bool:
    """Start the service, go through the faults, print the table; say whether all is reached."""
    with listening() as sink:
        told = {"ALARM_WEBHOOK_URL": sink.address, "ALARM_NUMBERS": OPERATOR}
        with Stage(folder, PLAN, told) as stage:
            visitor, handset = let_in(stage), Handset(stage.phones, OPERATOR)
            Carrier(stage.phones).behave()
            say(f"the service runs, the console on port {stage.console_port}")
            with light_traffic(stage):
                if not _until(lambda: _is_well(visitor), OVER_WITHIN):
                    raise StageError(f"the room is not well at first: {reads(visitor, 'en')}")
                results = []
                for fault in FAULTS:
                    if wanted and not any(word in fault.name for word in wanted):
                        continue
                    results.append(_go_through(stage, fault, visitor, sink, handset))
                    say(results[-1].line)
                    for short in results[-1].short():
                        say(f"  {short}")
                stopped = stops_within(stage, visitor)
                visitor.close()
    return _print(results, stopped)


def _print(results: list[Result], stopped: float | None) -> bool:
    good = stopped is not None and stopped <= MOST_STOP_SECONDS
    print(f"\n{HEAD}")
    for result in results:
        print(result.line)
        for short in result.short():
            print(f"    {short}")
        if result.short():
            print(f"    the room said: {result.said[:600]}")
    print(
        f"{'ok   ' if good else 'SHORT'} last message handed over {_seconds(stopped)} s after the"
        f" big red switch (target <= {MOST_STOP_SECONDS:g})"
    )
    return good and not any(result.short() for result in results)


def _go_through(
    stage: Stage, fault: Fault, visitor: Visitor, sink: Sink, handset: Handset
) -> Result:
    """Switch one fault on, look and listen, switch it off, and wait until all is well."""
    result = Result(fault)
    began = time.monotonic()
    handset.news()

    def told(word: str) -> list[float]:
        return [at for at, said in sink.since(began) if _is(said, fault.alarm, word)]

    since = _ask(stage, NOW)
    with fault.on(stage):
        _until(lambda: _read(result, visitor, began), MOST_SECONDS + 5)
        _until(lambda: bool(told("opened")), max(began + TOLD_WITHIN - time.monotonic(), 1.0))
        result.said = reads(visitor, "vi")
    lifted = time.monotonic()
    fault.after(stage)

    def over() -> bool:
        if result.well is None and _is_well(visitor):
            result.well = time.monotonic() - lifted
        if result.closed is None and _ask(stage, CLOSED, (fault.alarm, since)):
            result.closed = time.monotonic() - lifted
        return result.well is not None and result.closed is not None

    _until(over, OVER_WITHIN)
    time.sleep(REST)
    # Before anything is moved back: for five minutes its end excuses what followed from it.
    result.others = [
        f"{said.get('alarm')} {said.get('word')} ({said.get('about')})"
        for _, said in sink.since(began)
        if said.get("alarm") != fault.alarm
    ]
    _ask(stage, AGE, {"by": HELD_BACK, "since": since})
    _until(lambda: bool(told("resolved")), TOLD_WITHIN)
    time.sleep(REST)
    result.texts = handset.news()
    result.opened = [at - began for at in told("opened")]
    result.resolved = len(told("resolved"))
    return result


def _ask(stage: Stage, statement: str, values: Any = None) -> Any:
    """Run one statement; return its first value, if it has any."""
    with psycopg.connect(stage.postgres.plain_url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def _read(result: Result, visitor: Visitor, began: float) -> bool:
    """Look at the room in both languages; say whether both name the fault."""
    for language in LANGUAGES:
        if language not in result.named:
            said = reads(visitor, language)
            if result.fault.named(said, language):
                result.named[language] = time.monotonic() - began
    return len(result.named) == len(LANGUAGES)


def _is(said: dict[str, object], alarm: str, word: str) -> bool:
    return said.get("alarm") == alarm and said.get("word") == word


def _is_well(visitor: Visitor) -> bool:
    """Say whether the room names none of the faults, in either language."""
    for language in LANGUAGES:
        said = reads(visitor, language)
        if not said or any(fault.named(said, language) for fault in FAULTS):
            return False
    return True


def _until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK)
    return True


def _seconds(moment: float | None) -> str:
    return "never" if moment is None else f"{moment:.1f}"


if __name__ == "__main__":
    sys.exit(main())
