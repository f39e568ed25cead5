"""The carrier's own journal: what it really took, told and was asked. The judge of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .words import read_words

LEAVES_DOUBT = frozenset({"hang", "close", "error", "html", "broken_json", "partial"})
"""Faults of a send after which nobody can know whether it was taken."""
SLOW = "trickle"
"""Slowness, which is no fault."""
OK = 200
FINAL = "Success"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message the carrier took."""

    id: str
    msisdn: str
    text: str
    at: datetime


@dataclass
class Journal:
    """What a journal says, sorted."""

    taken: dict[str, Taken] = field(default_factory=dict)
    delivered: set[tuple[str, str]] = field(default_factory=set)
    """Numbers and words that arrived on a handset."""
    withheld: set[str] = field(default_factory=set)
    """Ids of which the final delivery report was kept back on purpose."""
    told: set[tuple[str, int]] = field(default_factory=set)
    """Number of the villager, number of the request: shown on a last screen."""
    texted: dict[str, str] = field(default_factory=dict)
    """Ids of SMS to us: the sender."""
    acknowledged: set[str] = field(default_factory=set)
    """Ids of SMS to us that we answered with 200."""
    unanswered: set[str] = field(default_factory=set)
    """Ids of SMS to us that the carrier gave up."""
    calls: int = 0
    """Times we asked it to send."""
    struck_calls: int = 0
    """Of these, met by a fault."""
    in_doubt: int = 0
    """Recipients of calls whose answer was spoilt so that nobody can know."""
    faults: Counter[str] = field(default_factory=Counter)
    reports: int = 0

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        """How often the same words went to the same number."""
        return Counter((taken.msisdn, taken.text) for taken in self.taken.values())


def read_journal(lines: Iterable[Mapping[str, Any]]) -> Journal:
    """Sort the lines of a journal (service/phones/journal.py lists them)."""
    found = Journal()
    recipients: dict[str, int] = defaultdict(int)
    partial: Counter[str] = Counter()
    requests: set[str] = set()
    for line in lines:
        kind = line["kind"]
        if kind == "send":
            recipients[line["request"]] += 1
            requests.add(line["request"])
            if line["accepted"]:
                at = datetime.fromisoformat(line["at"])
                found.taken[line["id"]] = Taken(line["id"], line["msisdn"], line["text"], at)
        elif kind in {"refused", "answer"} and line["place"] == "send":
            requests.add(line["request"])
            _count_spoilt(found, line, recipients)
        elif kind == "fault":
            name = " ".join(filter(None, (line["place"], line["fault"], line["when"])))
            found.faults[name] += 1
            partial[line["fault"]] += line["place"] == "send"
        else:
            _sort_in(found, line)
    found.in_doubt += partial["partial"]
    found.struck_calls += partial["partial"]
    found.calls = len(requests)
    return found


def _count_spoilt(found: Journal, line: Mapping[str, Any], recipients: Mapping[str, int]) -> None:
    if line["kind"] == "refused":
        found.struck_calls += 1
        if line["why"] in LEAVES_DOUBT:
            found.in_doubt += len(line["numbers"])
        return
    kinds = {name.split()[0] for name in line["faults"]} - {SLOW}
    found.struck_calls += bool(kinds)
    if kinds & LEAVES_DOUBT:
        found.in_doubt += recipients[line["request"]]


def _sort_in(found: Journal, line: Mapping[str, Any]) -> None:
    match line["kind"]:
        case "report-lost" if line["status"] == FINAL:
            found.withheld.add(line["id"])
        case "report":
            found.reports += 1
        case "delivered" if line["id"] in found.taken:
            arrived = found.taken[line["id"]]
            found.delivered.add((arrived.msisdn, arrived.text))
        case "hop":
            shown = line["answer"] if line["http"] == OK else ""
            number = read_words().told(shown) if shown.startswith("END") else None
            if number is not None:
                found.told.add((line["msisdn"], number))
        case "texted":
            found.texted[line["id"]] = line["msisdn"]
        case "text-taken":
            found.acknowledged.add(line["id"])
        case "text-dropped" | "text-lost":
            found.unanswered.add(line["id"])
