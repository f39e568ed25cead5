"""The sender: claims what is due, hands it to the carrier, writes down what it answered.

No connection or transaction is held while the carrier is being talked to, so a carrier that hangs
costs threads, never the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import structlog
from sqlalchemy import Engine

from service.carriers.base import (
    Accepted,
    Answer,
    Fault,
    SendError,
    SendsSms,
    Throttled,
    Unreachable,
)

from .brakes import CapReached, Caps, opens_again, pause, spend
from .claim import Begun, Leased, begin, claim, release
from .classes import RULES, classes_of
from .settle import settle

STRAIGHT_FAILURES = 5
"""Calls in a row that found no carrier before sending pauses for a while."""

log = structlog.get_logger("outbox.deliver")


class Sender:
    """Sends the messages of the outbox by one carrier; safe to use from many threads.

    `engine` waits for the disk on commit; `quick` does not and is used where a lost commit only
    means that a message is claimed again.
    """

    def __init__(self, engine: Engine, quick: Engine, carrier: SendsSms, caps: Caps) -> None:
        self._engine = engine
        self._quick = quick
        self._carrier = carrier
        self._caps = caps
        self._unreachable = 0

    def drain(self, lane: str, stopping: Callable[[], bool]) -> int:
        """Send what is due in a lane until `stopping` says so; return how many left."""
        most = self._carrier.max_recipients if _is_grouped(lane) else 1
        sent = 0
        while not stopping():
            with self._quick.begin() as connection:
                leased = claim(connection, lane, self._carrier.name, most)
            if not leased:
                break
            sent += self._send_all(leased, stopping)
        return sent

    def _send_all(self, leased: Sequence[Leased], stopping: Callable[[], bool]) -> int:
        sent = 0
        for call in _calls(leased):
            if stopping():
                self._give_back(call)
                continue
            try:
                begun = self._begin(call)
            except CapReached as cap:
                self._hold_until_cap_lifts(call, cap)
                continue
            if begun:
                self._hand_over(begun)
                sent += len(begun)
        return sent

    def _begin(self, call: Sequence[Leased]) -> list[Begun]:
        with self._engine.begin() as connection:
            begun = begin(connection, call, self._carrier.name)
            if begun:
                spend(connection, [b.message for b in begun], self._caps)
        if len(begun) < len(call):
            started = {b.message.id for b in begun}
            self._give_back([message for message in call if message.id not in started])
        return begun

    def _hand_over(self, begun: Sequence[Begun]) -> None:
        """The only place where words leave the service; the attempt is already committed."""
        answers = self._carrier.send(begun[0].message.body, [b.message.msisdn for b in begun])
        settled: dict[Begun, Answer] = {b: answers[b.message.msisdn] for b in begun}
        with self._engine.begin() as connection:
            settle(connection, self._carrier.name, settled)
        self._heed(settled.values())
        for b, answer in settled.items():
            log.info(
                "handed_over",
                message=b.message.id,
                attempt=b.no,
                answer="accepted" if isinstance(answer, Accepted) else answer.code,
            )

    def _heed(self, answers: Iterable[Answer]) -> None:
        """Pause the carrier when an answer speaks of it or of our account, not of one message."""
        errors = [answer for answer in answers if isinstance(answer, SendError)]
        account = next((error for error in errors if error.fault is Fault.ACCOUNT), None)
        away = next((e for e in errors if isinstance(e, Unreachable | Throttled)), None)
        self._unreachable = self._unreachable + 1 if away else 0
        why = account or (away if self._unreachable >= STRAIGHT_FAILURES else None)
        if why is not None:
            with self._engine.begin() as connection:
                pause(connection, self._carrier.name, why)
            self._unreachable = 0
            log.warning("carrier_paused", carrier=self._carrier.name, code=why.code)

    def _give_back(self, messages: Sequence[Leased]) -> None:
        with self._quick.begin() as connection:
            release(connection, messages)

    def _hold_until_cap_lifts(self, messages: Sequence[Leased], cap: CapReached) -> None:
        with self._engine.begin() as connection:
            due_at = opens_again(connection, cap.period)
            release(connection, messages, due_at=due_at, code=f"cap_{cap.period}")
        log.error("cap_reached", period=cap.period, messages=len(messages))


def _is_grouped(lane: str) -> bool:
    return all(RULES[name].grouped for name in classes_of(lane))


def _calls(leased: Sequence[Leased]) -> list[list[Leased]]:
    """Divide messages into calls: same class and words together where the class allows it."""

    def words(message: Leased) -> tuple[str, str]:
        return message.message_class, message.body

    calls = []
    for _, together in groupby(sorted(leased, key=words), key=words):
        same = list(together)
        if RULES[same[0].message_class].grouped:
            calls += _distinct_numbers(same)
        else:
            calls += [[message] for message in same]
    return calls


def _distinct_numbers(messages: Iterable[Leased]) -> list[list[Leased]]:
    """Keep one number once in a call, since a carrier answers by number."""
    calls: list[dict[str, Leased]] = []
    for message in messages:
        call = next((call for call in calls if message.msisdn not in call), None)
        if call is None:
            calls.append(call := {})
        call[message.msisdn] = message
    return [list(call.values()) for call in calls]
