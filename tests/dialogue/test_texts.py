"""Every sentence: asked for by somebody, there when asked for, and plain without its marks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import service
from service.dialogue.ambiguous import speaks_like_a_stranger, unclear_words
from service.dialogue.answers import bare_answer
from service.dialogue.checks import ERROR_TEXTS
from service.dialogue.scamlike import pushing, scamlike
from service.dialogue.texts import INSTEAD_IN_SMS, SMS_PREFIXES
from service.menus import read_menus
from service.text.gsm7 import septets

MENUS = read_menus()
TEXTS = MENUS.texts
SERVICE = Path(service.__file__).parent
CODE = sorted(set(SERVICE.rglob("*.py")) - set((SERVICE / "console").rglob("*.py")))
"""Not the console, whose sentences are its own and checked beside it."""
FAMILIES = {key.partition(".")[0] for key in TEXTS.keys("vi")}
KEY = re.compile(r"([a-z]+)\.[a-z_]+")
SAID = [(language, key) for language in TEXTS.languages for key in sorted(TEXTS.keys(language))]
ANSWERS = {"1", "2"}
TO_OTHERS = re.compile(r"\bgui 156\b")
"""What the Ministry takes reports of swindles at, in a form of its own."""
VIETNAMESE = [key for language, key in SAID if language == "vi"]


def is_keyword(word: str) -> bool:
    return MENUS.inbox.keywords.match(word) is not None


def asked_for() -> tuple[set[str], set[str]]:
    """Return the keys the code asks for, and the beginnings it makes keys from."""
    whole, beginnings = set(), set()
    for path in CODE:
        for part in strings_in(path):
            if part.startswith("*"):
                beginnings.add(part[1:])
            elif KEY.fullmatch(part):
                whole.add(part)
    return whole, beginnings


def strings_in(path: Path) -> Iterator[str]:
    """Yield the strings of our text families in a file; a made one as "*" and its beginning."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in made for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield from [node.value] if is_ours(node.value) else []
    for node in made:
        first = node.values[0]
        if isinstance(first, ast.Constant) and is_ours(first.value):
            yield f"*{first.value}"


def is_ours(string: str) -> bool:
    family, dot, rest = string.partition(".")
    return (
        bool(dot) and family in FAMILIES and bool(re.fullmatch("[a-z_]*", rest)) and rest != "yaml"
    )


def on_screens() -> set[str]:
    found = set(ERROR_TEXTS)
    for screen in MENUS.dialogue.menu.screens.values():
        found |= {screen.text, *(choice.text for choice in screen.choices)}
        found |= {error for leap in screen.leaps for error in leap.errors}
    return found


def of_guides() -> set[str]:
    return {key for guide in MENUS.guides for key in (guide.title, guide.text)}


def test_every_text_the_code_asks_for_is_there() -> None:
    whole, beginnings = asked_for()
    assert len(whole) > 30
    for language in TEXTS.languages:
        keys = TEXTS.keys(language)
        assert whole - keys == set()
        assert [b for b in beginnings if not any(key.startswith(b) for key in keys)] == []


def test_every_text_is_asked_for_by_somebody() -> None:
    whole, beginnings = asked_for()
    beginnings |= {gap.text for gap in TEXTS.gaps.values() if gap.text}
    unused = TEXTS.keys("vi") - whole - on_screens() - of_guides()
    assert {key for key in unused if not key.startswith(tuple(beginnings))} == set()


@pytest.mark.parametrize(("language", "key"), SAID)
def test_a_text_says_the_same_things_in_every_language(language: str, key: str) -> None:
    assert TEXTS.gaps_of(key, language) == TEXTS.gaps_of(key, "vi")


@pytest.mark.parametrize("key", VIETNAMESE)
def test_vietnamese_is_plain_without_marks(key: str) -> None:
    said = TEXTS.written(key, "vi")
    assert unclear_words(key, said) == (), said
    assert not speaks_like_a_stranger(said), said


@pytest.mark.parametrize(("language", "key"), SAID)
def test_nothing_reads_like_a_swindle(language: str, key: str) -> None:
    said = TEXTS.written(key, language)
    assert [*scamlike(said), *pushing(said, is_keyword)] == []


@pytest.mark.parametrize(("language", "key"), [s for s in SAID if s[1].startswith(SMS_PREFIXES)])
def test_an_sms_fits_one_segment_and_holds_no_refused_sign(language: str, key: str) -> None:
    longest = TEXTS.widest(key, language)
    assert septets(longest) <= 160
    assert not set(longest) & set(INSTEAD_IN_SMS)


@pytest.mark.parametrize("key", [key for key in VIETNAMESE if key.startswith("sms.")])
def test_what_is_to_be_sent_names_where_to_and_is_understood(key: str) -> None:
    said = TEXTS.written(key, "vi")
    sent = re.findall(r"\b[Ss]oan ([A-Z0-9][^\s,:.]*)", said)
    if TO_OTHERS.search(said):
        return
    if sent:
        assert re.search(r"\b[Gg]ui {sms_code}", said)
    for words in sent:
        assert words in ANSWERS or MENUS.inbox.keywords.match(words) or bare_answer(words), words


def test_words_typed_by_villagers_lose_only_what_an_sms_may_not_hold() -> None:
    said = TEXTS.say("sms.task_new_words", "vi", {"words": "bấm *101# & gọi [sớm] 50%\nnhé"})
    assert "Loi nhan: bam *101. + goi (som) 50 phan tram nhe." in said


def test_a_topic_that_left_the_menu_is_said_as_it_is() -> None:
    said = TEXTS.say("mine.open", "vi", {"number": "1234", "topic": "cũ_không_còn_trong_menu"})
    assert said.startswith("Viec 1234 (cu_khong_con_tr...)")


def test_a_gap_without_value_is_left_out() -> None:
    assert TEXTS.say("mine.cancel_question", "vi", {}) == "Huy viec  ()?"


def test_a_key_no_language_has_is_a_fault() -> None:
    with pytest.raises(KeyError):
        TEXTS.say("root.nothing", "vi")


def test_a_language_we_do_not_have_reads_vietnamese() -> None:
    assert TEXTS.say("root.help", "tyz") == TEXTS.say("root.help", "vi")
