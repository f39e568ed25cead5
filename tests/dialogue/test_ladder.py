"""The ladders: who hears when, as menus/ladder.yaml says it; docs/ladder.md says the same."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from service.dialogue.ladder import NO_LADDERS, Ladder, Party, Rung, read_ladders
from service.menus import read_menus
from service.text.local_time import VIETNAM
from service.text.waking import Hours
from tests.house.source import ROOT

WAKING = Hours.parse("06:00-21:00")
STEPS = [{"tell": ["duty", "deputy"], "wait": "90m"}, {"tell": "desk", "again": "1d"}]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=VIETNAM)


def ladder(*, sleeps: bool = True) -> Ladder:
    source = {"waking": "06:00-21:00", "ladders": {"ordinary": {"steps": STEPS, "sleeps": sleeps}}}
    ladders, faults = read_ladders(source)
    assert faults == []
    return ladders.named("ordinary")


def test_a_ladder_is_read_step_by_step() -> None:
    assert ladder() == Ladder(
        "ordinary",
        (
            Rung((Party.DUTY, Party.DEPUTY), timedelta(minutes=90)),
            Rung((Party.DESK,), timedelta(days=1), again=True),
        ),
    )
    assert ladder().last == 1


@pytest.mark.parametrize(
    ("told", "rung", "hours", "due"),
    [
        ("2026-12-01 09:00", 0, [WAKING], "2026-12-01 10:30"),
        ("2026-12-01 20:00", 0, [WAKING], "2026-12-02 06:30"),
        ("2026-12-01 20:00", 0, [WAKING, Hours.parse("06:00-22:00")], "2026-12-01 21:30"),
        ("2028-02-28 20:00", 0, [WAKING], "2028-02-29 06:30"),
        # The desk's day is a day of the clock, not fifteen hours and the next morning's nine.
        ("2026-12-31 09:00", 1, [WAKING], "2027-01-01 09:00"),
        ("2026-12-01 23:00", 1, [WAKING], "2026-12-03 06:00"),
    ],
)
def test_waiting_is_counted_by_day(told: str, rung: int, hours: list[Hours], due: str) -> None:
    assert ladder().due(at(told), rung, hours) == at(due)


def test_in_an_emergency_the_nights_count() -> None:
    assert ladder(sleeps=False).due(at("2026-12-01 23:00"), 0, [WAKING]) == at("2026-12-02 00:30")
    assert ladder(sleeps=False).due(at("2026-12-01 23:00"), 1, [WAKING]) == at("2026-12-02 23:00")


def test_a_topic_that_no_ladder_names_climbs_the_ordinary_one() -> None:
    ladders = read_menus().ladders
    assert ladders.of("vneid").name == "ordinary"
    assert ladders.of("luadao").name == "urgent"
    assert ladders.of("khancap").name == "emergency"
    assert ladders.named("one that was taken out since").name == "ordinary"


def test_without_any_file_the_nearest_is_told_every_day() -> None:
    only = NO_LADDERS.of("anything")
    assert only.rungs == (Rung((Party.DUTY,), timedelta(days=1), again=True),)


def test_the_document_shows_the_ladders_as_they_are() -> None:
    document = (ROOT / "docs" / "ladder.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d) \| ([^|]+) \| ([^|]+) \|$", document, re.MULTILINE)
    shown = [
        (name, int(step), tuple(re.findall(r"`(\w+)`", told)), waits.strip())
        for name, step, told, waits in rows
    ]
    are = [
        (each.name, number, tuple(map(str, rung.tell)), _said(rung))
        for each in read_menus().ladders.by_name.values()
        for number, rung in enumerate(each.rungs, start=1)
    ]
    assert shown == are
    assert "06:00 to 21:00" in document
    assert str(read_menus().ladders.waking) == "06:00-21:00"


def _said(rung: Rung) -> str:
    minutes = rung.wait // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    days, over = divmod(hours, 24)
    if rest:
        said = f"{minutes} minutes"
    elif over or not days:
        said = f"{hours} hour{'s' * (hours > 1)}"
    else:
        said = f"{days} day{'s' * (days > 1)}"
    return f"again every {said}" if rung.again else said
