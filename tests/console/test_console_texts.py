"""The console's sentences: both languages whole, all that pages ask for, nothing said in vain."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from service.console.words import read_words
from service.dialogue.intents import KNOWN_INTENTS
from service.jobs import timetable
from service.ops.pulse_curves import Span
from service.ops.room_codes import Group
from service.outbox.classes import LANES
from service.records.console import Role
from service.records.messages import MessageState
from tests.console.office import Office
from tests.house.source import SERVICE
from tests.village import World

CONSOLE = SERVICE / "console"
BY_CODE = (
    "did.",
    "role.",
    "lane.",
    "message.",
    "request.",
    "alarm.",
    "about.",
    "listens.",
    "intent.",
    "noted.",
    "about_of.",
    "severity.",
    "runbook.",
    "way.",
    "goes.",
    "not_told.",
    "error.",
    "headline.",
    "sign.",
    "group.",
    "share.",
    "network.",
    "screen.",
    "thing.",
    "thing_",
    "span.",
    "per.",
    "unit.",
    "said_at.",
    "curve.",
    "curves.never_",
    "class.",
    "group.",
    "group_hint.",
    "pile.",
    "do.",
    "deed.",
    "ask.",
    "then.",
    "left.",
    "stands.",
    "turn_on.",
    "turn_off.",
    "ask_on.",
    "ask_off.",
    "then_on.",
    "then_off.",
    "then_emergency.",
    *("act.", "age.", "audience.", "channel.", "class.", "event.", "field.", "level.", "member."),
    *("seat.", "stands.", "step.", "told.", "topic.", "when."),
    *("number.", "link.", "cause.", "outcome.", "report.", "became.", "next.", "why.", "life."),
    *("class.", "call.", "event.", "seat.", "consent.", "wish.", "member.", "reveal."),
    *("process.", "work.", "registry.", "topic."),
)


def test_both_languages_say_the_same_things() -> None:
    vi, en = (read_words()[language].sentences for language in ("vi", "en"))
    assert list(vi) == list(en)
    for key, sentence in vi.items():
        values = [{name for _, name, *_ in Formatter().parse(s[key]) if name} for s in (vi, en)]
        assert values[0] == values[1], key
        assert sentence.strip()


def test_pages_find_what_they_say_and_nothing_is_said_in_vain() -> None:
    sources = [*CONSOLE.glob("*.py"), *CONSOLE.glob("templates/*.html")]
    written = "\n".join(Path(source).read_text(encoding="utf-8") for source in sources)
    written = written.replace("'", '"')
    keys = set(read_words()["vi"].sentences)
    asked = set(re.findall(r"""\bt\("([a-z_.]+)\"""", written))
    assert asked <= keys
    unused = {key for key in keys if not key.startswith(BY_CODE) and f'"{key}"' not in written}
    assert unused == set()


def test_everything_with_a_code_has_a_name() -> None:
    keys = set(read_words()["vi"].sentences)
    assert {f"role.{role}" for role in Role} <= keys
    assert {f"lane.{lane}" for lane in LANES} <= keys
    assert {f"message.{state}" for state in MessageState} <= keys
    assert {f"group.{group}" for group in Group} <= keys
    assert {f"intent.{intent}" for intent in KNOWN_INTENTS} <= keys
    assert {f"{kind}.{span}" for kind in ("span", "per", "said_at") for span in Span} <= keys
    assert {f"headline.{state}{end}" for state in ("slow", "stuck") for end in ("", "_all")} <= keys


def test_everything_on_the_timetable_has_a_name(world: World) -> None:
    keys = set(read_words()["vi"].sentences)
    assert {f"work.{name}" for name in timetable(world.runtime)} <= keys


def test_english_by_a_link_that_is_remembered(office: Office) -> None:
    browser = office.browser()
    page = browser.get("/sign-in").text
    assert '<html lang="vi">' in page
    assert 'href="/sign-in?lang=en"' in page
    assert '<html lang="en">' in browser.get("/sign-in?lang=en").text
    assert "Six digits" in browser.get("/sign-in").text
    assert "Mã 6 số" in browser.get("/sign-in?lang=vi").text
