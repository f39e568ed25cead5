"""`caunoi menus`: what a clerk is told about the menus, and what a script is."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import caunoi
from service.menus import FOLDER, read_draft
from service.text.gsm7 import septets


def run(*words: str) -> Result:
    return CliRunner().invoke(caunoi, ["menus", *words])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the real menus, in the folder one stands in."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(FOLDER, tmp_path / "menus")


def change(path: Path, stood: str, stands: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert stood in text, "the menus have changed"
    path.write_text(text.replace(stood, stands), encoding="utf-8")


def test_menus_without_fault_say_in_which_languages_they_fit() -> None:
    checked = run("check")
    assert checked.exit_code == 0
    fit, others = checked.output.splitlines()
    assert re.fullmatch(r"\d+ screens fit in: vi, en\.", fit)
    assert re.fullmatch(r"Not offered: .*tyz.*; `caunoi texts status` says why\.", others)


def test_all_faults_are_told_at_once_by_file_and_line(folder: Path) -> None:
    change(folder / "villager.yaml", "3: {text: topic.dvc,", "3: {text: topic.dvc, kind: ask,")
    change(folder / "texts" / "vi.yaml", "root.help: Nho giup", "root.help: Nhờ giúp")
    checked = run("--folder", "menus", "check")
    assert checked.exit_code == 1
    first, second, count = checked.output.splitlines()
    assert re.fullmatch(r"menus/texts/vi\.yaml:\d+: root\.help: ờ ú cannot be shown by .*", first)
    assert re.fullmatch(r"menus/villager\.yaml:\d+: topic, choice 3: unknown field 'kind'", second)
    assert count == "2 faults."


def test_a_script_gets_the_faults_as_json(folder: Path) -> None:
    change(folder / "keywords.yaml", "words: [HUY VIEC,", "words: [GIUP,")
    checked = run("--folder", "menus", "check", "--json")
    assert checked.exit_code == 1
    told = json.loads(checked.output)
    (fault,) = told["faults"]
    lines = (folder / "keywords.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[fault["line"] - 1].startswith("  words: [GIUP,")
    assert fault["file"] == "menus/keywords.yaml"
    assert fault["said"] == "'GIUP' means both help and cancel"
    assert told["languages"] == ["vi", "en"]


def test_a_file_that_cannot_be_read_is_a_fault_like_any(folder: Path) -> None:
    change(folder / "gaps.yaml", 'example: "4711"}', 'example: "4711"')
    told = json.loads(run("--folder", "menus", "check", "--json").output)
    assert [fault["file"] for fault in told["faults"]] == ["menus/gaps.yaml"]
    checked = run("--folder", "menus", "check")
    assert checked.output.endswith("\n1 fault. More may show once these are mended.\n")
    measured = run("--folder", "menus", "measure")
    assert measured.exit_code == 1
    assert measured.output.startswith("menus/gaps.yaml:")


def test_a_base_language_that_lacks_a_text_is_a_fault_at_the_vietnamese(folder: Path) -> None:
    change(folder / "texts" / "en.yaml", "root.help:", "root.halp:")
    checked = run("--folder", "menus", "check")
    assert checked.exit_code == 1
    misspelt, missing, count = checked.output.splitlines()
    assert re.fullmatch(r"menus/texts/en\.yaml:\d+: nothing asks for text 'root\.halp'", misspelt)
    assert re.fullmatch(r"menus/texts/vi\.yaml:8: root\.help: is missing in en\.yaml", missing)
    assert count == "2 faults."


def test_a_language_that_lacks_texts_is_named_and_refuses_nothing(folder: Path) -> None:
    (folder / "texts" / "tai.yaml").write_text("root.help: A\n", encoding="utf-8")
    checked = run("--folder", "menus", "check")
    assert checked.exit_code == 0
    assert re.search(r"^Not offered: .*\btai\b", checked.output, re.MULTILINE)


def test_every_screen_is_measured_in_every_language() -> None:
    measured = run("measure")
    assert measured.exit_code == 0
    screens = read_draft().menu.screens
    for screen in screens.values():
        assert re.search(
            rf"^{screen.id} +{screen.kind} +1[46]0 +\d+/\d+ +\d+/\d+ +(\d+|-)$",
            measured.output,
            re.MULTILINE,
        )
    assert f"\n{len(screens)} screens x 2 languages, longest " in measured.output
    assert "!" not in measured.output


def test_the_tightest_screen_stands_first() -> None:
    rows = re.findall(
        r"^\w+ +\w+ +(1[46]0) +(\d+)/\d+ +(\d+)/\d+", run("measure").output, re.MULTILINE
    )
    left = [int(room) - max(int(vi), int(en)) for room, vi, en in rows]
    assert left == sorted(left)


def test_the_figure_is_what_the_phone_shows(folder: Path) -> None:
    say = read_draft().texts.say
    page = f"{say('mine.none', 'vi')}\n1 {say('root.help', 'vi')}\n0 {say('nav.back', 'vi')}"
    row = next(line for line in run("measure").output.splitlines() if line.startswith("mine_none "))
    assert row.split()[3] == f"{septets(page)}/1"


@pytest.mark.parametrize(
    ("key", "row", "fault"),
    [
        ("welcome.consent", r"welcome +choice +140 +(\d+)/2!", "screen welcome: {} septets"),
        ("sms.stranger", r"sms.stranger +vi +160 +(\d+)!", "sms.stranger: {} septets"),
    ],
)
def test_what_is_over_is_marked_and_the_check_finds_the_same(
    folder: Path, key: str, row: str, fault: str
) -> None:
    change(folder / "texts" / "vi.yaml", f'{key}: "', f'{key}: "{"x" * 40}')
    measured = run("--folder", "menus", "measure")
    assert measured.exit_code == 1
    found = re.search(rf"^{row}", measured.output, re.MULTILINE)
    assert found is not None
    assert fault.format(found[1]) in run("--folder", "menus", "check").output


def test_the_longest_real_names_are_compared_with_their_room() -> None:
    output = run("measure").output
    assert re.search(r"{commune} holds \d+; the longest, phuong Nung Tri Cao, takes 19\n", output)
    assert ", cut\n" not in output


@pytest.mark.parametrize(
    "written",
    ['a: !!int ""', "a: !!timestamp x", "a: !!bool x", "a: " + "[" * 3000, "a: &x [*x]"],
    ids=["int", "timestamp", "bool", "deep", "itself"],
)
def test_a_file_that_yaml_stumbles_on_is_one_fault(folder: Path, written: str) -> None:
    (folder / "gaps.yaml").write_text(written, encoding="utf-8")
    checked = run("--folder", "menus", "check")
    assert isinstance(checked.exception, SystemExit), "no traceback"
    fault, count = checked.output.splitlines()
    assert fault.startswith("menus/gaps.yaml:")
    assert count == "1 fault. More may show once these are mended."


def test_a_map_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    drawn = run("draw", "-o", str(tmp_path / "nowhere" / "menu.svg"))
    assert isinstance(drawn.exception, SystemExit), "no traceback"
    assert drawn.output.endswith("menu.svg cannot be written: No such file or directory\n")


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    asked = run("--folder", str(tmp_path / "nowhere"), "check")
    assert asked.exit_code == 2
    assert "does not exist" in asked.output
