"""The sender: claims what is due, hands it to the carrier, writes down what it answered.

No connection or transaction is held while the carrier is being talked to, so a carrier that hangs
costs threads, never the pool.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from service.carriers.base import (
    SEND_SECONDS,
    Accepted,
    Answer,
    OutcomeUnknown,
    SendsSms,
    Unreachable,
)
from service.text.phones import Msisdn

from .alarms import raise_alarm
from .brakes import CapReached, Caps, opens_again, pause, spend
from .breaker import Breaker
from .claim import NEEDED, Begun, Leased, begin, claim, release
from .classes import RULES, classes_of
from .settle import settle

FRESH_SECONDS = NEEDED.total_seconds() - SEND_SECONDS
"""How old an attempt may be when the carrier is called; later, the lease might end on the way."""
PATIENCE_SECONDS = 30.0
"""How long an answer is kept for a database that is away; it cannot be asked for again."""

log = structlog.get_logger("outbox.deliver")


class Sender:
    """Sends the messages of the outbox by one carrier; safe to use from many threads.

    `engine` waits for the disk on commit; `quick` does not and is used where a lost commit only
    means that a message is claimed again. `second` names the carrier that sends while rerouting is
    on, where there are two: there is a sender for each, and whichever is not in turn finds nothing.
    """

    def __init__(
        self,
        engine: Engine,
        quick: Engine,
        carrier: SendsSms,
        caps: Caps,
        second: str | None = None,
    ) -> None:
        self._engine = engine
        self._quick = quick
        self._carrier = carrier
        self._caps = caps
        self._second = second
        self._breaker = Breaker()

    def drain(self, lane: str, stopping: Callable[[], bool]) -> int:
        """Send what is due in a lane until `stopping` says so; return how many were handed over."""
        most = self._carrier.max_recipients if _is_grouped(lane) else 1
        sent = 0
        while not stopping():
            with self._quick.begin() as connection:
                leased = claim(connection, lane, self._carrier.name, most, second=self._second)
            if not leased:
                break
            sent += self._send_all(leased, stopping)
        return sent

    def _send_all(self, leased: Sequence[Leased], stopping: Callable[[], bool]) -> int:
        sent = 0
        calls = _calls(leased)
        while calls:
            call = calls.pop(0)
            if stopping():
                self._give_back(call)
                continue
            since = time.monotonic()
            try:
                begun = self._begin(call)
            except CapReached as cap:
                if len(call) > 1:  # some of them may still be within the cap
                    half = len(call) // 2
                    calls[:0] = [call[:half], call[half:]]
                else:
                    self._hold_until_cap_lifts(call, cap)
                continue
            if begun:
                self._hand_over(begun, since)
                sent += len(begun)
        return sent

    def _begin(self, call: Sequence[Leased]) -> list[Begun]:
        with self._engine.begin() as connection:
            begun = begin(connection, call, self._carrier.name, second=self._second)
            if begun:
                spend(connection, [b.message for b in begun], self._caps)
        if len(begun) < len(call):
            started = {b.message.id for b in begun}
            self._give_back([message for message in call if message.id not in started])
        return begun

    def _hand_over(self, begun: Sequence[Begun], since: float) -> None:
        answers = self._answers(begun, since)
        unmentioned = OutcomeUnknown("the carrier module gave no answer for this number")
        settled = {b: answers.get(b.message.msisdn, unmentioned) for b in begun}
        self._write_down(settled)
        for b, answer in settled.items():
            log.info(
                "handed_over",
                message=b.message.id,
                attempt=b.no,
                answer="accepted" if isinstance(answer, Accepted) else answer.code,
            )
        why = self._breaker.judge({b.message.id: answer for b, answer in settled.items()})
        if why is not None:
            with self._engine.begin() as connection:
                pause(connection, self._carrier.name, why)
            log.warning("carrier_paused", carrier=self._carrier.name, code=why.code)

    def _answers(self, begun: Sequence[Begun], since: float) -> Mapping[Msisdn, Answer]:
        """The only place where words leave the service; the attempt is already committed.

        A process that was stopped for a while between the two (laptop lid, SIGSTOP) says nothing:
        others have taken its messages for lost by now.
        """
        numbers = [b.message.msisdn for b in begun]
        if time.monotonic() - since > FRESH_SECONDS:
            return dict.fromkeys(numbers, Unreachable("not tried: this worker stood still"))
        try:
            return self._carrier.send(begun[0].message.body, numbers)
        except Exception as fault:
            log.exception("carrier_module_failed", carrier=self._carrier.name)
            return dict.fromkeys(numbers, OutcomeUnknown(type(fault).__name__))

    def _write_down(self, settled: Mapping[Begun, Answer]) -> None:
        """Settle, trying again for a while: an answer exists only once, here, in memory."""
        until = time.monotonic() + PATIENCE_SECONDS
        wait = 0.05
        while True:
            try:
                with self._engine.begin() as connection:
                    settle(connection, self._carrier.name, settled)
            except (OperationalError, InterfaceError, NoFreeConnection) as fault:
                if time.monotonic() > until:
                    raise
                log.warning("answer_waits", messages=len(settled), error=type(fault).__name__)
                time.sleep(wait)
                wait = min(2 * wait, 2.0)
            else:
                return

    def _give_back(self, messages: Sequence[Leased]) -> None:
        with self._quick.begin() as connection:
            release(connection, messages)

    def _hold_until_cap_lifts(self, messages: Sequence[Leased], cap: CapReached) -> None:
        with self._engine.begin() as connection:
            due_at = opens_again(connection, cap.period)
            release(connection, messages, due_at=due_at, code=f"cap_{cap.period}")
            raise_alarm(connection, "cap_reached", cap.period)
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
