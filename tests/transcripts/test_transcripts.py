"""Whole dialogues, as their people live them, on the real gateway and the real database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.menus import read_menus
from service.player.stage import NotADoing
from tests.transcripts.play import play
from tests.village import World

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.txt"))
DATED = "# It is Tuesday, 1 December 2026, nine in the morning."
"""The first line of a transcript that tells days: it is always played on that one."""
SHOWN = re.compile(r"^    \[(\w+), (\w+)\]$", re.MULTILINE)


def check(golden: Path, world: World, *, update: bool) -> None:
    """Play a transcript and compare; with `update` write down what is played now."""
    script = golden.read_text(encoding="utf-8")
    played = play(script, world)
    if update:
        golden.write_text(played, encoding="utf-8")
        return
    assert played == script


@pytest.mark.parametrize("golden", FILES, ids=lambda path: path.stem)
def test_transcript(golden: Path, request: pytest.FixtureRequest, update_golden: bool) -> None:
    is_dated = golden.read_text(encoding="utf-8").startswith(DATED)
    world = request.getfixturevalue("timed" if is_dated else "world")
    check(golden, world, update=update_golden)


def shown(language: str) -> set[str]:
    """Return the screens that are shown in a language in some transcript."""
    found = (SHOWN.findall(path.read_text(encoding="utf-8")) for path in FILES)
    return {screen for screens in found for screen, spoken in screens if spoken == language}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_screen_is_in_a_transcript(language: str) -> None:
    assert set(read_menus().dialogue.menu.screens) - shown(language) == set()


ONE_CALL = """\
# She looks who to call, and that is all.
stranger dials *384*1909#
stranger types 8
"""


def test_a_transcript_without_its_answers_fails(world: World, tmp_path: Path) -> None:
    golden = tmp_path / "new.txt"
    golden.write_text(ONE_CALL)
    with pytest.raises(AssertionError):
        check(golden, world, update=False)
    assert golden.read_text() == ONE_CALL


def test_an_answer_that_changed_fails_until_it_is_updated(world: World, tmp_path: Path) -> None:
    golden = tmp_path / "changed.txt"
    golden.write_text(ONE_CALL)
    check(golden, world, update=True)
    written = golden.read_text()
    assert "    [emergency, vi]\n    | GOI NGAY: 112" in written
    check(golden, world, update=False)
    golden.write_text(written.replace("112", "113"))
    with pytest.raises(AssertionError):
        check(golden, world, update=False)
    check(golden, world, update=True)
    assert golden.read_text() == written


def test_a_line_nobody_can_play_fails(world: World) -> None:
    with pytest.raises(NotADoing, match="villager shouts"):
        play("villager shouts help\n", world)
