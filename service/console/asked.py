"""What somebody asks a list for, in its address or form: each field read, or named as malformed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from flask import request

from service.text.local_time import midnight_of
from service.text.weeks import parse_day

MOST_DIGITS: Final = 18
"""Fits a bigint, whatever the digits are."""
LONGEST: Final = 80
YEARS: Final = range(2020, 2100)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class Malformed(Exception):
    """A field that cannot be understood; its message is the field's name."""


@dataclass(frozen=True, slots=True)
class After:
    """Where a page of a list begins: behind the row that has this moment and id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.id}"


def asked(name: str) -> str:
    """Return a field as it was typed, without spaces around it; empty when it is not there."""
    typed: str = request.values.get(name, "").strip()
    if len(typed) > LONGEST or not typed.isprintable():
        raise Malformed(name)
    return typed


def asked_number(name: str) -> int | None:
    """Read a field that holds an id."""
    typed = asked(name)
    if not typed:
        return None
    if not re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", typed, re.ASCII):
        raise Malformed(name)
    return int(typed)


def asked_one_of(name: str, known: Collection[str]) -> str:
    """Read a field that holds one of some words; empty when it is not there."""
    typed = asked(name)
    if typed and typed not in known:
        raise Malformed(name)
    return typed


def asked_day(name: str) -> date | None:
    """Read a field that holds a day of Vietnam: 2026-11-23 or 23/11/2026."""
    typed = asked(name)
    if not typed:
        return None
    try:
        day = parse_day(typed)
    except ValueError:
        raise Malformed(name) from None
    if day.year not in YEARS:
        raise Malformed(name)
    return day


def begin_of(day: date | None) -> datetime | None:
    """Return the moment at which a day begins."""
    return midnight_of(day) if day else None


def end_of(day: date | None) -> datetime | None:
    """Return the moment at which a day is over."""
    return midnight_of(day + timedelta(days=1)) if day else None


def asked_after() -> After | None:
    """Read where the page begins; None is the first page."""
    typed = asked("after")
    if not typed:
        return None
    found = re.fullmatch(r"(-?[0-9]{1,18})\.([0-9]{1,18})", typed, re.ASCII)
    try:
        return After(EPOCH + int(found[1]) * MICROSECOND, int(found[2])) if found else _malformed()
    except OverflowError:
        return _malformed()


def _malformed() -> After:
    raise Malformed("after")
