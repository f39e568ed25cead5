"""A caller who types anything, in a village whose names are anything, walks the real menu."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from service.dialogue.engine import Turn
from service.dialogue.model import BACK, FACTS, MORE, Act, Done, Facts, Option, Screen, State
from service.dialogue.render import Renderer
from service.text.gsm7 import USSD_FIRST_PAGE, USSD_PAGE, is_gsm7, septets
from service.village.actions import SHAPES
from tests.dialogue.walking import (
    DIALOGUE,
    MENUS,
    SCREENS,
    SHORT,
    Village,
    facts,
    keys_of,
    languages,
    options,
    stored,
    typing,
    yes_or_no,
)


def assert_shown_well(turn: Turn) -> None:
    screen = SCREENS[turn.state.screen]
    assert is_gsm7(turn.text)
    assert 0 < septets(turn.text) <= USSD_PAGE
    assert turn.open == (screen.kind != "end")
    assert stored(turn.state) == turn.state
    assert len(set(turn.state.trail) | {screen.id}) == len(turn.state.trail) + 1


@SHORT
@given(st.data())
def test_whatever_is_typed_the_dialogue_goes_on(data: st.DataObject) -> None:
    village = Village(data.draw)
    known = data.draw(facts)
    turn = DIALOGUE.begin(known, village.act)
    assert DIALOGUE.begin(known, village.again()) == turn
    assert septets(turn.text) <= USSD_FIRST_PAGE
    assert_shown_well(turn)
    for _ in range(15):
        if not turn.open:
            break
        before = turn.state
        means = data.draw(st.sampled_from([True, True, True, False]))
        typed = data.draw(keys_of(before) if means else typing)
        village.next_turn()
        turn = DIALOGUE.step(before, typed, known, village.act)
        assert DIALOGUE.step(stored(before), typed, known, village.again()) == turn
        assert turn.state.screen == before.screen or turn.state.page == 0
        if turn.state.screen in DIALOGUE.menu.homes:
            assert turn.state.trail == ()
        assert_shown_well(turn)


def test_every_screen_is_met_by_somebody_who_tries_every_key_with_every_outcome() -> None:
    outcomes = sorted({outcome for shape in SHAPES.values() for outcome in shape.outcomes})
    met: dict[str, State] = {}
    ahead = [DIALOGUE.begin({fact: "1"}, answering("ok", 3)) for fact in (*FACTS, "nothing")]
    while ahead:
        turn = ahead.pop()
        assert_shown_well(turn)
        if turn.state.screen in met:
            continue
        met[turn.state.screen] = turn.state
        keys = [choice.key for choice in SCREENS[turn.state.screen].choices]
        for typed in [*keys, "1", "2", "00018", "may hong"] if turn.open else []:
            for outcome in outcomes:
                for lines in (0, 3):
                    act = answering(outcome, lines)
                    ahead.append(DIALOGUE.step(turn.state, typed, {}, act))
    assert met.keys() == SCREENS.keys()


def answering(outcome: str, lines: int) -> Act:
    """Return an act that says this outcome wherever it may be said, and gives so many lines."""

    def act(name: str, _known: Facts) -> Done:
        may = SHAPES[name].outcomes
        options = [Option(f"v{n}", f"Nà Thử {n}") for n in range(lines)]
        return Done(outcome if outcome in may else min(may), {"topic": "vneid"}, options)

    return act


@SHORT
@given(st.data())
def test_what_is_dialled_through_has_no_effect(data: st.DataObject) -> None:
    village = Village(data.draw)
    dialled = data.draw(st.lists(typing, min_size=1, max_size=8).map("*".join))
    turn = DIALOGUE.begin(data.draw(facts), village.act, dialled=dialled)
    assert_shown_well(turn)
    assert not [name for name in village.asked if SHAPES[name].writes]


@SHORT
@given(st.data())
def test_back_leads_to_where_one_came_from(data: st.DataObject) -> None:
    village = Village(data.draw)
    known = data.draw(facts)
    for state in some_states(data, village, known):
        if not (state.trail or state.page):
            continue
        back = DIALOGUE.step(state, BACK, known, village.act).state
        if state.page:
            assert (back.screen, back.page) == (state.screen, state.page - 1)
        else:
            assert back.screen in {state.trail[-1], SCREENS[state.trail[-1]].when_empty}
            assert len(back.trail) < len(state.trail)


def some_states(data: st.DataObject, village: Village, known: Facts) -> Iterator[State]:
    """Walk by keys that mean something, so that deep screens are met too."""
    turn = DIALOGUE.begin(known, village.act)
    for _ in range(data.draw(st.integers(0, 10))):
        if not turn.open:
            return
        yield turn.state
        turn = DIALOGUE.step(turn.state, data.draw(keys_of(turn.state)), known, village.act)


@SHORT
@given(st.data())
def test_a_wrong_key_changes_nothing_and_says_so(data: st.DataObject) -> None:
    village = Village(data.draw)
    known = data.draw(facts)
    for state in some_states(data, village, known):
        if SCREENS[state.screen].kind == "ask":
            continue
        village.next_turn()
        turn = DIALOGUE.step(
            state, data.draw(st.sampled_from(["", "x", "*", "#", "777"])), known, village.act
        )
        assert turn.state == state
        assert turn.text.startswith(MENUS.texts.say("error.choice", state.language))
        assert village.asked == []


@SHORT
@given(st.data())
def test_a_list_shows_every_line_once_under_one_number(data: st.DataObject) -> None:
    screen = data.draw(st.sampled_from([s for s in SCREENS.values() if s.lists]))
    village = Village(data.draw)
    known = data.draw(facts)
    state = list_state(screen, data)
    pages, lines = leafed(state, known, village.act), []
    for page in pages:
        assert septets(page) <= USSD_PAGE
        head = MENUS.texts.say(screen.text, state.language, {**known, **state.values})
        assert page.startswith(head)
        inside = page.removeprefix(f"{head}\n").split("\n")
        lines += [line for line in inside if line.partition(" ")[0] not in {BACK, MORE}]
    numbers = [line.partition(" ")[0] for line in lines]
    assert (
        numbers
        == [str(n) for n in range(1, len(state.options) + 3) if n not in {98, 99}][: len(numbers)]
    )
    assert [line.partition(" ")[2] for line in lines] == [option.label for option in state.options]


@SHORT
@given(st.data())
def test_a_number_means_the_same_on_every_page(data: st.DataObject) -> None:
    screen = data.draw(st.sampled_from([s for s in SCREENS.values() if s.lists and s.saves]))
    village = Village(data.draw)
    state = list_state(screen, data)
    if not state.options:
        return
    number = data.draw(st.integers(1, len(state.options)))
    typed = [str(n) for n in range(1, len(state.options) + 3) if n not in {98, 99}][number - 1]
    for page in range(len(DIALOGUE.renderer.pages(screen, state, {}))):
        at = State.from_json({**state.as_json(), "p": page})
        turn = DIALOGUE.step(at, typed, {}, village.act)
        kept = turn.state.values.get(screen.saves)
        overwritten = screen.does is not None or turn.state.screen in DIALOGUE.menu.homes
        assert overwritten or kept == state.options[number - 1].value


@SHORT
@given(
    st.lists(st.tuples(st.sampled_from(sorted(SCREENS)), languages, yes_or_no, facts), min_size=2)
)
def test_a_page_kept_for_everybody_is_right_for_each(
    callers: list[tuple[str, str, str, Facts]],
) -> None:
    keeps = Renderer(MENUS.texts)
    for name, language, way_back, known in callers:
        state = State(name, language, trail=("root",) if way_back else ())
        page = keeps.page(SCREENS[name], state, known)
        assert page == Renderer(MENUS.texts).page(SCREENS[name], state, known)


def list_state(screen: Screen, data: st.DataObject) -> State:
    """Return a caller who has just come to a list, by the engine's own way of coming there."""
    lines = data.draw(options)
    before = "root" if screen.id != "root" else ""
    start = State(screen.id, data.draw(languages) or "vi", trail=("root", "me"))
    arrived = DIALOGUE.step(
        State("me", start.language, trail=(before, screen.id)),
        BACK,
        {},
        lambda _name, _known: Done(options=lines),
    ).state
    return (
        arrived
        if arrived.screen == screen.id
        else State(screen.id, start.language, trail=("root",))
    )


def leafed(state: State, known: Facts, act: Act) -> list[str]:
    """Return the pages a caller sees who leafs to the last one; an error in between moves nothing."""
    renderer = DIALOGUE.renderer
    pages = [renderer.page(SCREENS[state.screen], state, known)]
    while f"\n{MORE} " in pages[-1]:
        wrong = DIALOGUE.step(state, "x", known, act)
        assert wrong.text.endswith("\n".join(pages[-1].split("\n")[1:]))
        turn = DIALOGUE.step(wrong.state, MORE, known, act)
        state = turn.state
        pages.append(turn.text)
    assert DIALOGUE.step(state, MORE, known, act).state == state
    return pages


@SHORT
@given(st.text(max_size=300), st.sampled_from(["vi", "en"]), st.data())
def test_no_value_makes_a_text_longer_than_was_checked(
    value: str, language: str, data: st.DataObject
) -> None:
    texts = MENUS.texts
    key = data.draw(st.sampled_from(sorted(texts.keys(language))))
    said = texts.say(key, language, dict.fromkeys(texts.gaps, value))
    assert is_gsm7(said)
    assert septets(said) <= septets(texts.widest(key, language))
    if key.startswith("sms."):
        assert not set(said) & set("#&[]{}\\<>@%")
        assert "\n" not in said
