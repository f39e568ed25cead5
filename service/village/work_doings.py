"""What a text does with a request in hand: passes it on, asks the villager."""

from __future__ import annotations

from collections.abc import Mapping

from .acting import Action
from .desk import Desk, Doing


def _not_yet(desk: Desk, _rest: str) -> None:
    known = desk.speaker() is not None
    desk.reply("sms.not_yet" if known else "sms.stranger", {}, is_error=True)


WORK_DOINGS: Mapping[str, Doing] = dict.fromkeys(("forward", "ask"), _not_yet)
WORK_ACTIONS: Mapping[str, Action] = {}
