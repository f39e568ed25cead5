"""A page for every alarm and an alarm for every page; the document is what the console shows."""

from __future__ import annotations

import ast
from datetime import UTC, datetime

import pytest

from service.console.words import read_words
from service.ops.alarm_kinds import KINDS, RAISED_ELSEWHERE
from service.ops.alarm_words import Told, sms
from service.ops.runbook import LANGUAGES, PARTS, as_markdown, pages
from service.records.watching import Severity, Word
from service.text.gsm7 import is_gsm7, septets
from tests.house.source import ROOT, modules

GUIDES = {"stop_everything", "leaked_secret", "rollback", "restore"}
"""Pages that no alarm leads to."""


def raised() -> set[str]:
    """The names that the code gives to raise_alarm()."""
    found = set()
    for module in modules().values():
        constants = {
            target.id: node.value.value
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("raise_alarm"):
                name = node.args[1]
                if isinstance(name, ast.Constant):
                    found.add(name.value)
                elif isinstance(name, ast.Name) and name.id in constants:
                    found.add(constants[name.id])
                else:
                    found.add(f"? {ast.unparse(name)}")
    return found


def test_every_alarm_that_the_code_raises_has_a_severity() -> None:
    names = {name for name in raised() if not name.startswith("? ")}
    assert len(names) > 15
    assert names <= set(RAISED_ELSEWHERE)
    imported = {name for name in raised() if name.startswith("? ")}
    known = {"? BURIED", "? stand.signal"}
    assert imported <= known, "a name from another file: see that it has a severity"


def test_every_severity_is_of_an_alarm_there_is() -> None:
    code = "\n".join((ROOT / path).read_text("utf-8") for path in modules())
    for name in RAISED_ELSEWHERE:
        assert code.count(f'"{name}"') > 1, name


def test_every_alarm_has_a_page_and_every_page_an_alarm() -> None:
    assert set(pages()) - GUIDES == set(KINDS)
    for page in pages().values():
        for language in LANGUAGES:
            assert all(page.parts[language][part].strip() for part in PARTS), page.name
            assert page.title[language].strip()


def test_every_alarm_has_a_sentence_in_the_console() -> None:
    for words in read_words().values():
        named = {key.partition(".")[2] for key in words.sentences if key.startswith("alarm.")}
        assert named == set(KINDS)


def test_the_document_is_made_from_the_pages() -> None:
    assert (ROOT / "docs" / "runbook.md").read_text("utf-8") == as_markdown(), "make runbook"


@pytest.mark.parametrize("name", [n for n, k in KINDS.items() if k.severity is Severity.PAGE])
@pytest.mark.parametrize("word", list(Word))
def test_what_wakes_somebody_fits_one_sms_with_its_first_step(name: str, word: Word) -> None:
    moment = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    told = Told(
        "x", name, "a carrier of long name", "", Severity.PAGE, moment, moment, word
    )  # fmt: skip
    said = sms(told)
    assert is_gsm7(said)
    assert said.startswith("CAUNOI")
    assert "09:00 01/12" in said
    assert septets(said) <= 160
    page = pages()[name]
    if word is Word.OPENED and page.sms:
        last = page.sms.rsplit("{about}", 1)[-1].split()[-1]
        assert said.endswith(last), "nothing was cut off"
