"""When a language is offered, and what somebody reads who chose one that has since fallen behind.

Vietnamese words stand in for the other languages: none of theirs is invented.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from service.dialogue.engine import Dialogue
from service.dialogue.languages import Language
from service.dialogue.model import Done, Option, State
from service.menus import FOLDER, Menus, read_menus

CODE = "hmn-Latn-VN"
Change = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "menus"
    shutil.copytree(FOLDER, copy)
    return copy


def complete(folder: Path, **changes: str | None) -> None:
    """Write a language file that says what Vietnamese says, but for these changes."""
    texts = yaml.safe_load((folder / "texts" / "vi.yaml").read_text("utf-8"))
    texts |= {name.replace("__", "."): words for name, words in changes.items()}
    kept = {key: words for key, words in texts.items() if words is not None}
    (folder / "texts" / f"{CODE}.yaml").write_text(yaml.safe_dump(kept, allow_unicode=True))


def reviewed(folder: Path) -> None:
    path = folder / "languages.yaml"
    languages = yaml.safe_load(path.read_text("utf-8"))
    languages[CODE]["reviewer"] = "Sùng Thử"
    path.write_text(yaml.safe_dump(languages, allow_unicode=True, sort_keys=False))


def offered(menus: Menus) -> bool:
    return CODE in menus.texts.languages


def test_complete_fitting_and_answered_for_it_is_offered(folder: Path) -> None:
    complete(folder)
    reviewed(folder)
    menus = read_menus(folder)
    assert menus.texts.languages == ("vi", "en", CODE)
    assert CODE not in menus.lacking


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (reviewed, f"there is no texts/{CODE}.yaml"),
        (complete, "languages.yaml names no reviewer"),
        (
            lambda folder: (reviewed(folder), complete(folder, root__help=None)),
            "text 'root.help' is missing",
        ),
        (
            lambda folder: (reviewed(folder), complete(folder, root__help="Nho giup " * 9)),
            "screen root: 213 septets at the longest; a page holds 140",
        ),
        (
            lambda folder: (reviewed(folder), complete(folder, sms__task_none="Việc")),
            "sms.task_none: ệ cannot be shown by a keypad phone",
        ),
    ],
    ids=["no file", "no reviewer", "one text missing", "one page too long", "one odd letter"],
)
def test_one_thing_lacking_it_is_not_and_we_are_told_which(
    folder: Path, change: Change, why: str
) -> None:
    change(folder)
    menus = read_menus(folder)
    assert menus.texts.languages == ("vi", "en")
    assert menus.lacking[CODE] == (why,)


def test_a_language_not_offered_is_not_on_the_language_screen(folder: Path) -> None:
    complete(folder)
    assert "Tieng Viet" not in languages_shown(read_menus(folder))[2:]
    reviewed(folder)
    assert languages_shown(read_menus(folder)) == ["Tieng Viet", "English", "Tieng Viet"]


def languages_shown(menus: Menus) -> list[str]:
    return [menus.texts.say("language.name", code) for code in menus.texts.languages]


def test_who_chose_a_language_reads_each_text_it_has_and_else_vietnamese(folder: Path) -> None:
    complete(folder, root__help="1-1-1", root__mine=None, root__title="0-0-0")
    reviewed(folder)
    menus = read_menus(folder)
    assert not offered(menus), "nobody chooses it anew"
    assert page(menus.dialogue, "root") == (
        "0-0-0\n1 1-1-1\n2 Huong dan\n3 Tin cua xom\n4 Lop hoc\n5 Viec toi da nho\n"
        "6 Tieng/Language\n7 So lieu cua toi\n8 Khan cap"
    )
    assert menus.texts.say("root.mine", CODE) == "Viec toi da nho"


def test_who_chose_a_language_nobody_answers_for_any_more_reads_vietnamese(folder: Path) -> None:
    complete(folder, root__help="1-1-1")
    assert page(read_menus(folder).dialogue, "root").startswith("To cong nghe so\n1 Nho giup\n")


def test_a_topic_in_a_gap_falls_back_too(folder: Path) -> None:
    complete(folder, topic__dvc=None, mine__cancel_question="? {number} ({topic})")
    reviewed(folder)
    said = read_menus(folder).texts.say(
        "mine.cancel_question", CODE, {"number": "4711", "topic": "dvc"}
    )
    assert said == "? 4711 (Dich vu cong)"


def page(dialogue: Dialogue, screen: str) -> str:
    return dialogue.renderer.page(dialogue.menu.screens[screen], State(screen, CODE), {})


def test_the_call_goes_on_in_a_language_that_lacks_a_line(folder: Path) -> None:
    complete(folder, topic__vneid=None, topics__question="2-2-2")
    reviewed(folder)
    dialogue = read_menus(folder).dialogue
    lines = [Option("x", "y")]
    turn = dialogue.step(State("root", CODE), "1", {}, lambda _name, _known: Done(options=lines))
    assert turn.text.startswith("2-2-2\n1 VNeID\n2 VssID\n")


def test_the_slots_invent_nothing() -> None:
    menus = read_menus()
    for code in menus.languages.keys() - {"vi", "en"}:
        language = menus.languages[code]
        assert language.own_name == ""
        assert language.reviewer == ""
        assert not (FOLDER / "texts" / f"{code}.yaml").exists()
    assert menus.languages["vi"].base
    assert menus.languages["en"].base


@pytest.mark.parametrize(
    ("letters", "written", "shown", "lost"),
    [
        ("marked", "T’ê ưư mj", "T'e uu mj", ()),
        ("marked", "Ntơưr Hmôngz", "Ntour Hmongz", ()),
        ("plain", "mbuo nyei waac", "mbuo nyei waac", ()),
        ("plain", "một", "mot", ("ộ",)),
        ("marked", "ꦕ 😀", "? ?", ("ꦕ", "😀")),
    ],
)
def test_letters_reach_phones_by_the_rule_of_their_script(
    letters: str, written: str, shown: str, lost: tuple[str, ...]
) -> None:
    language = Language("tyz", "-", "-", "-", letters=letters)
    assert language.on_phones(written) == shown
    assert language.unwritable(written) == lost
