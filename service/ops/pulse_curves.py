"""The curves as they are looked at: the last hour, day or month, each in whole steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from service.text.local_time import day_in_vietnam, midnight_of

from . import pulse_statements as ask
from .pulse_series import ALL, DELIVERED, FAILED, KINDS, SENT, UNDELIVERED


class Span(StrEnum):
    """How far back one looks."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of a span: how wide, how many, and of which points they are made."""

    width: timedelta
    many: int
    points: str


STEPS: Final[Mapping[Span, _Steps]] = {
    Span.HOUR: _Steps(timedelta(minutes=1), 60, "minute"),
    Span.DAY: _Steps(timedelta(minutes=30), 48, "minute"),
    Span.MONTH: _Steps(timedelta(days=1), 30, "hour"),
}


@dataclass(frozen=True, slots=True)
class Curves:
    """Series on one row of times; None where nothing was written, which is not 0."""

    span: Span
    times: Sequence[datetime]
    """When each step begins; the one that is not over is left out, it would look like a fall."""
    width: timedelta
    values: Mapping[str, Sequence[float | None]]

    def sum_of(self, names: Sequence[str]) -> list[float | None]:
        """Add series up; None where none has a value."""
        columns = zip(*(self.values[name] for name in names), strict=True)
        known = ([value for value in column if value is not None] for column in columns)
        return [sum(values) if values else None for values in known]

    def most_of(self, names: Sequence[str]) -> list[float | None]:
        """Return the highest of some series at each time."""
        columns = zip(*(self.values[name] for name in names), strict=True)
        return [max((v for v in column if v is not None), default=None) for column in columns]


def read_curves(
    connection: Connection,
    span: Span,
    series: Sequence[str] = ALL,
    now: datetime | None = None,
) -> Curves:
    """Read series by one statement, and one for the time where it is not known."""
    if now is None:
        now = connection.execute(ask.NOW).scalar_one()
    steps = STEPS[span]
    midnight = midnight_of(day_in_vietnam(now))
    end = midnight + (now - midnight) // steps.width * steps.width
    begin = end - steps.many * steps.width
    about = {"begin": begin, "end": end, "width": steps.width, "span": steps.points}
    rows = connection.execute(ask.CURVES, {**about, "series": list(series), **KINDS})
    times = [begin + n * steps.width for n in range(steps.many)]
    found = {(row.series, row.at): float(row.value) for row in rows}
    values = {name: [found.get((name, at)) for at in times] for name in series}
    return Curves(span, times, steps.width, values)


def last_day(connection: Connection) -> Mapping[str, int]:
    """Return what was sent, failed and reported in 24 hours, by what the minutes say."""
    names = [*SENT, *FAILED, DELIVERED, UNDELIVERED]
    found = {row.series: int(row.n) for row in connection.execute(ask.DAY, {"series": names})}
    return {
        "sent": sum(found.get(name, 0) for name in SENT),
        "failed": sum(found.get(name, 0) for name in FAILED),
        "delivered": found.get(DELIVERED, 0),
        "undelivered": found.get(UNDELIVERED, 0),
    }
