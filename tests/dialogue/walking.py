"""Callers who type anything and villages whose names are anything, for walks through the real menu."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from service.dialogue.engine import Dialogue
from service.dialogue.model import BACK, MORE, Act, Done, Facts, Option, State
from service.menus import read_menus
from service.village.actions import SHAPES

MENUS = read_menus()
DIALOGUE: Dialogue = MENUS.dialogue
SCREENS = DIALOGUE.menu.screens
SHORT = settings(max_examples=80, deadline=None)

anything = st.text(max_size=40)
languages = st.sampled_from(["", "vi", "en", "xx"])
yes_or_no = st.sampled_from(["", "1"])
values = st.dictionaries(
    st.sampled_from(["number", "topic", "hamlet", "commune", "leader", "words", "area", "request"]),
    anything | st.sampled_from(["vneid", "khac", "1234"]),
)
facts = st.fixed_dictionaries(
    {
        "language": languages,
        "stranger": yes_or_no,
        "homeless": yes_or_no,
        "area": anything,
        "hamlet": anything,
        "commune": anything,
        "stale": yes_or_no,
        "member": yes_or_no,
        "question": yes_or_no,
        "notice": yes_or_no,
        "unfinished": st.sampled_from(["", "", "vneid", "no topic of ours"]),
        "topic": anything,
    }
)
options = st.lists(st.builds(Option, anything, anything), max_size=12) | st.integers(0, 130).map(
    lambda many: [Option(f"v{n}", f"Nà Thử {n}") for n in range(many)]
)
typing = st.one_of(
    st.sampled_from(["1", "2", "3", "4", "5", "7", BACK, MORE, "00", "98", "", "*", "#", "00018"]),
    st.integers(0, 140).map(str),
    st.text(max_size=300),
)


class Village:
    """Answers every action with any of the outcomes it may have, and can answer the same again."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self.asked: list[str] = []
        self._answered: list[Done] = []

    def act(self, name: str, known: Facts) -> Done:
        shape = SHAPES[name]
        done = Done(
            outcome=self._draw(st.sampled_from(sorted(shape.outcomes))),
            values=self._draw(values),
            options=tuple(self._draw(options)) if shape.lists else (),
            language=known.get("language") if name == "set_language" else None,
        )
        self.asked.append(name)
        self._answered.append(done)
        return done

    def again(self) -> Act:
        """Return an act that gives the answers of the last turn in order."""
        answers = iter(self._answered)
        return lambda _name, _known: next(answers)

    def next_turn(self) -> None:
        self.asked, self._answered = [], []


def stored(state: State) -> State:
    """Return the state as it comes back from the database."""
    return State.from_json(json.loads(json.dumps(state.as_json(), ensure_ascii=False)))


def keys_of(state: State) -> st.SearchStrategy[str]:
    """Return the keys that mean something where a call stands."""
    screen = SCREENS[state.screen]
    keys = [choice.key for choice in screen.choices]
    keys += [str(n + 1) for n in range(min(3, len(state.options)))]
    keys += {
        "hamlet": ["00018", "coc phia"],
        "words": ["may hong"],
        "person": ["ba Lan"],
        "name": ["Lan"],
    }.get(screen.check or "", [])
    return st.sampled_from([*keys, MORE])
