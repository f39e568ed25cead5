"""Who asks for help, when, for what and by which door."""

from __future__ import annotations

import random
from dataclasses import dataclass

from service.text.phones import Msisdn

from .numbers import VILLAGERS, number
from .plan import Plan

MARK = "loicuadan"
"""Stands in what villagers write; logs must not hold it."""
TOPICS = ("vneid", "vssid", "dvc", "banhang", "dienthoai", "luadao")


@dataclass(frozen=True, slots=True)
class Wish:
    """One villager's wish for help with one thing; nobody wishes the same twice."""

    index: int
    at: float
    """Seconds after the start of the load."""
    msisdn: Msisdn
    by_call: bool
    topic: str
    words: str
    """The villager's own words, empty for none."""


def wishes(plan: Plan) -> list[Wish]:
    """Return the wishes of a run in the order of their moments."""
    dice = random.Random(f"wishes {plan.seed}")
    topics = {n: dice.sample(TOPICS, len(TOPICS)) for n in range(plan.villagers)}
    doors = [True] * plan.calls + [False] * plan.texts
    dice.shuffle(doors)
    moments = sorted(dice.uniform(0, plan.load_seconds) for _ in doors)
    made = []
    for index, (by_call, at) in enumerate(zip(doors, moments, strict=True)):
        villager = index % plan.villagers
        made.append(
            Wish(
                index=index,
                at=at,
                msisdn=number(VILLAGERS, villager),
                by_call=by_call,
                topic=topics[villager].pop(),
                words=f"{MARK} {index}" if dice.random() < 0.5 else "",
            )
        )
    return made
