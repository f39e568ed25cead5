"""What the tests of measures share: a village that lives through weeks, and the command."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from service.text.weeks import Period, week_of
from service.village import measures
from service.village.measures import By, Figures, Report
from service.village.tasks import close_unanswered
from tests.command import Command
from tests.village import TimedWorld, World

WEEK = week_of(date(2026, 12, 1))
"""The week of the `timed` village's first day: 30 November to 6 December 2026, 2026-W49."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026 by Vietnam's clock."""
    return datetime(2026, 12, day, hour, minute)  # noqa: DTZ001 - as a clock there shows it


def figures(world: World, period: Period = WEEK, by: By = By.PROVINCE, **where: Any) -> Report:
    with world.runtime.units.open() as unit:
        return measures.report(unit.session, period, by, **where)


def total(world: World, period: Period = WEEK) -> Figures:
    return figures(world, period).total


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def about(wait: timedelta | None, meant: timedelta) -> bool:
    """Whether a time is what was meant, but for the seconds the test itself takes."""
    return wait is not None and abs(wait - meant) < timedelta(seconds=50)


def close(world: TimedWorld) -> None:
    """Do what the clock does every ten minutes."""
    with world.runtime.units.open() as unit:
        close_unanswered(unit.session)


class Reporting(Command):
    """`caunoi report` as a coordinator runs it."""

    group = "report"

    def json(self, *words: str) -> Any:
        code, said, fault = self(*words, "--json")
        assert code == 0, fault
        return json.loads(said)
