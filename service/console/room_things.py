"""Money, host, backup: what a reading of them means, and when it is too old to mean anything."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from service.ops.around import Gauge, Things
from service.text.local_time import in_vietnam

from .words import Words

GOOD, LOOK, ILL, UNKNOWN = "well", "look", "ill", "unknown"
"""Nobody need do anything; worth a look; somebody must act; nobody has looked yet."""
OLD: Final = {
    "balance": timedelta(hours=2),
    "disk": timedelta(minutes=15),
    "certificate": timedelta(days=2),
}
"""Age from which on a reading says nothing of today."""
DAYS_ILL, DAYS_LOOK = 1, 5
DISK_ILL, DISK_LOOK = 0.05, 0.15
BACKUP_HOURS = 26
CERTIFICATE_ILL, CERTIFICATE_LOOK = 3, 14
"""Thresholds of the facts on reliability, 6.1."""
GIGABYTE = 1_000_000_000
DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Thing:
    """Something the lanes stand on, and how it is."""

    name: str
    level: str
    said: str


def things_of(
    things: Things, words: Words, empty: AbstractSet[str] = frozenset()
) -> Iterator[Thing]:
    """Yield balances, disk, backup and certificates.

    `empty`: carriers that say that nothing is left, which is newer than any reading.
    """
    others = things.other_balances
    usual = things.gauges.get("balance")
    yield _balance(things, usual, words("thing.balance"), words, is_empty=bool(empty - set(others)))
    for carrier, gauge in others.items():
        name = words("thing.balance_of", carrier=carrier)
        yield _balance(things, gauge, name, words, is_empty=carrier in empty)
    for kind, judge in (("disk", _disk), ("backup", _backup)):
        found = things.gauges.get(kind)
        name = words(f"thing.{kind}")
        if found is None:
            yield Thing(name, UNKNOWN, words(f"thing_{kind}.unknown"))
            continue
        level, said = judge(things, found, words)
        yield _unless_old(Thing(name, level, said), kind, found, things, words)
    for key, gauge in sorted(things.gauges.items()):
        kind, _, host = key.partition(":")
        if kind == "certificate":
            level = _level(gauge.value, CERTIFICATE_ILL, CERTIFICATE_LOOK)
            said = words("thing_certificate.days", n=max(int(gauge.value), 0))
            thing = Thing(words("thing.certificate", host=host), level, said)
            yield _unless_old(thing, kind, gauge, things, words)


def _unless_old(thing: Thing, kind: str, gauge: Gauge, things: Things, words: Words) -> Thing:
    age = things.at - gauge.read_at
    if age <= OLD.get(kind, age):
        return thing
    hours = round(age.total_seconds() / 3600, 1)
    since = words("hours", n=round(hours)) if hours >= 1 else words("minutes", n=round(hours * 60))
    level = LOOK if thing.level == GOOD else thing.level
    return Thing(thing.name, level, words("thing.old", said=thing.said, since=since))


def _level(value: float, ill: float, look: float) -> str:
    return ILL if value < ill else LOOK if value < look else GOOD


def _balance(
    things: Things, gauge: Gauge | None, name: str, words: Words, *, is_empty: bool
) -> Thing:
    if gauge is None:
        return Thing(name, UNKNOWN, words("thing_balance.unknown"))
    level, said = _money(things, gauge, words)
    if is_empty and level != ILL:
        at = f"{in_vietnam(gauge.read_at):%H:%M}"
        level, said = ILL, words("thing_balance.refused", at=at, said=said)
    return _unless_old(Thing(name, level, said), "balance", gauge, things, words)


def _money(things: Things, gauge: Gauge, words: Words) -> tuple[str, str]:
    dong = f"{round(gauge.value):,}".replace(",", ".")
    if not gauge.is_dong:
        level = GOOD if gauge.value > 0 else ILL
        return level, words("thing_balance.foreign", amount=dong, currency=gauge.detail)
    if gauge.value <= 0:
        return ILL, words("thing_balance.none", at=f"{in_vietnam(gauge.read_at):%H:%M}")
    days = things.days_of(gauge)
    if days is None:
        return GOOD, words("thing_balance.dong", dong=dong)
    said = days_said(days, words)
    level = _level(days, DAYS_ILL, DAYS_LOOK)
    return level, words("thing_balance.days", days=said, dong=dong)


def days_said(days: float, words: Words) -> str:
    """Say a number of days, with one place where they are few."""
    said = f"{days:.0f}" if days >= DAYS_LOOK else f"{days:.1f}"
    return said.replace(".", ",") if words.language == "vi" else said


def _disk(_things: Things, gauge: Gauge, words: Words) -> tuple[str, str]:
    level = _level(gauge.value, DISK_ILL, DISK_LOOK)
    percent = round(100 * gauge.value)
    if not gauge.detail.isdecimal():
        return level, words("thing_disk.share", percent=percent)
    gigabytes = round(int(gauge.detail) / GIGABYTE)
    return level, words("thing_disk.bytes", percent=percent, gigabytes=gigabytes)


def _backup(things: Things, gauge: Gauge, words: Words) -> tuple[str, str]:
    age = things.at - gauge.read_at
    hours = max(round(age.total_seconds() / 3600), 0)
    ago = words("hours", n=hours) if hours < 2 * DAY_HOURS else words("days", n=hours // DAY_HOURS)
    level = ILL if age > timedelta(hours=BACKUP_HOURS) else GOOD
    return level, words("thing_backup.ago", ago=ago)
