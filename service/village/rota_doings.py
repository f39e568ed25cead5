"""What a text does with who is there: away, back, on duty, a day of duty swapped."""

from __future__ import annotations

from collections.abc import Mapping

from .acting import Action
from .desk import Desk, Doing


def _not_yet(desk: Desk, _rest: str) -> None:
    known = desk.speaker() is not None
    desk.reply("sms.not_yet" if known else "sms.stranger", {}, is_error=True)


ROTA_DOINGS: Mapping[str, Doing] = dict.fromkeys(("away", "back"), _not_yet)
ROTA_ACTIONS: Mapping[str, Action] = {}
