"""What a new call does with what was left: a form the last one dropped on, and what is pending."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.dialogue.engine import Dialogue, Turn
from service.dialogue.loader import read_menu
from service.dialogue.model import ActionShape, Done, Option, State
from service.dialogue.render import Renderer
from service.dialogue.texts import Gap, Texts

WORDS = {
    "nav.back": "Quay lai",
    "nav.more": "Xem tiep",
    "error.choice": "Khong co so do, chon lai:",
    "root": "Chao",
    "team": "To",
    "go": "Di",
    "no": "Khong",
    "stale": "Van la ba con?",
    "resume": "Lam tiep {left}?",
    "about.form": "nho giup",
    "question": "Viec {number} xong chua?",
    "form": "Viet gi?",
    "place": "Xom?",
    "said": "Da ghi {words}.",
}
GAPS = {"left": Gap(text="about."), "number": Gap(width=4), "words": Gap(width=20)}
ACTIONS = {"places": ActionShape(lists=True), "drop": ActionShape(writes=True)}
MENU: dict[str, Any] = {
    "starts": [
        {"screen": "stale", "when": "stale", "before_menu": True},
        {"screen": "resume", "when": "left", "before_menu": True},
        {"screen": "question", "when": "question", "before_menu": True},
        {"screen": "team", "when": "member"},
        {"screen": "root"},
    ],
    "screens": {
        "stale": {"kind": "choice", "text": "stale", "choices": {1: {"text": "go", "next": "@home"}}},
        "resume": {
            "kind": "choice",
            "text": "resume",
            "choices": {
                1: {"text": "go", "next": "@resume"},
                2: {"text": "no", "does": "drop", "next": "@home"},
            },
        },
        "question": {
            "kind": "choice",
            "text": "question",
            "choices": {1: {"text": "go", "next": "said"}, 3: {"text": "no", "next": "@home"}},
        },
        "team": {"kind": "choice", "text": "team", "choices": {9: {"text": "go", "next": "root"}}},
        "root": {
            "kind": "choice",
            "text": "root",
            "choices": {
                1: {"text": "go", "next": "form"},
                2: {"text": "go", "next": "place"},
                3: {"text": "go", "next": "quiet"},
                9: {"text": "go", "next": "team"},
            },
        },
        "form": {
            "kind": "ask", "text": "form", "saves": "words", "next": "said",
            "redial": "ask", "about": "form",
        },
        "place": {
            "kind": "choice", "text": "place", "lists": "places", "saves": "words", "next": "said",
            "redial": "continue",
        },
        "quiet": {"kind": "choice", "text": "place", "choices": {1: {"text": "go", "next": "said"}}},
        "said": {"kind": "end", "text": "said"},
    },
}  # fmt: skip
TALK = Dialogue(read_menu(MENU), Renderer(Texts({"vi": WORDS, "en": WORDS}, GAPS)), ACTIONS)


class Village:
    """Lists two places and notes what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def act(self, name: str, _known: Any) -> Done:
        if name != "places":
            self.done.append(name)
        return Done(options=[Option("Na Thu", "Na Thu"), Option("Na Gia", "Na Gia")])


def left_on(screen: str, **values: str) -> State:
    return State(screen, "vi", values=values, trail=("root",))


def begin(left: State | None = None, **facts: str) -> Turn:
    return TALK.begin(facts, Village().act, left=left)


def stored(state: State) -> State:
    return State.from_json(state.as_json())


def test_a_form_that_was_left_is_asked_about_by_name_and_gone_on_with() -> None:
    asked = begin(left_on("form", words="x"))
    assert asked.text == "Lam tiep nho giup?\n1 Di\n2 Khong"
    resumed = TALK.step(stored(asked.state), "1", {}, Village().act)
    assert resumed.text == "Viet gi?\n0 Quay lai"
    assert resumed.state == left_on("form", words="x")
    assert TALK.step(resumed.state, "0", {}, Village().act).state.screen == "root"


def test_who_does_not_go_on_is_home_and_what_was_typed_is_gone() -> None:
    village = Village()
    asked = TALK.begin({}, village.act, left=left_on("form", words="x"))
    turn = TALK.step(asked.state, "2", {}, village.act)
    assert turn.state == State("root", "vi")
    assert village.done == ["drop"]


def test_home_is_the_teams_menu_for_a_member() -> None:
    asked = begin(left_on("form"), member="1")
    turn = TALK.step(asked.state, "2", {"member": "1"}, Village().act)
    assert turn.state == State("team", "vi")


def test_a_call_that_drops_while_it_is_asked_is_asked_again() -> None:
    first = begin(left_on("form", words="x"))
    second = begin(stored(first.state))
    assert second == first
    assert TALK.step(second.state, "1", {}, Village().act).state == left_on("form", words="x")


def test_a_wrong_key_while_it_is_asked_forgets_nothing() -> None:
    asked = begin(left_on("form", words="x"))
    wrong = TALK.step(asked.state, "7", {}, Village().act)
    assert wrong.state == asked.state
    assert TALK.step(wrong.state, "1", {}, Village().act).state == left_on("form", words="x")


def test_where_nothing_can_be_lost_the_call_just_goes_on_with_the_list_as_it_is_now() -> None:
    turn = begin(replace(left_on("place"), options=(Option("old", "old"),), page=1))
    assert turn.text == "Xom?\n1 Na Thu\n2 Na Gia\n0 Quay lai"


@pytest.mark.parametrize("screen", ["root", "quiet", "said", "no_longer_there"])
def test_elsewhere_a_call_begins_anew(screen: str) -> None:
    assert begin(left_on(screen, words="x")).state == State("root", "vi")


def test_whose_a_number_is_comes_before_what_was_left_on_it() -> None:
    asked = begin(left_on("form", words="x"), stale="1")
    assert asked.text == "Van la ba con?\n1 Di"
    assert asked.state.kept is None
    assert TALK.step(asked.state, "1", {"stale": "1"}, Village().act).state == State("root", "vi")


def test_what_was_left_comes_before_a_question() -> None:
    assert begin(left_on("form"), question="7").state.screen == "resume"


def test_what_is_dialled_through_begins_at_home_past_all_that_is_pending() -> None:
    turn = TALK.begin({"question": "7"}, Village().act, dialled="1", left=left_on("form"))
    assert turn.state == State("form", "vi", trail=("root",))


def test_a_question_is_shown_with_what_is_given_of_it_and_home_it_is_forgotten() -> None:
    given = {"question": {"number": "4711"}, "left": {"number": "1"}}
    asked = TALK.begin({"question": "7"}, Village().act, given=given)
    assert asked.text == "Viec 4711 xong chua?\n1 Di\n3 Khong"
    home = TALK.step(asked.state, "3", {}, Village().act)
    assert home.state == State("root", "vi")


def test_a_menu_that_lost_its_question_leads_home_from_it() -> None:
    asked = begin(left_on("form", words="x"))
    gone = replace(asked.state, screen="no_longer_there")
    assert TALK.step(gone, "1", {}, Village().act).state == State("root", "vi")


def test_a_form_that_is_gone_by_the_time_it_is_resumed_is_home() -> None:
    asked = begin(left_on("form", words="x"))
    kept = {**(asked.state.kept or {}), "s": "no_longer_there"}
    turn = TALK.step(replace(asked.state, kept=kept), "1", {}, Village().act)
    assert turn.state.screen == "root"


def test_resuming_nothing_is_home() -> None:
    asked = replace(begin(left_on("form")).state, kept=None)
    assert TALK.step(asked, "1", {}, Village().act).state == State("root", "vi")


def test_a_screen_shown_by_text_is_one_key_from_home() -> None:
    turn = TALK.at("form", {"member": "1"}, Village().act)
    assert turn.state == State("form", "vi", trail=("team",))
    assert TALK.at(None, {"question": "7"}, Village().act).state == State("root", "vi")
