"""What the loader puts into the outbox: events, each one transaction with its messages."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.records.messages import MessageClass
from service.text.phones import Msisdn

from .numbers import RECIPIENTS, number
from .plan import Plan

MARK = "chuthucuatin"
"""Stands in every text of the load and in no other; logs must not hold it."""
SHARES = {  # of the messages, and how many of them one event has
    MessageClass.REPLY: (0.35, 1, 1),
    MessageClass.ALERT: (0.25, 1, 3),
    MessageClass.NOTICE: (0.25, 5, 40),
    MessageClass.EMERGENCY: (0.05, 3, 25),
    MessageClass.PROMO: (0.10, 5, 40),
}
ROLLED_BACK = 0.03  # of the events: their transaction ends without a commit
REPEATED = 0.05  # of the events: they happen twice, which must add nothing
KNOWN_NUMBER = 0.06  # of the messages: to a number that had one before


@dataclass(frozen=True, slots=True)
class Event:
    """Something that causes messages: the same words to some numbers."""

    index: int
    at: float
    """Seconds after the start of the load."""
    message_class: MessageClass
    numbers: tuple[Msisdn, ...]
    committed: bool
    times: int

    @property
    def body(self) -> str:
        """The words, which no other event has; advertising as the law wants it."""
        words = f"Tin thu so {self.index}: {MARK} {self.message_class}."
        if self.message_class is MessageClass.PROMO:
            return f"[QC] {words} Tu choi: soan TC gui 8499"
        return words

    def key(self, msisdn: Msisdn) -> str:
        """The idempotency key of one of its messages."""
        return f"chaos:{self.index}:{msisdn}"


def events(plan: Plan) -> list[Event]:
    """Return the events of a run in the order of their moments; `plan.messages` are committed."""
    dice = random.Random(f"events {plan.seed}")
    kinds = [kind for kind in SHARES for _ in range(_events_of(kind, plan))]
    dice.shuffle(kinds)
    sizes = _sizes(kinds, plan.messages, dice)
    moments = sorted(dice.uniform(0, plan.load_seconds) for _ in sizes)
    draw = _draw(dice)
    made = []
    for index, ((kind, size), at) in enumerate(zip(sizes, moments, strict=True)):
        committed = size > 0
        made.append(
            Event(
                index=index,
                at=at,
                message_class=kind,
                numbers=_distinct(draw, size or 2),
                committed=committed,
                times=2 if committed and dice.random() < REPEATED else 1,
            )
        )
    return made


def _events_of(kind: MessageClass, plan: Plan) -> int:
    share, least, most = SHARES[kind]
    return max(1, round(plan.messages * share / ((least + most) / 2)))


def _sizes(
    kinds: Sequence[MessageClass], messages: int, dice: random.Random
) -> list[tuple[MessageClass, int]]:
    """Give each event its size, 0 for one that is rolled back; together `messages`."""
    left, sizes = messages, []
    for kind in kinds:
        if dice.random() < ROLLED_BACK:
            sizes.append((kind, 0))
            continue
        _, least, most = SHARES[kind]
        size = min(dice.randint(least, most), left)
        left -= size
        if size:
            sizes.append((kind, size))
    sizes += [(MessageClass.REPLY, 1)] * left
    return sizes


def _draw(dice: random.Random) -> Iterator[Msisdn]:
    used: list[Msisdn] = []
    while True:
        if used and dice.random() < KNOWN_NUMBER:
            yield dice.choice(used)
        else:
            used.append(number(RECIPIENTS, len(used)))
            yield used[-1]


def _distinct(draw: Iterator[Msisdn], size: int) -> tuple[Msisdn, ...]:
    found: dict[Msisdn, None] = {}
    while len(found) < size:
        found[next(draw)] = None
    return tuple(found)
