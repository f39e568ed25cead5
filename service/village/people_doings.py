"""What a text does with the people of a hamlet: adds, removes, moves to a new number."""

from __future__ import annotations

from collections.abc import Mapping

from .acting import Action
from .desk import Desk, Doing


def _not_yet(desk: Desk, _rest: str) -> None:
    known = desk.speaker() is not None
    desk.reply("sms.not_yet" if known else "sms.stranger", {}, is_error=True)


PEOPLE_DOINGS: Mapping[str, Doing] = dict.fromkeys(
    ("add_person", "remove_person", "move_person"), _not_yet
)
PEOPLE_ACTIONS: Mapping[str, Action] = {}
