"""The table of leaders' messages has all of them, and each fits."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bench.leader_messages import (
    MOST,
    SAID_BY_THE_TEAM,
    VILLAGERS,
    Row,
    main,
    members_keys,
    rows,
)
from service.menus import read_menus
from tests.house.source import modules

TEXTS = read_menus().texts
TEAMS_ROOMS = ("team", "task", "summon", "work_", "rota", "duty", "duties", "swap", "gap", "climb")
TEAMS_ROOMS += ("people_doings", "digest", "emergenc", "moving", "passing", "inquir")
"""How the names of the modules in service/village begin that write to members."""


def said_to_members() -> Iterator[tuple[str, str]]:
    """Yield every key that stands in those modules, and the module."""
    for path, module in modules().items():
        folder, _, name = path.rpartition("/")
        if folder != "service/village" or not name.startswith(TEAMS_ROOMS):
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and str(node.value) in TEXTS.keys("vi"):
                yield str(node.value), name


def test_every_key_that_the_teams_doings_send_is_in_a_list() -> None:
    found = [(key, name) for key, name in said_to_members() if key.startswith("sms.")]
    assert len(found) > 20
    known = {*members_keys(TEXTS), *SAID_BY_THE_TEAM}
    assert {(key, name) for key, name in found if key not in known} == set()
    assert {key for key in TEXTS.keys("vi") if key.startswith("sms.task_")} <= known


def test_no_key_is_named_that_there_is_none_of() -> None:
    assert TEXTS.keys("vi") >= VILLAGERS >= SAID_BY_THE_TEAM


def test_every_message_fits_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out
    for key in members_keys(TEXTS):
        for language in TEXTS.languages:
            assert any(key in line and f" {language} " in line for line in printed.splitlines())


def test_a_message_that_is_too_long_is_seen() -> None:
    longer = TEXTS.with_words("vi", {"sms.task_taken": "Viec " * 33})
    over = [row for row in rows(longer) if row.segments > MOST]
    assert over == [Row("sms.task_taken", "vi", 165, 2)]
    assert over[0].line.startswith("SHORT")
