"""A fault planted anywhere in the real menus is told with the file and the line it was planted in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from service.dialogue.faults import MenuError
from service.menus import FOLDER, read_menus

PLANTED = [
    # file, what stands there, what is put in its place, what is said
    ("villager.yaml", "- {screen: welcome, when: stranger}", "- {screen: welcome, when: strange}", "starts, entry 6"),
    ("villager.yaml", "saves: district", "sales: district", "district: unknown field 'sales'"),
    ("villager.yaml", "check: person", "check: persons", "whom: unknown check"),
    ("villager.yaml", "3: {text: topic.dvc,", "3: {text: topic.dvk,", "topic, choice 3: text 'topic.dvk' is missing"),
    ("villager.yaml", "next: hamlet_of_commune", "next: hamlet_of_comune", "commune: leads to 'hamlet_of_comune'"),
    ("villager.yaml", "does: agree,", "does: agre,", "welcome, choice 1: unknown action"),
    ("villager.yaml", "already: already, many: many", "already: already, lots: many", "confirm, choice 1: 'open_request' never says lots"),
    ("villager.yaml", "when_empty: mine_none", "when_empty: mine_nun", "mine: leads to 'mine_nun'"),
    ("villager.yaml", "  # -- the rest\n", "  lost: {kind: end, text: mine.none}\n", "lost: no screen leads here"),
    ("villager.yaml", "kind: choice\n    text: language.question", "kind: choise\n    text: language.question", "language: kind should be"),
    ("gaps.yaml", "leader: {width: 20,", "leader: {width: no,", "leader: should be a width"),
    ("keywords.yaml", "words: [HUY VIEC,", "words: [GIUP,", "'GIUP' means both help and cancel"),
    ("topics.yaml", "dvc:\n  words: [DVC,", "dvk:\n  words: [DVC,", "'dvk' is unknown"),
    ("texts/vi.yaml", "root.help: Nho giup", "root.help: Nhờ giúp", "root.help: ờ ú cannot be shown"),
    ("texts/vi.yaml", 'mine.open: "Viec {number}', 'mine.open: "Viec {numbr}', "gap {numbr} is not declared"),
    ("texts/vi.yaml", "mine.none: Ba con", f"mine.none: {'Ba con ' * 24}Ba con", "screen mine_none: 2"),
    ("texts/en.yaml", 'sms.which: "We', f'sms.which: "{"We " * 30}We', "sms.which: 2"),
    ("texts/en.yaml", "root.help: Ask for help", "root.help: 5", "root.help: should be words"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "stood", "stands", "said"), PLANTED, ids=lambda value: value[:30])
def test_the_line_told_is_the_line_to_mend(
    file: str, stood: str, stands: str, said: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "menus")
    before, found, after = (folder / file).read_text(encoding="utf-8").partition(stood)
    assert (found, stood in after) == (stood, False), "the menus have changed: plant it elsewhere"
    (folder / file).write_text(before + stands + after, encoding="utf-8")
    planted = before.count("\n") + 1
    with pytest.raises(MenuError) as refused:
        read_menus(folder)
    told = [fault for fault in refused.value.faults if said in fault.said]
    assert [(Path(fault.file), fault.line) for fault in told] == [(folder / file, planted)]


def test_a_folder_under_ours_is_named_as_one_would_type_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "menus")
    (folder / "topics.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MenuError, match=r"^menus/topics.yaml: there is no such file$"):
        read_menus(folder)
