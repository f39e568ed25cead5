"""The menu by SMS: the same screens as a call, one question at a time, each answered by a text.

Where no USSD reaches (LTE carries none by itself) this is the menu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.dialogue.engine import Dialogue, Turn
from service.dialogue.model import Done, Facts, State
from service.outbox.budget import MENU
from service.records import hops
from service.records.hops import CallKey

from . import asking
from .actions import ACTIONS
from .desk import Desk
from .facts import facts_of

NO_CALL = "sms"
"""Stands for carrier and session where there is no call."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks people through the menu by SMS."""

    dialogue: Dialogue

    def start(self, desk: Desk, screen: str | None = None) -> None:
        """Show the first screen of the menu, or the one named."""
        facts = _facts(desk)
        self._say(desk, self.dialogue.at(screen, facts, _actor(desk)))

    def answer(self, desk: Desk, stood: Mapping[str, Any], typed: str) -> None:
        """Take an answer to the screen the speaker was shown, and show the next."""
        state = State.from_json(stood)
        desk.language = state.language
        self._say(desk, self.dialogue.step(state, typed, _facts(desk), _actor(desk)))

    def takes_words(self, stood: Mapping[str, Any]) -> bool:
        """Say whether the screen somebody stands on asks for words, so that any text answers it."""
        screen = self.dialogue.menu.screens.get(State.from_json(stood).screen)
        return screen is not None and screen.kind == "ask"

    def _say(self, desk: Desk, turn: Turn) -> None:
        """Send a screen; a last one only where nothing else was written, which says more."""
        if turn.open:
            if desk.reply_with(f"{MENU}{turn.state.screen}", turn.text):
                asking.remember_menu(desk, turn.state.as_json())
            return
        asked = asking.recall(desk)
        if asked and asked.menu:  # a doing may have asked something of its own
            asking.forget(desk)
        if not desk.replied:
            desk.reply_with(f"{MENU}{turn.state.screen}", turn.text)


def _actor(desk: Desk) -> Any:
    def act(name: str, known: Mapping[str, str]) -> Done:
        done = ACTIONS[name].run(desk, known)
        if done.language:
            desk.language = done.language
        return done

    return act


def _facts(desk: Desk) -> Facts:
    call = CallKey(NO_CALL, NO_CALL, desk.msisdn)
    _, caller = hops.read(desk.unit.driver_connection, call)
    return facts_of(caller)
