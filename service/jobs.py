"""The timetable: what the clock does, and how often."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from service.ops.clock import Work
from service.ops.gauges import forget_certificates, read_balances, read_certificates
from service.ops.pulse import take_pulse
from service.outbox.sweep import sweep
from service.runtime import Runtime
from service.village.class_after import ask_after_classes
from service.village.class_certificates import grant_certificates
from service.village.class_demand import watch_rows
from service.village.class_proposals import end_late_proposals
from service.village.class_reminders import remind_classes
from service.village.class_strangers import forget_strangers
from service.village.climbing import climb_due
from service.village.digests import send_digests
from service.village.doubts import doubt_unreachable
from service.village.gap_warnings import watch_gaps
from service.village.held import look_after_held
from service.village.keeping import forget
from service.village.prompting import prompt_dropped
from service.village.reminders import ask_silent, lapse_swaps, remind_duties
from service.village.roll_reminders import remind_rolls
from service.village.seat_offers import offer_seats
from service.village.tasks import close_unanswered
from service.village.traces import clean_traces
from service.village.uninvited import end_invitations

MINUTE = 60
HOUR = 3600

log = structlog.get_logger("jobs")


def timetable(runtime: Runtime) -> Mapping[str, Work]:
    """Return the lines of the timetable."""
    return {
        "sweep_outbox": Work(10, lambda: sweep(runtime.engine)),
        "take_pulse": Work(20, lambda: take_pulse(runtime.engine)),
        "climb": Work(10, lambda: climb_due(runtime.units, runtime.words)),
        "offer_seats": Work(10, lambda: offer_seats(runtime.units, runtime.words)),
        "remind_classes": Work(MINUTE, lambda: remind_classes(runtime.units, runtime.words)),
        "remind_rolls": Work(MINUTE, lambda: remind_rolls(runtime.units, runtime.words)),
        "ask_after_classes": Work(MINUTE, lambda: ask_after_classes(runtime.units, runtime.words)),
        "grant_certificates": Work(
            10 * MINUTE, lambda: grant_certificates(runtime.units, runtime.words)
        ),
        "watch_rows": Work(10 * MINUTE, lambda: watch_rows(runtime.units, runtime.words)),
        "prompt_dropped": Work(15, lambda: _prompt_dropped(runtime)),
        "close_unanswered": Work(10 * MINUTE, lambda: _close_unanswered(runtime)),
        "tell_the_week": Work(5 * MINUTE, lambda: send_digests(runtime.units, runtime.words)),
        "look_after_held": Work(MINUTE, lambda: look_after_held(runtime.units, runtime.words)),
        "remind_duties": Work(MINUTE, lambda: remind_duties(runtime.units, runtime.words)),
        "lapse_swaps": Work(MINUTE, lambda: lapse_swaps(runtime.units, runtime.words)),
        "watch_gaps": Work(10 * MINUTE, lambda: watch_gaps(runtime.units, runtime.words)),
        "ask_silent": Work(HOUR, lambda: ask_silent(runtime.units, runtime.words)),
        "end_invitations": Work(10 * MINUTE, lambda: end_invitations(runtime.units, runtime.words)),
        "doubt_unreachable": Work(10 * MINUTE, lambda: doubt_unreachable(runtime.units)),
        "end_late_proposals": Work(
            10 * MINUTE, lambda: end_late_proposals(runtime.units, runtime.words)
        ),
        "forget": Work(HOUR, lambda: _forget(runtime)),
        "forget_strangers": Work(HOUR, lambda: forget_strangers(runtime.units)),
        "clean_traces": Work(MINUTE, lambda: _clean_traces(runtime)),
        "read_balance": Work(5 * MINUTE, lambda: read_balances(runtime.engine, runtime.carriers)),
        "read_certificates": Work(HOUR, lambda: _read_certificates(runtime)),
    }


def _close_unanswered(runtime: Runtime) -> None:
    with runtime.units.open() as unit:
        close_unanswered(unit.session)


def _prompt_dropped(runtime: Runtime) -> None:
    with runtime.units.open() as unit:
        prompt_dropped(unit, runtime.words)


def _forget(runtime: Runtime) -> None:
    forgotten = forget(runtime.engine)
    if forgotten:
        log.info("forgotten", **forgotten)


def _read_certificates(runtime: Runtime) -> None:
    addresses = [runtime.settings.public_url, runtime.settings.console_url]
    read_certificates(runtime.engine, addresses)
    forget_certificates(runtime.engine, addresses)


def _clean_traces(runtime: Runtime) -> None:
    with runtime.units.open() as unit:
        clean_traces(unit.session, runtime.settings.secret_key.get_secret_value())
