"""What a text sets in motion in an emergency: it is raised, or taken back."""

from __future__ import annotations

from collections.abc import Mapping

from . import emergencies
from .desk import Desk, Doing
from .emergencies import Off
from .villager_doings import home_of, none_of_theirs


def _emergency(desk: Desk, _rest: str) -> None:
    """Say whom to call, and tell those who lead the hamlet's team: CUU."""
    told = emergencies.call(desk, home_of(desk))
    values = {"told": "leader" if told else "nobody", "leader": told or ""}
    desk.reply("sms.emergency", values, is_urgent=True)


def _emergency_off(desk: Desk, _rest: str) -> None:
    """Tell those who were told of an emergency that it was a mistake: NHAM."""
    off = Off.NOTHING if desk.is_stale() else emergencies.call_off(desk)
    if off is Off.NOTHING:
        none_of_theirs(desk, "sms.nothing_asked", is_error=True)
    else:
        desk.reply("sms.emergency_off" if off is Off.OFF else "sms.emergency_off_by_call", {})


EMERGENCY_DOINGS: Mapping[str, Doing] = {
    "emergency": _emergency,
    "emergency_off": _emergency_off,
}
