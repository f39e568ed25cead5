"""When a callback that was not answered with 200 is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.phones.settings import Settings


def next_wait(settings: Settings, tries: int) -> float | None:
    """Give the seconds to wait after `tries` failures; None when it is to be given up.

    The carrier tries for 12 hours (its help centre; an older source says 10 minutes); the
    intervals are not published. The last interval repeats. `time_factor` compresses them.
    """
    steps = settings.retry_seconds
    spent = sum(steps[: tries - 1]) + steps[-1] * max(0, tries - 1 - len(steps))
    wait = steps[min(tries, len(steps)) - 1]
    if spent + wait > settings.retry_for:
        return None
    return wait * settings.time_factor
