"""Menus without fault and with one of each kind: what is offered, and what is said of the fault."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

import service.menu_files
import service.menus
from service.dialogue import (
    audit,
    guides,
    ladder,
    languages,
    loader,
    misfits,
    sound,
    tables,
    wiring,
    word_faults,
)
from service.dialogue.faults import Located, MenuError
from service.menus import FOLDER, read_menus

SAMPLES = Path(__file__).parent / "samples"
BASE = yaml.safe_load((SAMPLES / "base.yaml").read_text(encoding="utf-8"))
VALID = sorted(SAMPLES.glob("valid_*.yaml"))
INVALID = sorted(SAMPLES.glob("invalid_*.yaml"))
EXPECTED = {"offered", "lacking", "faults", "raw"}
MODULES = (
    *(loader, wiring, audit, misfits, sound, word_faults, languages, guides, ladder, tables),
    *(service.menus, service.menu_files),
)
WORDS = yaml.safe_load((FOLDER / "keywords.yaml").read_text(encoding="utf-8"))


def read(sample: Path) -> dict[str, Any]:
    return yaml.safe_load(sample.read_text(encoding="utf-8"))


def changed(base: Any, by: Any) -> Any:
    """Return the base with the changes of a sample; null takes a thing out."""
    if not (isinstance(base, dict) and isinstance(by, dict)):
        return by
    merged = {**base, **{key: changed(base.get(key), value) for key, value in by.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def folder_of(sample: dict[str, Any], folder: Path) -> Path:
    """Write the menus a sample describes; read_menus() reads them as it reads the real ones."""
    files = changed(
        {**deepcopy(BASE), "keywords.yaml": WORDS},
        {name: change for name, change in sample.items() if name not in EXPECTED},
    )
    written = {
        name: yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
        for name, values in files.items()
    }
    for name, text in {**written, **sample.get("raw", {})}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if text is not None:
            path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("sample", VALID, ids=lambda path: path.stem)
def test_a_valid_menu_is_read(sample: Path, tmp_path: Path) -> None:
    expected = read(sample)
    menus = read_menus(folder_of(expected, tmp_path))
    assert list(menus.texts.languages) == expected["offered"]
    lacking = {language: list(keys) for language, keys in menus.lacking.items()}
    assert lacking == expected.get("lacking", {})


@pytest.mark.parametrize("sample", INVALID, ids=lambda path: path.stem)
def test_each_fault_is_said_in_these_words(sample: Path, tmp_path: Path) -> None:
    expected = read(sample)
    with pytest.raises(MenuError) as refused:
        read_menus(folder_of(expected, tmp_path))
    assert [shown(fault, tmp_path) for fault in refused.value.faults] == expected["faults"]
    assert str(refused.value) == "\n".join(map(str, refused.value.faults))


def shown(fault: Located, folder: Path) -> str:
    """Return a fault as it is shown to somebody who stands in the folder."""
    return str(fault).removeprefix(f"{folder}/")


def test_a_sample_shows_every_sentence_a_fault_can_have() -> None:
    said = [fault for sample in INVALID for fault in read(sample)["faults"]]
    lacks = [read(sample).get("lacking", {}).values() for sample in VALID]
    said += [reason for languages_lack in lacks for reasons in languages_lack for reason in reasons]
    sentences = [sentence for module in MODULES for sentence in sentences_of(Path(module.__file__))]
    assert len(sentences) > 40
    unseen = [s for s in sentences if not any(re.search(s, fault) for fault in said)]
    assert unseen == []


def sentences_of(source: Path) -> Iterator[str]:
    """Yield a pattern for each sentence in a file: a string with a space that is no docstring."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in docs | inner:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = [node.value]
        else:
            continue
        if re.search(r"[a-z]{3} [a-z`(]", "".join(part or "" for part in parts)):
            yield "".join(".*" if part is None else re.escape(part) for part in parts)


def test_the_real_menus_have_no_fault() -> None:
    menus = read_menus()
    assert menus.texts.languages == ("vi", "en")
    slots = menus.languages.keys() - {"vi", "en"}
    assert slots == {"tyz", "nut", "hmn-Latn-VN", "ium-Latn-VN", "nty", "x-sanchi"}
    assert menus.lacking == {code: (f"there is no texts/{code}.yaml",) for code in slots}
