"""The console's sentences: Vietnamese with its marks first, English beside it.

Each folder of texts holds one language, each file of it the sentences of one page or two; the
files of all languages have the same names and keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("vi", "en")
"""The first is the one of whoever has not chosen."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language, by key."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its values in place."""
        return self.sentences[key].format(**values)

    def name_of(self, kind: str, code: str) -> str:
        """Return what people call something that has a code; the code when it is a new one."""
        return self.sentences.get(f"{kind}.{code}", code)


def read_words() -> Mapping[str, Words]:
    """Read every language's sentences."""
    return {language: Words(language, _sentences(FOLDER / language)) for language in LANGUAGES}


def _sentences(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        more = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if twice := found.keys() & more.keys():
            raise ValueError(f"{file.name}: said elsewhere already: {', '.join(sorted(twice))}")
        found |= more
    return found
