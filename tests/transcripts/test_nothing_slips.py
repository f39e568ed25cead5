"""What is too long, or is done twice, cannot get into a transcript unseen: each seeded, each found."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.dialogue.engine import Dialogue
from service.dialogue.render import Renderer
from service.menus import FOLDER, read_draft, read_menus
from service.player.handset import DirectHandset, Line
from service.player.stage import Stage, TooLong
from service.village.actions import SHAPES
from tests.transcripts.play import play
from tests.village import World, demo_village, empty_tables

Makes = Callable[..., World]
TOO_LONG = {
    "a page below a sentence": (
        {"error.choice": "Khong co so do, chon lai " + "nhe " * 20},
        "neighbour dials *384*1909#\nneighbour types 1\nneighbour types 9\n",
    ),
    "the first page of a call": (
        # words are leafed through, a line cannot be
        {"root.title": "", "root.help": "Nho giup " * 16},
        "neighbour dials *384*1909#\n",
    ),
    "an SMS as an answer": (
        {"sms.opted_in": "Lai gui tin " * 20},
        "neighbour texts DK TIN\n",
    ),
    "an SMS to somebody else": (
        {"sms.task_new": "Viec {task} " * 30},
        "neighbour texts GIUP VNEID\n",
    ),
}


@pytest.fixture
def makes(database_url: str, tmp_path: Path) -> Iterator[Makes]:
    """Make a village whose texts are these, as if the check at start were blind."""
    made: list[World] = []

    def make(kind: type[World] = World, **texts: str) -> World:
        world = kind(database_url)
        made.append(world)
        if texts:
            folder = shutil.copytree(FOLDER, tmp_path / "menus")
            file = folder / "texts" / "vi.yaml"
            lines = file.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if line.partition(":")[0] not in texts]
            kept += [f'{key}: "{said}"' for key, said in texts.items()]
            file.write_text("\n".join(kept), encoding="utf-8")
            blind = read_draft(folder).texts
            world.runtime.__dict__["menus"] = replace(
                menus := read_menus(),
                texts=blind,
                dialogue=Dialogue(menus.dialogue.menu, Renderer(blind), SHAPES),
            )
        empty_tables(world.engine)
        demo_village(world)
        return world

    yield make
    for world in made:
        world.close()


@pytest.mark.parametrize(("texts", "script"), TOO_LONG.values(), ids=TOO_LONG)
def test_what_is_too_long_fails_the_transcript(
    makes: Makes, texts: dict[str, str], script: str
) -> None:
    with pytest.raises((AssertionError, TooLong), match="septets"):
        play(script, makes(**texts))


@pytest.mark.parametrize(("texts", "script"), TOO_LONG.values(), ids=TOO_LONG)
def test_what_is_too_long_fails_in_the_terminal_too(
    makes: Makes, texts: dict[str, str], script: str
) -> None:
    world = makes(**texts)
    phone = DirectHandset(Line.to(world.runtime), "+84900000007")
    with world.engine.connect() as held:
        stage = Stage(world.engine, held, lambda _msisdn: phone, ("vi",))
        with pytest.raises(TooLong, match=r"^\d{3} septets where 1[46]0 fit: "):
            list(itertools.chain.from_iterable(stage.line(line) for line in script.splitlines()))
        stage.let_go()


class Fickle(World):
    """A service that answers the same hop differently the second time."""

    answered = 0

    def post(self, door: str, fields: Any, **more: Any) -> Any:
        answer = super().post(door, fields, **more)
        self.answered += 1
        if door == "ussd":
            answer.data = answer.data + b"!" * (self.answered % 2)
        return answer


class Forgetful(World):
    """A service that does not know an SMS again."""

    taken = 0

    def post(self, door: str, fields: Any, **more: Any) -> Any:
        self.taken += 1
        again = {"id": f"other-{self.taken}"} if door == "sms" else {}
        return super().post(door, {**fields, **again}, **more)


def test_a_hop_that_is_answered_differently_again_fails(makes: Makes) -> None:
    with pytest.raises(AssertionError, match="the same hop again got another answer"):
        play("neighbour dials *384*1909#\n", makes(Fickle))


def test_an_sms_that_is_answered_twice_fails(makes: Makes) -> None:
    with pytest.raises(AssertionError, match="the same SMS again was answered again"):
        play("neighbour texts HD\n", makes(Forgetful))
