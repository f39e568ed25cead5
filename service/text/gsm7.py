"""The GSM 7-bit alphabet: what a basic phone can show, and how long a text is on the air.

Source of the alphabet and of the sizes: 3GPP TS 23.038 (formerly GSM 03.38), sections 6.1.2 and
6.2.1, and TS 23.040, section 9.2.3.24.1 (concatenated messages). Sizes are in *units*: septets for
a GSM-7 text, UTF-16 code units for any other.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

ESCAPE: Final = 0x1B
"""The septet that announces a character of the extension table; itself no character."""

DEFAULT_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""The 128 septet values in order (TS 23.038, 6.2.1): the index of a character is its septet."""

EXTENSION_TABLE: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""Septet after ESCAPE -> character (TS 23.038, 6.2.1.1). Each costs two septets."""

DEFAULT: Final = frozenset(DEFAULT_TABLE) - {chr(ESCAPE)}
"""Characters of one septet."""

EXTENSION: Final = frozenset(EXTENSION_TABLE.values())
"""Characters of two septets."""

USSD_HARD_LIMIT: Final = 182
"""Septets that fit the 160 octets of a USSD string: 160 * 8 // 7 (TS 29.002, 17.7.4,
maxUSSD-StringLength; TS 23.038, 6.1.2.3).

A trap for whoever packs the septets (the carrier does; nothing is packed here): a text of 8n - 1
septets leaves seven spare bits, and seven zero bits read as one more character, '@'. TS 23.038,
6.1.2.3.1 has the packer fill them with a carriage return. So a stray '@' behind a page of 7, 15,
... 159 or 175 septets is the carrier's fault; and a page of ours should not end in '@' or '\\r'.
"""

USSD_PAGE: Final = 160
"""Septets of a page. Our choice, below the hard limit: some operators and phones cut earlier."""

USSD_FIRST_PAGE: Final = 140
"""Septets of the page that opens a session. Our choice: a network may put words before it."""

_ELLIPSIS: Final = "..."
_OUTSIDE: Final = re.compile(f"[^{re.escape(''.join(sorted(DEFAULT | EXTENSION)))}]")
_NOT_ONE_SEPTET: Final = re.compile(f"[^{re.escape(''.join(sorted(DEFAULT)))}]")
_TWO_SEPTETS: Final = re.compile(f"[{re.escape(''.join(sorted(EXTENSION)))}]")
_TWO_CODE_UNITS: Final = re.compile("[\U00010000-\U0010ffff]")


class NotGsm7(ValueError):
    """A text holds characters that the GSM 7-bit alphabet lacks; `characters` names them."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__(characters)
        self.characters = characters

    def __str__(self) -> str:
        return "not in GSM 03.38: " + ", ".join(
            f"{character!r} (U+{ord(character):04X})" for character in self.characters
        )


class Encoding(enum.StrEnum):
    """How a text travels."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Count:
    """The size of a text as SMS.

    `units` are the text's own (without what an operator adds), `segments` what is paid for,
    `left` the units still free in the last segment.
    """

    encoding: Encoding
    units: int
    segments: int
    left: int


@dataclass(frozen=True, slots=True)
class _Room:
    """Units of a message that is alone, of each segment of a longer one, and what costs two."""

    alone: int
    joined: int
    double: re.Pattern[str]


_ROOMS: Final = {
    # 140 octets; each segment of a longer text gives six of them to the header that joins them
    Encoding.GSM7: _Room(alone=160, joined=153, double=_TWO_SEPTETS),
    Encoding.UCS2: _Room(alone=70, joined=67, double=_TWO_CODE_UNITS),
}


def is_gsm7(text: str) -> bool:
    """Whether every character of the text is in the default or the extension table."""
    return _OUTSIDE.search(text) is None


def unknown_characters(text: str) -> tuple[str, ...]:
    """Return the distinct characters outside GSM 03.38, in the order they appear."""
    return tuple(dict.fromkeys(_OUTSIDE.findall(text)))


def septets(text: str) -> int:
    """Return the length of a GSM-7 text in septets; raises NotGsm7 naming what does not fit."""
    if _NOT_ONE_SEPTET.search(text) is None:
        return len(text)
    if unknown := unknown_characters(text):
        raise NotGsm7(unknown)
    return len(text) + len(_TWO_SEPTETS.findall(text))


def encoding_of(text: str) -> Encoding:
    """Return the encoding a text needs: one character outside GSM 03.38 makes all of it UCS-2."""
    return Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2


def count(text: str, *, reserved: int = 0) -> Count:
    """Return the size of a text as SMS; an empty text is one segment.

    `reserved` units are added behind the text by the operator (a brandname's refusal notice, for
    example); they are paid for like our own. Raises ValueError when `reserved` is negative.
    """
    return _count(text, encoding_of(text), reserved)


def split(text: str) -> list[str]:
    """Return the segments of a text as they are sent; joined, they are the text.

    Neither an escape pair nor a surrogate pair is ever split, so a segment may end one unit early.
    """
    encoding = encoding_of(text)
    room = _ROOMS[encoding]
    return [text] if _units(text, room) <= room.alone else _pack(text, room)


def cut(text: str, limit: int) -> str:
    """Cut a GSM-7 text to at most `limit` septets, "..." (or what fits of it) showing the loss.

    Raises NotGsm7 for another text and ValueError for a negative limit.
    """
    if limit < 0:
        raise ValueError(f"a limit of {limit} septets")
    if septets(text) <= limit:
        return text
    dots = _ELLIPSIS[:limit]
    return _prefix(text, limit - len(dots), _ROOMS[Encoding.GSM7]).rstrip(" \n\r") + dots


def overhang(text: str, segments: int, *, reserved: int = 0) -> int:
    """Return how many units must go from the end until the text fits that many segments.

    0 when it fits. The encoding is taken as it is: leaving out the one letter that makes a text
    UCS-2 may free more. When not even an empty text fits beside `reserved`, every unit must go.
    Raises ValueError when `segments` is below one.
    """
    if segments < 1:
        raise ValueError(f"a message of {segments} segments")
    encoding = encoding_of(text)
    room = _ROOMS[encoding]
    # the size grows with every character, so the longest prefix that fits is found by halving
    fitting = bisect_right(
        range(len(text) + 1),
        segments,
        key=lambda end: _count(text[:end], encoding, reserved).segments,
    )
    return _units(text[max(fitting - 1, 0) :], room)


def _count(text: str, encoding: Encoding, reserved: int) -> Count:
    if reserved < 0:
        raise ValueError(f"{reserved} reserved units")
    room = _ROOMS[encoding]
    units = _units(text, room)
    if units + reserved <= room.alone:
        return Count(encoding, units, 1, room.alone - units - reserved)
    *full, last = _pack(text, room)
    used = _units(last, room) + reserved
    further = max(used - 1, 0) // room.joined
    return Count(encoding, units, len(full) + 1 + further, (further + 1) * room.joined - used)


def _units(text: str, room: _Room) -> int:
    return len(text) + len(room.double.findall(text))


def _prefix(text: str, units: int, room: _Room) -> str:
    """Return the longest beginning of the text of at most so many units."""
    end = min(units, len(text))
    while (over := _units(text[:end], room) - units) > 0:
        # a character is at most two units, so half of what is too much can go at once
        end -= (over + 1) // 2
    return text[:end]


def _pack(text: str, room: _Room) -> list[str]:
    segments = []
    start = 0
    while True:
        segment = _prefix(text[start : start + room.joined], room.joined, room)
        segments.append(segment)
        start += len(segment)
        if start >= len(text):
            return segments
