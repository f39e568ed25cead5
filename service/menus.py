"""Reads the menus folder into a dialogue that can talk; refuses to, naming every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service.dialogue import audit, keywords
from service.dialogue.engine import Dialogue
from service.dialogue.keywords import Keywords
from service.dialogue.loader import MenuError, read_menu
from service.dialogue.model import Menu
from service.dialogue.render import Renderer
from service.dialogue.texts import DEFAULT_LANGUAGE, Gap, Texts
from service.village.actions import SHAPES
from service.village.inbox import INTENTS, Inbox

FOLDER = Path(__file__).resolve().parents[1] / "menus"


@dataclass(frozen=True, slots=True)
class Menus:
    """What people see and what their words mean."""

    dialogue: Dialogue
    texts: Texts
    inbox: Inbox


def read_menus(folder: Path = FOLDER) -> Menus:
    """Read and check the menus; raise MenuError listing every fault found."""
    menu = read_menu(_yaml(folder / "villager.yaml"))
    texts = offered_texts(menu, read_texts(folder))
    found = [*audit.faults(menu, texts, SHAPES, _used_keys(texts)), *_word_faults(folder)]
    if found:
        raise MenuError(found)
    words = {intent: entry["aliases"] for intent, entry in _yaml(folder / "keywords.yaml").items()}
    return Menus(
        dialogue=Dialogue(menu, Renderer(texts), SHAPES),
        texts=texts,
        inbox=Inbox(Keywords(words), Keywords(_yaml(folder / "topics.yaml"))),
    )


def read_texts(folder: Path = FOLDER) -> Texts:
    """Read the texts of every language, complete or not."""
    gaps = {name: Gap(**fields) for name, fields in _yaml(folder / "gaps.yaml").items()}
    catalog = {path.stem: _yaml(path) for path in sorted((folder / "texts").glob("*.yaml"))}
    return Texts(catalog, gaps)


def offered_texts(menu: Menu, texts: Texts) -> Texts:
    """Keep the languages that have every text; Vietnamese is kept whatever it lacks."""
    used = _used_keys(texts)
    return texts.only(
        language
        for language in texts.languages
        if language == DEFAULT_LANGUAGE or audit.complete(menu, texts, used, language)
    )


def _used_keys(texts: Texts) -> frozenset[str]:
    """Return the keys that code asks for: whatever Vietnamese has, every language must have."""
    return texts.keys(DEFAULT_LANGUAGE)


def _word_faults(folder: Path) -> Iterator[str]:
    yield from keywords.faults(_yaml(folder / "keywords.yaml"), INTENTS)
    topics = _yaml(folder / "topics.yaml")
    yield from keywords.faults(topics, topics)
    topic_texts = {
        key.removeprefix("topic.")
        for key in _yaml(folder / "texts" / f"{DEFAULT_LANGUAGE}.yaml")
        if key.startswith("topic.")
    }
    yield from (f"topics: {topic} has no text topic.{topic}" for topic in set(topics) - topic_texts)


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MenuError([f"{path.name}: {error}"]) from None
    if not isinstance(read, dict):
        raise MenuError([f"{path.name}: should hold names and values"])
    return read
