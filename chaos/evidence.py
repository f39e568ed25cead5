"""Everything a verdict rests on, gathered when a run is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .blows import Blow, Fists
from .database import Holdings, UnderWay
from .events import Event, events
from .journal import Journal, read_journal
from .logs import Logs, read_logs
from .notes import read_notes
from .plan import Plan
from .stage import Stage
from .wishes import Wish, wishes


@dataclass(frozen=True)
class Evidence:
    """What was asked for, what everybody says became of it, and what hit the service."""

    plan: Plan
    events: list[Event]
    committed: set[int]
    """Indices of the events whose commit the loader saw."""
    wishes: list[Wish]
    told_by_call: dict[int, int]
    """Wishes and the numbers their villagers were told."""
    sms_ids: dict[int, str]
    """Wishes and the carrier's ids of the SMS that made them."""
    journal: Journal
    holdings: Holdings
    stuck: UnderWay
    """What was under way when the quiet time ended."""
    logs: Logs
    landed: Counter[Blow]
    worker_blows: Counter[str]
    left: int
    """Processes that outlived the service."""
    exit_code: int


def gather(
    stage: Stage, fists: Fists, holdings: Holdings, stuck: UnderWay, notes: dict[str, Path]
) -> Evidence:
    """Gather the evidence of a run whose service has been stopped."""
    plan = stage.plan
    villagers = list(read_notes(notes["people"]))
    assert stage.exit_code is not None
    return Evidence(
        plan=plan,
        events=events(plan),
        committed={n["event"] for n in read_notes(notes["load"]) if n.get("committed")},
        wishes=wishes(plan),
        told_by_call={n["wish"]: int(n["told"]) for n in villagers if n.get("told")},
        sms_ids={n["wish"]: n["sms"] for n in villagers if n.get("sms")},
        journal=read_journal(read_notes(stage.home.journal)),
        holdings=holdings,
        stuck=stuck,
        logs=read_logs([*sorted(stage.home.logs.glob("*.log*")), *stage.folder.glob("*.log")]),
        landed=fists.landed,
        worker_blows=fists.worker_blows,
        left=len(stage.left()),
        exit_code=stage.exit_code,
    )
