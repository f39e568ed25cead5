"""The words that stand before a place's name and say what kind of place it is.

Official ones as the lists have them, and how they are typed. They are the same in every province.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from service.text.fold import search_key


class Level(StrEnum):
    """How large a place is that a title or a name speaks of."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"


TITLES: Mapping[Level, tuple[str, ...]] = {
    Level.HAMLET: (
        *("Xóm", "Thôn", "Bản", "Làng", "Ấp", "Buôn", "Bon", "Khóm", "Khu", "Khu phố"),
        *("Khu dân cư", "Phố", "Tổ", "Tổ dân phố"),
    ),
    Level.COMMUNE: ("Xã", "Phường", "Đặc khu", "Thị trấn"),
    Level.DISTRICT: ("Huyện", "Quận", "Thị xã", "Thành phố"),
    Level.PROVINCE: ("Tỉnh", "Thành phố"),
}
"""The titles each level's lists may have."""
SHORT = (
    *(("tdp", Level.HAMLET), ("kp", Level.HAMLET), ("x", Level.HAMLET)),
    *(("x", Level.COMMUNE), ("p", Level.COMMUNE), ("tt", Level.COMMUNE)),
    *(("h", Level.DISTRICT), ("q", Level.DISTRICT), ("tp", Level.DISTRICT), ("tx", Level.DISTRICT)),
)
"""What people write for short, and of which level."""
EVERYTHING = frozenset(Level)


def _by_key() -> dict[tuple[str, ...], frozenset[Level]]:
    written = [(search_key(title), level) for level in Level for title in TITLES[level]]
    found: dict[tuple[str, ...], frozenset[Level]] = {}
    for key, level in [*written, *SHORT]:
        words = tuple(key.split())
        found[words] = found.get(words, frozenset()) | {level}
    return found


_LEVELS = _by_key()
_LONGEST = max(len(words) for words in _LEVELS)


def readings(words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], frozenset[Level]]]:
    """Yield what folded words may name, and of which levels: all of it, and it without a title.

    Both, since "ban gioc" is the hamlet Bản Giốc as well as the hamlet (bản) called Giốc.
    """
    yield tuple(words), EVERYTHING
    for length in range(min(_LONGEST, len(words) - 1), 0, -1):
        levels = _LEVELS.get(tuple(words[:length]))
        if levels is not None:
            yield tuple(words[length:]), levels


def known_title(text: str, level: Level) -> str | None:
    """Return a title of a level as it is written officially, None when it is none."""
    key = search_key(text)
    return next((title for title in TITLES[level] if search_key(title) == key), None)


def split_title(name: str, level: Level) -> tuple[str, str]:
    """Part a written name from the title before it, the longest there is; "" when it has none."""
    for title in sorted(TITLES[level], key=len, reverse=True):
        start, rest = name[: len(title)], name[len(title) :]
        if search_key(start) == search_key(title) and rest[:1].isspace() and rest.strip():
            return title, rest.strip()
    return "", name
