"""The timetable: what the clock does, and how often."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from service.ops.clock import Work
from service.outbox.sweep import sweep
from service.runtime import Runtime
from service.village.tasks import close_unanswered

MINUTE = 60
HOUR = 3600

FORGET = (
    text("DELETE FROM ussd_sessions WHERE updated_at < clock_timestamp() - interval '7 days'"),
    text("DELETE FROM counters WHERE minute < clock_timestamp() - interval '90 days'"),
    text("DELETE FROM beats WHERE beat_at < clock_timestamp() - interval '1 day'"),
)
"""What is kept for a while only; seven days for calls is what GOV.UK Notify keeps of texts."""


def timetable(runtime: Runtime) -> Mapping[str, Work]:
    """Return the lines of the timetable."""
    return {
        "sweep_outbox": Work(10, lambda: sweep(runtime.engine)),
        "close_unanswered": Work(10 * MINUTE, lambda: _close_unanswered(runtime)),
        "forget": Work(HOUR, lambda: _forget(runtime)),
    }


def _close_unanswered(runtime: Runtime) -> None:
    with runtime.units.open() as unit:
        close_unanswered(unit.session)


def _forget(runtime: Runtime) -> None:
    for statement in FORGET:
        with runtime.engine.begin() as connection:
            connection.execute(statement)
