"""Judges from a carrier's answers when to leave it alone for a while.

One message can bring a fault upon itself (no route to this one number, a text the carrier finds
malformed, an answer that got lost), and must not stop all the others. Five different ones in a
row, with nothing that shows the carrier at work between them, are not their own fault.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from service.carriers.base import Accepted, Answer, BadRequest, Fault, NoRoute, SendError

STRAIGHT_FAILURES = 5
"""Different messages in a row without a sign of life before sending pauses."""
OWN_FAULT = (NoRoute, BadRequest)
"""Faults of our account that one message may also have alone."""


class Breaker:
    """Remembers what went wrong in a row in this process; safe to use from many threads."""

    def __init__(self) -> None:
        self._met: set[int] = set()
        self._lock = threading.Lock()

    def judge(self, answers: Mapping[int, Answer]) -> SendError | None:
        """Take one call's answers by message id; return the fault to pause for, if any.

        After a pause the first call that fails is enough for the next one.
        """
        errors = [answer for answer in answers.values() if isinstance(answer, SendError)]
        for error in errors:
            if error.fault is Fault.ACCOUNT and not isinstance(error, OWN_FAULT):
                return error
        with self._lock:
            if any(_shows_life(answer) for answer in answers.values()):
                self._met.clear()
                return None
            if len(self._met) < STRAIGHT_FAILURES:
                self._met.add(min(answers))
            return errors[0] if len(self._met) >= STRAIGHT_FAILURES else None


def _shows_life(answer: Answer) -> bool:
    return isinstance(answer, Accepted) or answer.fault is Fault.RECIPIENT
