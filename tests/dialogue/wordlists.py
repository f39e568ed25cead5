"""The tables of words as the menus folder has them, and their words one by one."""

from __future__ import annotations

from itertools import chain
from typing import Any

import yaml

from service.dialogue.wordlist import NO_MEANINGS, OR, Care
from service.menus import FOLDER

WORDS: dict[str, Any] = yaml.safe_load((FOLDER / "keywords.yaml").read_text(encoding="utf-8"))
TOPICS: dict[str, Any] = yaml.safe_load((FOLDER / "topics.yaml").read_text(encoding="utf-8"))


def words_of(meaning: str, *cares: Care) -> list[str]:
    """The words of a meaning, of these cares or of all."""
    return list(chain(*(WORDS[meaning].get(care.value, []) for care in cares or Care)))


ALIASES = [
    (meaning, alias)
    for meaning in WORDS
    if meaning not in NO_MEANINGS and OR not in meaning
    for alias in words_of(meaning)
]
"""Every meaning with each of its words."""
NO_KEYWORDS = [alias for name in sorted(NO_MEANINGS) for alias in WORDS[name]]
EXACT = {
    alias for group in WORDS.values() if isinstance(group, dict) for alias in group.get("exact", [])
}
TOPIC_WORDS = [(topic, word) for topic, group in TOPICS.items() for word in group["words"]]
TOPIC_PHRASES = [
    (topic, phrase)
    for topic, group in TOPICS.items()
    for phrase in (*group.get("sure", ()), *group.get("said", ()))
]
