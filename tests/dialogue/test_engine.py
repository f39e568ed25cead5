"""What the engine does that the real menu shows only now and then, on menus of a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from service.dialogue.engine import Dialogue, MenuFault
from service.dialogue.loader import read_menu
from service.dialogue.model import FACTS, LEFT, ActionShape, Done, Option, State
from service.dialogue.render import Renderer
from service.dialogue.texts import Gap, Texts
from service.records.hops import Arrival, Caller
from service.text.gsm7 import USSD_PAGE, septets
from service.village.facts import facts_of, pending_of

ACTIONS = {
    "places": ActionShape(lists=True),
    "look": ActionShape(frozenset({"found", "gone"})),
    "send": ActionShape(writes=True),
    "prove": ActionShape(frozenset({"right", "wrong"}), writes=True),
}
WORDS = {
    "nav.back": "Quay lai",
    "nav.more": "Xem tiep",
    "error.choice": "Khong co so do, chon lai:",
    "root": "Chao",
    "go": "Di",
    "place": "Xom?",
    "bye": "Het.",
    "where": "O {hamlet}.",
}


def dialogue(screens: Mapping[str, Any], **texts: str) -> Dialogue:
    menu = read_menu({"starts": [{"screen": "root"}], "screens": screens})
    catalogue = Texts({"vi": {**WORDS, **texts}}, {"hamlet": Gap(width=22)})
    return Dialogue(menu, Renderer(catalogue), ACTIONS)


def choice(text: str = "root", **choices: Any) -> dict[str, Any]:
    lines = {int(key[1:]): {"text": "go", **fields} for key, fields in choices.items()}
    return {"kind": "choice", "text": text, "choices": lines}


def lists(*labels: str) -> Any:
    return lambda _name, _known: Done(options=[Option(label, label) for label in labels])


def nothing(_name: str, _known: Any) -> Done:
    raise AssertionError("nothing was to be asked")


PLACES = {
    "root": choice(_1={"next": "place"}),
    "place": {
        "kind": "choice",
        "text": "place",
        "lists": "places",
        "saves": "hamlet",
        "next": "where",
    },
    "where": {"kind": "end", "text": "where"},
}


def test_the_facts_a_menu_may_ask_for_are_those_known_of_a_caller() -> None:
    nobody = Caller(None, None, False, False, "", "", ("", ""), ("", ""), "", "")
    silent = replace(nobody, stale=True)
    pending = pending_of(nobody, Arrival(None, "", "", "", "", "", "", frozenset()))
    known = {*facts_of(nobody), *facts_of(silent), *pending.facts, LEFT}
    assert known == FACTS


def test_a_long_list_has_no_line_under_a_key_that_means_something_else() -> None:
    talk = dialogue(PLACES)
    many = lists(*(f"xom {n}" for n in range(1, 121)))
    state = talk.step(talk.begin({}, many).state, "1", {}, many).state
    assert talk.step(state, "98", {}, many).state.screen != "where"
    assert talk.step(state, "99", {}, many).state.page == 1
    assert talk.step(state, "97", {}, many).text == "O xom 97."
    assert talk.step(state, "100", {}, many).text == "O xom 98."
    assert talk.step(state, "007", {}, many).text == "O xom 7."


def test_a_line_too_long_for_a_phone_is_cut_and_stays_one_line() -> None:
    talk = dialogue(PLACES)
    act = lists("Xóm Nà\nThử ở rất xa bên kia sông Bằng Giang")
    turn = talk.step(talk.begin({}, act).state, "1", {}, act)
    assert turn.text == "Xom?\n1 Xom Na Thu o rat xa ben k...\n0 Quay lai"


def test_an_error_above_a_full_list_page_moves_no_line() -> None:
    talk = dialogue(PLACES)
    act = lists(*(f"Xom so {n:02}" for n in range(40)))
    turn = talk.step(talk.begin({}, act).state, "1", {}, act)
    wrong = talk.step(turn.state, "x", {}, act)
    assert wrong.text.split("\n")[0] == WORDS["error.choice"]
    assert wrong.text.split("\n")[-len(turn.text.split("\n")) + 1 :] == turn.text.split("\n")[1:]
    assert septets(wrong.text) <= USSD_PAGE


def test_an_empty_list_leads_on() -> None:
    talk = dialogue(
        {
            **PLACES,
            "place": {**PLACES["place"], "when_empty": "bye"},
            "bye": {"kind": "end", "text": "bye"},
        }
    )
    assert talk.step(talk.begin({}, nothing).state, "1", {}, lists()).text == "Het."


def test_a_line_may_be_for_some_callers_only() -> None:
    talk = dialogue(
        {
            "root": choice(
                _1={"next": "bye"},
                _2={"next": "bye", "when": "homeless"},
                _3={"next": "bye", "unless": "stranger"},
            ),
            "bye": {"kind": "end", "text": "bye"},
        }
    )
    for facts, shown in (
        ({}, "Chao\n1 Di\n3 Di"),
        ({"stranger": "1"}, "Chao\n1 Di"),
        ({"homeless": "1"}, "Chao\n1 Di\n2 Di\n3 Di"),
    ):
        turn = talk.begin(facts, nothing)
        assert turn.text == shown
        for key in "123":
            assert talk.step(turn.state, key, facts, nothing).open == (f"\n{key} " not in shown)


def test_a_line_not_for_everybody_is_not_kept_for_everybody() -> None:
    screens = {
        "root": choice(_1={"next": "bye", "unless": "stranger"}, _2={"next": "bye"}),
        "bye": {"kind": "end", "text": "bye"},
    }
    talk = dialogue(screens)
    assert talk.begin({}, nothing).text == "Chao\n1 Di\n2 Di"
    assert talk.begin({"stranger": "1"}, nothing).text == "Chao\n2 Di"


def test_the_next_list_begins_at_its_first_page() -> None:
    talk = dialogue(
        {**PLACES, "place": {**PLACES["place"], "next": "again"}, "again": PLACES["place"]}
    )
    act = lists(*(f"xom {n}" for n in range(1, 41)))
    first = talk.step(talk.begin({}, act).state, "1", {}, act)
    leafed = talk.step(first.state, "99", {}, act)
    assert talk.step(leafed.state, "15", {}, act).text == first.text


def test_a_screen_met_again_is_not_gone_back_to_twice() -> None:
    talk = dialogue(
        {
            "root": choice(_1={"next": "one"}),
            "one": choice("place", _1={"next": "two"}),
            "two": choice("bye", _1={"next": "one"}),
        }
    )
    turn = talk.begin({}, nothing)
    for _ in range(5):
        turn = talk.step(turn.state, "1", {}, nothing)
    assert turn.state.screen == "one"
    assert talk.step(turn.state, "0", {}, nothing).state.screen == "root"


def test_words_on_pages_are_all_there_in_order() -> None:
    words = " ".join(f"chu{n}" for n in range(90))
    talk = dialogue(
        {"root": choice(_1={"next": "guide"}), "guide": {"kind": "pages", "text": "guide"}},
        guide=words,
    )
    turn = talk.step(talk.begin({}, nothing).state, "1", {}, nothing)
    read = [turn.text]
    while "\n99 " in turn.text:
        turn = talk.step(turn.state, "99", {}, nothing)
        read.append(turn.text)
    assert " ".join(page.split("\n")[0] for page in read) == words
    assert len(read) > 2
    for page in range(len(read) - 2, -1, -1):
        turn = talk.step(turn.state, "0", {}, nothing)
        assert turn.text == read[page]
    assert talk.step(turn.state, "0", {}, nothing).state.screen == "root"


def test_a_choice_below_words_that_fill_a_page_is_on_the_next() -> None:
    words = "chu " * 33 + "het"
    screens = {
        "root": choice(_1={"next": "guide"}),
        "guide": {**choice("guide", _1={"next": "bye"}, _2={"next": "bye"}), "kind": "pages"},
        "bye": {"kind": "end", "text": "bye"},
    }
    for more in range(30):
        talk = dialogue(screens, guide=words[: len(words) - more], go="Gui tin nay ve may")
        turn = talk.step(talk.begin({}, nothing).state, "1", {}, nothing)
        read = [turn.text]
        while "\n99 " in turn.text:
            turn = talk.step(turn.state, "99", {}, nothing)
            read.append(turn.text)
        assert all(septets(page) <= USSD_PAGE for page in read)
        assert "\n".join(read).count("1 Gui") == "\n".join(read).count("2 Gui") == 1
        assert talk.step(turn.state, "2", {}, nothing).text == "Het."


def test_home_again_what_was_looked_at_no_longer_stands_for_what_is_known() -> None:
    talk = dialogue(
        {
            "root": choice(_1={"next": "place"}, _2={"next": "where"}),
            "place": {**PLACES["place"], "next": "root"},
            "where": {"kind": "end", "text": "where"},
        }
    )
    known, act = {"hamlet": "xom Coc Phia"}, lists("xom Pan Keng")
    home = talk.step(
        talk.step(talk.begin(known, act).state, "1", known, act).state, "1", known, act
    )
    assert talk.step(home.state, "2", known, act).text == "O xom Coc Phia."
    assert talk.step(home.state, "2", {}, act).text == "O ."
    stranger = talk.step(talk.step(talk.begin({}, act).state, "1", {}, act).state, "1", {}, act)
    assert talk.step(stranger.state, "2", {}, act).text == "O xom Pan Keng."


@pytest.mark.parametrize(
    "before",
    [
        State("no_longer_there", "vi", trail=("root",)),
        State("where", "vi", trail=("root",), options=(Option("1", "Coc Phia"),)),
    ],
    ids=["the screen is gone", "the list is gone"],
)
def test_a_menu_that_changed_under_a_call_begins_again(before: State) -> None:
    screens = {**PLACES, "where": choice("place", _1={"next": "root"})}
    turn = dialogue(screens).step(replace(before, values={"hamlet": "x"}), "1", {}, nothing)
    assert turn.state == State("root", "vi")
    assert turn.text == "Chao\n1 Di"


def test_a_start_screen_has_no_way_back() -> None:
    menu = read_menu(
        {
            "starts": [{"screen": "ask", "when": "stranger"}, {"screen": "root"}],
            "screens": {"root": choice(_1={"next": "ask"}), "ask": choice(_1={"next": "root"})},
        }
    )
    talk = Dialogue(menu, Renderer(Texts({"vi": WORDS}, {})), ACTIONS)
    for facts in ({}, {"stranger": "1"}):
        turn = talk.step(talk.begin(facts, nothing).state, "1", facts, nothing)
        assert turn.state.trail == ()
        assert "\n0 " not in turn.text


def test_back_to_a_screen_that_is_gone_is_back_to_the_beginning() -> None:
    state = State("place", "vi", trail=("gone",), options=(Option("1", "Coc Phia"),))
    assert dialogue(PLACES).step(state, "0", {}, nothing).state.screen == "root"


def test_a_menu_that_leads_nowhere_is_a_fault_and_not_a_guess() -> None:
    talk = dialogue(
        {
            "root": choice(_1={"does": "look", "next": {"found": "bye"}}),
            "bye": {"kind": "end", "text": "bye"},
        }
    )
    begun = talk.begin({}, nothing).state
    with pytest.raises(MenuFault, match="root has nowhere to go after look said gone"):
        talk.step(begun, "1", {}, lambda _name, _known: Done("gone"))


def test_a_short_number_beside_lines_that_is_none_of_theirs_is_called_a_wrong_choice() -> None:
    """Not a mistyped hamlet code: whoever sees a list chooses from it."""
    found = {"kind": "ask", "text": "place", "check": "hamlet", "saves": "typed"}
    talk = dialogue(
        {
            "root": choice(_1={"next": "place"}),
            "place": {**found, "lists": "places", "next": "bye"},
            "bye": {"kind": "end", "text": "bye"},
        },
        **{"error.hamlet_code_shape": "Ma xom co 5 so."},
    )
    act = lists("Na Lau", "Na Ca")
    there = talk.step(talk.begin({}, act).state, "1", {}, act).state
    assert talk.step(there, "7", {}, act).text.startswith("Khong co so do")
    assert talk.step(there, "123", {}, act).text.startswith("Ma xom co 5 so.")


def test_a_secret_reaches_its_action_and_is_kept_nowhere() -> None:
    asked: list[Mapping[str, str]] = []

    def prove(_name: str, known: Mapping[str, str]) -> Done:
        asked.append(known)
        return Done("right" if known["pin"] == "482957" else "wrong")

    walk = dialogue(
        {
            "root": {
                "kind": "ask",
                "text": "root",
                "secret": True,
                "saves": "pin",
                "does": "prove",
                "next": {"right": "bye", "wrong": "!error.choice"},
            },
            "bye": {"kind": "end", "text": "bye"},
        }
    )
    turn = walk.begin({}, prove)
    wrong = walk.step(turn.state, "739164", {}, prove)
    right = walk.step(wrong.state, "482957", {}, prove)
    assert [known["pin"] for known in asked] == ["739164", "482957"]
    assert right.state.screen == "bye"
    for said in (wrong, right):
        assert not any(pin in f"{said}" for pin in ("739164", "482957"))
