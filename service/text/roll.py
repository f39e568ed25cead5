"""A roll call as it is typed behind the number of a class: "1 4 7", "tat ca tru 3", "1-5 them 09…".

Whoever is named came, all others did not. Nothing is guessed: a word that is none of these is
named, and then nothing counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .fold import fold
from .person_names import is_name
from .phones import InvalidNumber, Msisdn, parse

LONGEST_NUMBER: Final = 3
"""Digits of a number of a list; what has more is none."""
KEYED: Final = 2
"""Digits of a number typed in a call."""
SHORTEST_RUN: Final = 3
"""Numbers in a row that are written as first and last."""
LONGEST_NAME: Final = 40


class Told(Enum):
    """What a roll call tells."""

    NOTHING = "nothing"
    """No roll: the list is asked for, or somebody is added to it."""
    SOME = "some"
    ALL = "all"
    NOBODY = "nobody"


class NotARoll(ValueError):
    """What was typed is no roll call; `typed` is the part that is none."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody who is not on the list, and came."""

    msisdn: Msisdn
    name: str


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll call: who came of a list, by numbers, and who came besides."""

    told: Told
    numbers: frozenset[int] = frozenset()
    but: frozenset[int] = frozenset()
    """Numbers of those who did not come although they are among the others: "tat ca tru 3"."""
    twice: tuple[int, ...] = ()
    """Numbers that were typed more than once; they count once."""
    added: tuple[Added, ...] = ()
    shown_from: int = 1
    """Where the list begins that is asked for."""

    def came(self, listed: Collection[int]) -> frozenset[int]:
        """Return who of a list came."""
        some = frozenset(listed) if self.told is Told.ALL else self.numbers & frozenset(listed)
        return some - self.but

    def unknown(self, listed: Collection[int]) -> list[int]:
        """Return the numbers that were typed and are not on a list, in order."""
        return sorted((self.numbers | self.but) - frozenset(listed))


_ADDS: Final = re.compile(r"\b(?:them|cong them|va them)\b")
_VIEW: Final = re.compile(r"(?:xem|tiep|tu so)\s*(\d{1,3})?\s*")
_ALL: Final = re.compile(r"\b(?:tat ca|tatca|ca lop|day du|du ca|du het|du|het)\b")
_NOBODY: Final = re.compile(r"khong(?: co)?(?: ai)?(?: (?:den|di|ca|co mat))*")
_BUT: Final = re.compile(r"\b(?:ngoai tru|tru|vang mat|vang|nghi|thieu)\b")
_RANGE: Final = re.compile(r"\b(\d+)\s*(?:-+|~|\bden\b|\btoi\b)\s*(?:so\s*)?(\d+)\b")
_TOKEN: Final = re.compile(r"[^\s,;:./+&()!?'\"]+")
_PHONE_TOKEN: Final = re.compile(r"\+?[\d.()-]*\d[\d.()-]*")
_FILLING: Final = frozenset({
    "a", "ah", "nhe", "nha", "ok", "va", "voi", "so", "cac", "co", "mat", "den", "toi", "tu",
    "nguoi", "di", "hoc", "roi", "la", "gom", "thoi",
})  # fmt: skip
"""Words that stand around the numbers and change nothing."""
_LIKE_DIGITS: Final = str.maketrans("oil", "011")
_MIXED: Final = re.compile(r"\b(?=[oil\d]*\d)[\doil]+\b")


def read_roll(words: str) -> Roll:
    """Read what stands behind the number of a class; raise NotARoll for what is none."""
    folded = " ".join(fold(words).text.lower().split())
    numbers, *adding = _ADDS.split(folded, maxsplit=1)
    added = tuple(_added(adding[0])) if adding else ()
    numbers = _MIXED.sub(lambda found: found[0].translate(_LIKE_DIGITS), numbers).strip(" ,;:.-/!?")
    if view := _VIEW.fullmatch(numbers):
        return Roll(Told.NOTHING, added=added, shown_from=int(view[1] or 1))
    if _NOBODY.fullmatch(_filled(numbers)):
        return Roll(Told.NOBODY, added=added)
    listed, *excepted = _BUT.split(numbers, maxsplit=1)
    but = _numbers(_BUT.sub(" ", excepted[0])) if excepted else []
    if excepted and not but:
        raise NotARoll(numbers)
    whole = _ALL.search(listed)
    some = _numbers(_ALL.sub(" ", listed))
    if whole and some:
        raise NotARoll(whole[0])
    told = Told.SOME if some else Told.ALL if whole or but else Told.NOTHING
    if told is Told.NOTHING and _TOKEN.search(numbers):
        raise NotARoll(numbers)
    twice = sorted({one for typed in (some, but) for one in typed if typed.count(one) > 1})
    return Roll(told, frozenset(some), frozenset(but), tuple(twice), added)


def from_keys(typed: str) -> str:
    """Return numbers typed on a call's keypad as one writes them: "010412" is "1 4 12".

    Two digits each, for a keypad has no space while one calls; with spaces they stand as they are.
    Raises NotARoll for an odd number of digits.
    """
    parts = typed.split()
    if len(parts) != 1 or not (typed.isascii() and parts[0].isdecimal()):
        return typed
    if len(parts[0]) % KEYED:
        raise NotARoll(parts[0])
    return " ".join(parts[0][at : at + KEYED] for at in range(0, len(parts[0]), KEYED))


def written(numbers: Collection[int], room: int) -> str:
    """Return numbers as they may be typed again: "1-3 5 7"; cut at a space to fit some room."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [part for run in runs for part in _run(run)]
    shown = " ".join(parts)
    while len(shown) > room and parts:
        parts.pop()
        shown = " ".join([*parts, "..."])
    return shown


def _run(run: Sequence[int]) -> list[str]:
    if len(run) < SHORTEST_RUN:
        return [str(number) for number in run]
    return [f"{run[0]}-{run[-1]}"]


def _filled(numbers: str) -> str:
    """Return words without signs at their ends and the politeness behind them."""
    return re.sub(r"(?:[\s,.!]+(?:a|ah|nhe|nha|ca))+$", "", numbers)


def _numbers(words: str) -> list[int]:
    """Return the numbers of a list as they were typed, ranges written out; raise NotARoll."""
    found: list[int] = []

    def take(span: re.Match[str]) -> str:
        first, last = sorted((_number(span[1]), _number(span[2])))
        found.extend(range(first, last + 1))
        return " "

    left = _RANGE.sub(take, words)
    for token in _TOKEN.findall(left):
        parts = [part for part in token.split("-") if part]
        found.extend(_number(part) for part in parts if part not in _FILLING)
    return found


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > LONGEST_NUMBER:
        raise NotARoll(typed)
    return int(typed)


def _added(words: str) -> Iterator[Added]:
    """Yield the phone numbers that were added, each with the name behind it."""
    digits, number, name = "", None, list[str]()
    for token in _ADDS.sub(" ", words).replace(",", " ").replace(";", " ").split():
        if not _PHONE_TOKEN.fullmatch(token.strip(":")):
            if digits:
                raise NotARoll(digits)
            if number is None:
                if token.strip(":.") not in {"so", "nguoi", "ba", "con"}:
                    raise NotARoll(token)
                continue
            name.append(token)
            continue
        digits += token.strip(":")
        if (read := _phone(digits)) is not None:
            if number is not None:
                yield Added(number, _name(name))
            digits, number, name = "", read, []
    if digits or number is None:
        raise NotARoll(digits or "them")
    yield Added(number, _name(name))


def _name(words: Sequence[str]) -> str:
    kept = [word for word in words if word not in {"va", "a", "nhe", "so"}]
    name = " ".join(kept).strip(" .-")
    if name and not is_name(name):
        raise NotARoll(name)
    return name[:LONGEST_NAME].title()


def _phone(typed: str) -> Msisdn | None:
    try:
        return parse(typed)
    except InvalidNumber:
        return None
