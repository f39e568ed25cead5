"""What people know of the words they read and write: from the service's own menus, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from service.menus import FOLDER

LANGUAGE = "vi"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts by key, the words that ask for help, and the words for its topics."""

    texts: dict[str, str]
    help: str
    topics: dict[str, str]

    def key_before(self, label: str, screen: str) -> str | None:
        """Return the key to press for a line of a screen; None when it is not there."""
        found = re.search(rf"^(\d) {re.escape(self.texts[label])}$", screen, re.MULTILINE)
        return found[1] if found else None

    def told(self, said: str) -> int | None:
        """Return the number of a request that a last screen or an SMS tells of."""
        for pattern in self._telling():
            if found := pattern.search(said):
                return int(found["number"])
        return None

    def _telling(self) -> list[re.Pattern[str]]:
        return _patterns(
            tuple(
                text
                for key, text in sorted(self.texts.items())
                if key.startswith(("sent.", "sms.filed")) and "{number}" in text
            )
        )


@cache
def read_words() -> Words:
    """Read the menus folder."""
    topics = _yaml("topics.yaml")
    return Words(
        texts=_yaml(f"texts/{LANGUAGE}.yaml"),
        help=_yaml("keywords.yaml")["help"]["words"][0],
        topics={topic: group["words"][0] for topic, group in topics.items()},
    )


@cache
def _patterns(texts: tuple[str, ...]) -> list[re.Pattern[str]]:
    """Turn texts into patterns up to the number: what comes behind may have been cut."""
    found = []
    for text in texts:
        start = re.escape(text[: text.index("{number}")])
        found.append(re.compile(re.sub(r"\\\{\w+\\\}", ".+?", start) + r"(?P<number>\d{4})\b"))
    return found


def _yaml(name: str) -> dict[str, Any]:
    read = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read
