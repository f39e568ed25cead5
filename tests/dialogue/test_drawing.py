"""The map of the dialogue: nothing of the menu is missing on it, and it can be read on paper."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import caunoi
from service.dialogue.drawing import draw, draw_sheets
from service.dialogue.loader import read_menu
from service.dialogue.map_rows import ARROW, COLUMNS, rows
from service.dialogue.texts import Gap, Texts
from service.dialogue.ways import ways
from service.menus import Menus, read_menus
from tests.dialogue.test_samples import folder_of
from tests.house.source import ROOT

SVG = "{http://www.w3.org/2000/svg}"
ROUNDED = 0.15
"""Lengths are written with one digit behind the point."""
MOST_SHEETS = 6
"""More are no map any longer."""
NUMBER = r"-?\d+(?:\.\d+)?"


def drawn(menus: Menus, language: str = "vi", file: str | None = None) -> ET.Element:
    picture = draw(menus.dialogue.menu, menus.texts, language, menus.sources, file)
    return ET.fromstring(picture.svg)


def frames(picture: ET.Element) -> dict[str, tuple[float, float, float, float]]:
    """Where the box of each screen is: left, top, right, bottom."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        if group.get("id", "").startswith("screen-"):
            (frame,) = (r for r in group.iter(f"{SVG}rect") if r.get("class") == "frame")
            x, y, width, height = (float(frame.get(n, "")) for n in ("x", "y", "width", "height"))
            found[group.get("id", "").removeprefix("screen-")] = (x, y, x + width, y + height)
    return found


def arrows(picture: ET.Element) -> list[ET.Element]:
    return [group for group in picture.iter(f"{SVG}g") if group.get("class") == "way"]


def points(path: str) -> list[tuple[float, float]]:
    """The corners of a line that is drawn along, up or down, along."""
    at = re.fullmatch(rf"M({NUMBER}) ({NUMBER})H({NUMBER})V({NUMBER})H({NUMBER})", path)
    assert at is not None, path
    x, y, bend, down, end = map(float, at.groups())
    return [(x, y), (bend, y), (bend, down), (end, down)]


MENUS = read_menus()
PICTURE = drawn(MENUS)


def test_every_screen_has_a_box_with_its_name_and_its_words() -> None:
    assert set(frames(PICTURE)) == set(MENUS.dialogue.menu.screens)
    for screen in MENUS.dialogue.menu.screens.values():
        (box,) = (g for g in PICTURE.iter(f"{SVG}g") if g.get("id") == f"screen-{screen.id}")
        said = " ".join(" ".join("".join(t.itertext()) for t in box.iter(f"{SVG}text")).split())
        assert said.startswith(screen.id) or f" {screen.id} " in said
        assert MENUS.texts.written(screen.text, "vi") in said
        for choice in screen.choices:
            assert f"{choice.key} {MENUS.texts.written(choice.text, 'vi')}" in said


def test_every_way_has_an_arrow_with_its_key_its_outcome_and_where_it_leads() -> None:
    told = Counter(
        tuple(arrow.get(f"data-{name}") for name in ("from", "outcome", "to"))
        for arrow in arrows(PICTURE)
    )
    there = [way for screen in MENUS.dialogue.menu.screens.values() for way in ways(screen)]
    assert told == Counter((way.screen, way.outcome, way.target) for way in there)
    keys = Counter((arrow.get("data-from"), arrow.get("data-key")) for arrow in arrows(PICTURE))
    for way in there:
        if way.choice is not None:
            assert keys[way.screen, way.choice.key] >= 1
    for arrow in arrows(PICTURE):
        said = {"".join(text.itertext()) for text in arrow.iter(f"{SVG}text")}
        to = arrow.get("data-to", "")
        assert said == {"stays, saying"} if to.startswith("!") else to in said
        if any("badge" in part.get("class", "") for part in arrow):
            assert arrow.get("data-key") in said


def test_a_line_leaves_its_box_and_arrives_at_the_other() -> None:
    boxes = frames(PICTURE)
    lines = 0
    for arrow in arrows(PICTURE):
        if any("badge" in part.get("class", "") for part in arrow):
            (path,) = arrow.iter(f"{SVG}path")
            first, *_, last = points(path.get("d", ""))
            left, right = boxes[arrow.get("data-from", "")], boxes[arrow.get("data-to", "")]
            assert first[0] == pytest.approx(left[2], abs=ROUNDED)
            assert left[1] < first[1] < left[3]
            assert last[0] == pytest.approx(right[0], abs=ROUNDED)
            assert right[1] < last[1] < right[3]
            lines += 1
    assert lines > len(boxes) / 2


@pytest.mark.parametrize("language", MENUS.texts.languages)
def test_no_box_stands_on_another_and_no_line_crosses_one(language: str) -> None:
    picture = drawn(MENUS, language)
    boxes = list(frames(picture).values())
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            beside = one[2] <= other[0] or other[2] <= one[0]
            assert beside or one[3] <= other[1] or other[3] <= one[1]
    for path in (p.get("d", "") for p in picture.iter(f"{SVG}path") if "V" in p.get("d", "")):
        corners = points(path)
        for (x, y), (to_x, to_y) in pairwise(corners):
            for left, top, right, bottom in boxes:
                aside = max(x, to_x) <= left + ROUNDED or min(x, to_x) >= right - ROUNDED
                assert aside or max(y, to_y) <= top or min(y, to_y) >= bottom


@pytest.mark.parametrize("language", MENUS.texts.languages)
def test_no_words_run_under_the_arrow_beside_them(language: str) -> None:
    menu = MENUS.dialogue.menu
    for screen in menu.screens.values():
        for row in rows(screen, MENUS.texts, language, opens=screen.id in menu.fresh):
            if row.voice == "phone":
                room = COLUMNS - ARROW if row.way else COLUMNS
                assert len(row.text) <= room, f"{screen.id}: {row.text}"


def test_where_a_call_begins_and_ends_is_marked() -> None:
    kinds = {
        group.get("id", "").removeprefix("screen-"): group.get("class", "").split()
        for group in PICTURE.iter(f"{SVG}g")
        if group.get("id")
    }
    menu = MENUS.dialogue.menu
    assert {name for name, kind in kinds.items() if "start" in kind} == menu.fresh
    ends = {screen.id for screen in menu.screens.values() if screen.kind == "end"}
    assert {name for name, kind in kinds.items() if "end" in kind} == ends
    said = ["".join(text.itertext()) for text in PICTURE.iter(f"{SVG}text")]
    number = len(menu.starts)
    assert f"call begins here, {number}. otherwise" in said


@pytest.mark.parametrize("language", MENUS.texts.languages)
def test_it_can_be_read_on_a3(language: str) -> None:
    sheets = draw_sheets(MENUS.dialogue.menu, MENUS.texts, language, MENUS.sources)
    assert min(sheet.letter for sheet in sheets) >= 1.8, "millimetres"
    pictures = [ET.fromstring(sheet.svg) for sheet in sheets]
    for picture, sheet in zip(pictures, sheets, strict=True):
        paper = [float(picture.get(side, "").removesuffix("mm")) for side in ("width", "height")]
        assert sorted(paper) == [297, 420]
        _, _, *size = map(float, picture.get("viewBox", "").split())
        scale = min(side / of for side, of in zip(paper, size, strict=True))
        assert 10 * scale >= sheet.letter, "letters are 10 high"
    shown = [name for picture in pictures for name in frames(picture)]
    assert sorted(shown) == sorted(MENUS.dialogue.menu.screens)
    assert len(sheets) <= MOST_SHEETS
    told = Counter(
        tuple(arrow.get(f"data-{name}") for name in ("from", "outcome", "to"))
        for picture in pictures
        for arrow in arrows(picture)
    )
    there = [way for screen in MENUS.dialogue.menu.screens.values() for way in ways(screen)]
    assert told == Counter((way.screen, way.outcome, way.target) for way in there)


def test_it_needs_nothing_from_elsewhere() -> None:
    svg = draw(MENUS.dialogue.menu, MENUS.texts, "vi", MENUS.sources).svg
    assert set(re.findall(r"url\(([^)]{2})", svg)) == {"#t"}
    assert "href" not in svg
    assert "@import" not in svg
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]


def test_the_same_menu_gives_the_same_picture() -> None:
    made = set()
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-m", "service.cli", "menus", "draw", "-o", "/dev/stdout"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
        made.add(ran.stdout)
    assert len(made) == 1


def test_words_that_mean_something_in_xml_are_words() -> None:
    menu = read_menu(
        {
            "starts": [{"screen": "root"}],
            "screens": {"root": {"kind": "end", "text": "root.<&>"}},
        }
    )
    said = "A & B <b> \"c\" 'd' {gap} ]]>"
    texts = Texts({"vi": {"root.<&>": said}}, {"gap": Gap(4)})
    picture = ET.fromstring(draw(menu, texts, "vi", {"root": "a&b.yaml"}).svg)
    lines = ["".join(t.itertext()) for t in picture.iter(f"{SVG}text")]
    assert said in " ".join(lines)


def test_one_file_is_drawn_alone_with_the_others_named(tmp_path: Path) -> None:
    sample = {
        "villager.yaml": {
            "screens": {"root": {"choices": {2: {"text": "root.go", "next": "desk"}}}}
        },
        "leader.yaml": {
            "screens": {
                "desk": {
                    "kind": "choice",
                    "text": "root.title",
                    "choices": {1: {"text": "root.go", "next": "bye"}},
                }
            }
        },
    }
    menus = read_menus(folder_of(sample, tmp_path))
    assert set(frames(drawn(menus))) == {"root", "bye", "desk"}
    alone = drawn(menus, file="leader.yaml")
    assert set(frames(alone)) == {"desk"}
    assert [arrow.get("data-to") for arrow in arrows(alone)] == ["bye"]


def test_the_command_writes_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "map.svg"
    said = CliRunner().invoke(caunoi, ["menus", "draw", "-o", str(path), "--language", "en"])
    assert said.exit_code == 0
    assert re.search(r"on A3 its letters are [\d.]+ mm high", said.output)
    assert "Village digital team" in path.read_text(encoding="utf-8")


def test_the_command_writes_sheets_when_all_is_too_small(tmp_path: Path) -> None:
    whole, sheets = (
        CliRunner().invoke(caunoi, ["menus", "draw", "-o", str(tmp_path / "map.svg"), *more])
        for more in ([], ["--sheets"])
    )
    assert whole.output.endswith("Too small to read? Draw it on several --sheets.\n")
    assert sheets.exit_code == 0
    written = [line.partition(": ")[0] for line in sheets.output.splitlines()]
    assert len(written) > 1
    assert written == [str(tmp_path / f"map-{n}.svg") for n in range(1, len(written) + 1)]
    last = (tmp_path / f"map-{len(written)}.svg").read_text(encoding="utf-8")
    assert f"sheet {len(written)} of {len(written)}" in last


@pytest.mark.parametrize("odd", [["--language", "xx"], ["--file", "root.yaml"]])
def test_what_is_not_there_cannot_be_drawn(odd: list[str], tmp_path: Path) -> None:
    path = tmp_path / "map.svg"
    said = CliRunner().invoke(caunoi, ["menus", "draw", "-o", str(path), *odd])
    assert said.exit_code == 1
    assert said.output.startswith(f"{odd[0]}: there are ")
    assert not path.exists()
