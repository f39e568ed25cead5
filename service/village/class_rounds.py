"""What the clock does for many classes: each in a transaction of its own, with the class locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy import TextClause

from service.records.unit import Units
from service.text.waking import Hours

from .desk import Words
from .seating import Seating

MOST_AT_ONCE = 200
BY_DAY = Hours.parse("07:00-21:00")
"""When people are written to about what does not depend on the minute."""

log = structlog.get_logger("village.class_rounds")


def for_each_class(
    units: Units,
    words: Words,
    due: TextClause,
    about: Mapping[str, object],
    do: Callable[[Seating], int],
) -> int:
    """Do something for every class a query finds, which is asked without locks; return the sum.

    What `do` finds with the class locked decides: a second clock waits there, and finds it done.
    """
    with units.open() as unit:
        found = unit.session.scalars(due, {**about, "most": MOST_AT_ONCE}).all()
    done = 0
    for training_id in dict.fromkeys(found):
        try:
            with units.open() as unit:
                done += do(Seating(unit, words, training_id))
        except Exception:  # one class that cannot be seen to must not keep the others waiting
            log.exception("class_failed", training=training_id, doing=do.__name__)
    return done
