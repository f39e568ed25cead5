"""What is known of somebody, as the menu speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.dialogue.model import Facts
from service.records.hops import Arrival, Caller

from .areas import said
from .ledger import LEADER

UNFINISHED, QUESTION, NOTICE = "unfinished", "question", "notice"


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for somebody and was not put before the menu today."""

    facts: Facts
    given: Mapping[str, Facts]
    """Fact -> what the screen that shows it says of it."""
    subjects: Mapping[str, str]
    """Fact -> what it is about, as it is noted when shown."""


def facts_of(caller: Caller) -> Facts:
    """Return what is known of a caller; of a number silent for long only where its menu begins."""
    known = caller.person_id is not None
    which_home = {
        "language": caller.language,
        "stranger": "" if known else "1",
        "homeless": "1" if known and not caller.area_code else "",
        "member": "1" if caller.member else "",
    }
    if caller.stale:
        return {**which_home, "stale": "1"}
    return {
        **which_home,
        "area": caller.area_code,
        "hamlet": said(*caller.area),
        "commune": said(*caller.commune) or said(*caller.area),
        UNFINISHED: caller.unfinished,
        "topic": caller.unfinished,
    }


def pending_of(caller: Caller, arrival: Arrival) -> Pending:
    """Return what comes before the menu, at most once a day each."""
    if caller.stale:
        return Pending({}, {}, {})
    waits = {
        UNFINISHED: caller.unfinished_id,
        QUESTION: arrival.request_id,
        NOTICE: arrival.notice_id,
    }
    subjects = {fact: f"{fact}:{its_id}" for fact, its_id in waits.items() if its_id}
    due = {fact: about for fact, about in subjects.items() if about not in arrival.shown}
    facts = {fact: waits[fact] if fact in due else "" for fact in waits}
    if UNFINISHED in due:
        facts[UNFINISHED] = caller.unfinished
    question = {"request": arrival.number, "number": arrival.number, "topic": arrival.topic}
    given = {
        QUESTION: {**question, "leader": arrival.helper or LEADER},
        NOTICE: {"notice": arrival.notice_id, "headline": arrival.title},
    }
    return Pending(facts, given, due)
