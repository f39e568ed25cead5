"""How long somebody may have a request without a word, as menus/ladder.yaml says it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.dialogue.ladder import Held, read_ladders

ORDINARY = {"steps": [{"tell": "duty", "wait": "3h"}, {"tell": "desk", "again": "1d"}]}


def read(held: Any) -> tuple[Held, list[str]]:
    source = {"waking": "06:00-21:00", "held": held, "ladders": {"ordinary": ORDINARY}}
    ladders, faults = read_ladders(source)
    return ladders.held, [fault.said for fault in faults]


def test_the_times_are_read() -> None:
    held, faults = read({"remind": "36h", "back": "1d"})
    assert held == Held(timedelta(hours=36), timedelta(days=1))
    assert faults == []


def test_without_any_it_is_two_days_each() -> None:
    assert read(None) == (Held(timedelta(days=2), timedelta(days=2)), [])


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ("2d", "'held' should have 'remind' and 'back', and nothing else"),
        ({"remind": "2d"}, "'held' should have 'remind' and 'back', and nothing else"),
        (
            {"remind": "2d", "back": "2d", "then": "1d"},
            "'held' should have 'remind' and 'back', and nothing else",
        ),
        (
            {"remind": "soon", "back": "2d"},
            "held, remind: 'soon' should look like 30m, 4h or 1d, 7d at most",
        ),
        (
            {"remind": "2d", "back": "8d"},
            "held, back: '8d' should look like 30m, 4h or 1d, 7d at most",
        ),
    ],
)
def test_what_is_wrong_is_said(held: Any, fault: str) -> None:
    assert read(held)[1] == [f"ladder: {fault}"]
