"""The dialogue: where a call stands, what was typed, where it stands then.

Nothing here knows of a network, a database or a clock. What must be looked up or done is asked of
`act`, which the host gives; the same dialogue therefore runs over USSD, by SMS and in a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.text.fold import fold
from service.text.gsm7 import cut

from .checks import CHECKS, NOT_A_CHOICE, NotAccepted
from .model import (
    BACK,
    LEFT,
    LINE,
    MORE,
    RESUME,
    TARGETS,
    Act,
    ActionShape,
    Facts,
    Leap,
    Menu,
    Option,
    Screen,
    State,
    line_keys,
)
from .render import Renderer, shown
from .texts import DEFAULT_LANGUAGE

LONGEST_TYPED = 160
"""Characters of one answer that are looked at (networks allow 80 to 182)."""
MOST_MOVES = 8
"""Screens one answer may pass through (empty lists lead on); more is a fault of the menu."""
LONGEST_KEY = 2
"""Digits of the longest number a line has."""

NOTHING: Mapping[str, Facts] = {}


class MenuFault(Exception):
    """The menu leads nowhere; the check at start should have refused it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the dialogue."""

    state: State
    text: str
    open: bool


@dataclass(frozen=True, slots=True)
class _Move:
    """What an accepted answer asks for: values to keep, an action, where to go."""

    leap: Leap
    sets: Mapping[str, str]
    does: str | None
    secret: Mapping[str, str] = field(default_factory=dict)
    """What the action is told and nothing keeps."""


class Dialogue:
    """A menu in all its languages, ready to talk."""

    def __init__(self, menu: Menu, renderer: Renderer, actions: Mapping[str, ActionShape]) -> None:
        self.menu = menu
        self.renderer = renderer
        self._fresh = menu.fresh
        self._homes = menu.homes
        self._writes = frozenset(name for name, shape in actions.items() if shape.writes)

    def begin(
        self,
        facts: Facts,
        act: Act,
        *,
        dialled: str = "",
        left: State | None = None,
        given: Mapping[str, Facts] = NOTHING,
    ) -> Turn:
        """Answer a new call.

        `left` is where the caller's last call dropped; the screen it dropped on says whether this
        one goes on there, asks, or begins anew. `given` is, for each fact a call may begin with,
        what its screen says of it.
        `dialled` is what already stands behind the short code (`*384*1909*1*2#` gives "1*2"). It
        is followed from home as if typed, past all that is pending, up to the first answer that
        would have an effect: that one the caller is asked, since a dialled string may be a
        repetition of an older call.
        """
        language = facts.get("language") or DEFAULT_LANGUAGE
        if left is not None and not dialled:
            left = State.from_json(left.kept) if left.kept else left
            if (turn := self._redialled(left, facts, act)) is not None:
                return turn
        if not dialled:
            return self._turn(self._arrive(facts, State("", language), act, given), facts)
        state = self._enter(self.menu.home(facts), State("", language), facts, act)
        for typed in dialled.split("*"):
            screen = self._screen(state, facts)
            if screen.kind == "end" or self._would_write(screen, state, typed, facts):
                break
            after, error = self._follow(screen, state, typed, facts, act)
            if error:
                break
            state = after
        return self._turn(state, facts)

    def _redialled(self, left: State, facts: Facts, act: Act) -> Turn | None:
        """Answer a call after one that dropped; None when it begins as any other."""
        screen = self.menu.screens.get(left.screen)
        if screen is None or screen.redial == "start":
            return None
        if screen.redial == "continue":
            return self._turn(self._again(left, facts, act), facts)
        facts = {**facts, LEFT: screen.about or ""}
        start = self.menu.start(facts)
        if start.when != LEFT:
            return None  # something else comes first
        asking = State("", left.language, values={**left.values, LEFT: screen.about or ""})
        state = self._enter(self.menu.screens[start.screen], asking, facts, act)
        return self._turn(replace(state, kept=left.as_json()), facts)

    def _again(self, left: State, facts: Facts, act: Act) -> State:
        """Go back to where an earlier call dropped, its lists as they are now."""
        screen = self._screen(left, facts)
        return self._enter(screen, replace(left, screen="", kept=None), facts, act)

    def _arrive(
        self, facts: Facts, state: State, act: Act, given: Mapping[str, Facts] = NOTHING
    ) -> State:
        start = self.menu.start(facts)
        state = replace(state, values=given.get(start.when or "", {}))
        return self._enter(self.menu.screens[start.screen], state, facts, act)

    def at(self, screen: str | None, facts: Facts, act: Act) -> Turn:
        """Show a screen as if reached from home, or home where none is named."""
        state = State("", facts.get("language") or DEFAULT_LANGUAGE)
        state = self._enter(self.menu.home(facts), state, facts, act)
        if screen is not None:
            state = self._enter(self.menu.screens[screen], state, facts, act)
        return self._turn(state, facts)

    def step(self, state: State, typed: str, facts: Facts, act: Act) -> Turn:
        """Answer one reply of the caller; anything may have been typed."""
        screen = self._screen(state, facts)
        if screen.id != state.screen or (state.options and not screen.lists):
            # The menu changed while this call was going on: begin again rather than guess.
            return self._turn(self._arrive(facts, State("", state.language), act), facts)
        after, error = self._follow(screen, state, typed, facts, act)
        return self._turn(after, facts, error=error)

    def _screen(self, state: State, facts: Facts) -> Screen:
        return self.menu.screens.get(state.screen) or self.menu.home(facts)

    def _turn(self, state: State, facts: Facts, *, error: str = "") -> Turn:
        screen = self.menu.screens[state.screen]
        text = self.renderer.page(screen, state, facts, error=error)
        return Turn(state, text, screen.kind != "end")

    def _follow(
        self, screen: Screen, state: State, typed: str, facts: Facts, act: Act
    ) -> tuple[State, str]:
        """Apply one answer; return the state after it and the key of an error, if any."""
        typed = typed.strip()[:LONGEST_TYPED]
        if typed == BACK and (state.page or state.trail):
            return self._back(state, facts, act), ""
        if typed == MORE and state.page + 1 < len(self.renderer.pages(screen, state, facts)):
            return replace(state, page=state.page + 1), ""
        try:
            move = _understand(screen, state, typed, {**facts, **state.values})
        except NotAccepted as refused:
            return state, refused.text
        state = replace(state, values={**state.values, **move.sets})
        return self._move(screen, state, move, facts, act)

    def _move(
        self, screen: Screen, state: State, move: _Move, facts: Facts, act: Act
    ) -> tuple[State, str]:
        outcome = "ok"
        if move.does:
            done = act(move.does, {**facts, **state.values, **move.secret})
            outcome = done.outcome
            state = replace(
                state,
                values={**state.values, **done.values},
                language=done.language or state.language,
            )
        target = move.leap.target(outcome)
        if target is None:
            raise MenuFault(f"{screen.id} has nowhere to go after {move.does} said {outcome}")
        if target.startswith("!"):
            return state, target[1:]
        if target == RESUME and state.kept:
            return self._again(State.from_json(state.kept), facts, act), ""
        if target in TARGETS:
            return self._enter(self.menu.home(facts), State("", state.language), facts, act), ""
        return self._enter(self.menu.screens[target], state, facts, act), ""

    def _enter(self, screen: Screen, state: State, facts: Facts, act: Act) -> State:
        """Arrive at a screen, fetching its list; an empty list may lead on to another screen."""
        for _ in range(MOST_MOVES):
            known = {**facts, **state.values}
            options = tuple(act(screen.lists, known).options) if screen.lists else ()
            if screen.lists and not options and screen.when_empty:
                screen = self.menu.screens[screen.when_empty]
                continue
            return replace(
                state,
                screen=screen.id,
                values=_own(state, facts) if screen.id in self._homes else state.values,
                trail=() if screen.id in self._fresh else _trail(state, screen.id),
                options=tuple(Option(option.value, _label(option.label)) for option in options),
                page=0,
                kept=None,
            )
        raise MenuFault(f"empty lists lead in a circle at {screen.id}")

    def _back(self, state: State, facts: Facts, act: Act) -> State:
        if state.page:
            return replace(state, page=state.page - 1)
        before = state.trail[-1]
        screen = self.menu.screens.get(before) or self.menu.home(facts)
        state = replace(state, screen="", trail=state.trail[:-1])
        return self._enter(screen, state, facts, act)

    def _would_write(self, screen: Screen, state: State, typed: str, facts: Facts) -> bool:
        try:
            known = {**facts, **state.values}
            move = _understand(screen, state, typed.strip()[:LONGEST_TYPED], known)
        except NotAccepted:
            return False
        return move.does in self._writes


def _trail(state: State, entering: str) -> tuple[str, ...]:
    """Return the way back; a screen met again cuts the loop off."""
    trail = state.trail
    if state.screen and state.screen != entering:
        trail = (*trail, state.screen)
    return trail[: trail.index(entering)] if entering in trail else trail


def _own(state: State, facts: Facts) -> dict[str, str]:
    """Return the values that are not known of the caller anyway.

    Home again, what was typed on the way (the hamlet of an older request, a hamlet looked up and
    not taken) must not stand in for what is known.
    """
    return {name: value for name, value in state.values.items() if not facts.get(name)}


def _label(label: str) -> str:
    return cut(" ".join(fold(label).text.split()), LINE)


def _understand(screen: Screen, state: State, typed: str, known: Facts) -> _Move:
    """Say what an answer asks for; raise NotAccepted with the sentence that helps."""
    for choice in shown(screen, known):
        if typed == choice.key:
            return _Move(choice.leap, choice.sets, choice.does)
    if typed.isascii() and typed.isdigit():
        number = typed.lstrip("0")
        for key, option in zip(line_keys(), state.options, strict=False):
            if key == number:
                return _move(screen, option.value)
    if screen.kind == "ask":
        return _move(screen, _checked(screen, typed, has_lines=bool(state.options)))
    raise NotAccepted(NOT_A_CHOICE)


def _checked(screen: Screen, typed: str, *, has_lines: bool) -> str:
    """Return what was typed as its check takes it; a short number beside lines was to be one."""
    if screen.check is None:
        return typed
    try:
        return CHECKS[screen.check](typed)
    except NotAccepted:
        if has_lines and typed.isdecimal() and len(typed) <= LONGEST_KEY:
            raise NotAccepted(NOT_A_CHOICE) from None
        raise


def _move(screen: Screen, answer: str) -> _Move:
    named = {screen.saves: answer} if screen.saves else {}
    if screen.secret:
        return _Move(screen.leap, {}, screen.does, secret=named)
    return _Move(screen.leap, named, screen.does)
