"""Reads the menus folder into a dialogue that can talk; refuses to, naming every fault at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service.dialogue import audit, keywords
from service.dialogue.engine import Dialogue
from service.dialogue.keywords import Keywords
from service.dialogue.loader import MenuError, parse_menu
from service.dialogue.model import Menu
from service.dialogue.render import Renderer
from service.dialogue.texts import DEFAULT_LANGUAGE, Gap, Texts
from service.village.actions import SHAPES
from service.village.inbox import INTENTS, Inbox

FOLDER = Path(__file__).resolve().parents[1] / "menus"
MENU, GAPS, WORDS, TOPICS = "villager.yaml", "gaps.yaml", "keywords.yaml", "topics.yaml"
GAP_FIELDS = frozenset({"width", "text"})

Source = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Menus:
    """What people see and what their words mean."""

    dialogue: Dialogue
    texts: Texts
    inbox: Inbox
    lacking: Mapping[str, tuple[str, ...]]
    """Languages that are not offered yet, and the keys each has no text for."""


def read_menus(folder: Path = FOLDER) -> Menus:
    """Read and check the menus; raise MenuError listing every fault found."""
    files = _read(folder)
    reading = parse_menu(files[MENU])
    every, found = _texts(files)
    used = every.keys(DEFAULT_LANGUAGE)  # what Vietnamese says, every language must
    texts, lacking = _offered(reading.menu, every, used)
    found = [
        *(f"{MENU}: {fault}" for fault in reading.faults),
        *found,
        *audit.faults(reading.menu, texts, SHAPES, used, reading.malformed),
        *_word_faults(files, used),
    ]
    if found:
        raise MenuError(found)
    return Menus(
        dialogue=Dialogue(reading.menu, Renderer(texts), SHAPES),
        texts=texts,
        inbox=Inbox(Keywords(files[WORDS]), Keywords(files[TOPICS])),
        lacking=lacking,
    )


def _offered(
    menu: Menu, texts: Texts, used: frozenset[str]
) -> tuple[Texts, dict[str, tuple[str, ...]]]:
    """Part the languages into those that may be offered and what the others lack.

    Vietnamese is offered whatever it lacks: it is what everything falls back to.
    """
    others = set(texts.languages) - {DEFAULT_LANGUAGE}
    lacks = {code: sorted(audit.lacks(menu, texts, used, code)) for code in sorted(others)}
    lacking = {code: tuple(keys) for code, keys in lacks.items() if keys}
    return texts.only(code for code in texts.languages if code not in lacking), lacking


def _texts(files: Mapping[str, Source]) -> tuple[Texts, list[str]]:
    """Make the catalogue of what is well formed in the files, and say what is not."""
    found: list[str] = []
    gaps = {}
    for name, fields in files[GAPS].items():
        if fault := _gap_fault(fields):
            found.append(f"{GAPS}: {name}: {fault}")
        gaps[name] = Gap() if fault else Gap(**fields)
    catalog = {}
    for file, texts in files.items():
        if file.startswith("texts/"):
            odd = [key for key, text in texts.items() if not isinstance(text, str)]
            found += [f"{file}: {key}: should be words (put quotes around them)" for key in odd]
            catalog[Path(file).stem] = {k: str(text) for k, text in texts.items()}
    return Texts(catalog, gaps), found


def _gap_fault(fields: Any) -> str:
    if not isinstance(fields, dict) or len(fields) != 1 or not set(fields) <= GAP_FIELDS:
        return "should be a width or the beginning of a text key"
    width, text = fields.get("width", 1), fields.get("text", "")
    if not isinstance(width, int) or width < 1 or not isinstance(text, str):
        return "should be a width of 1 or more or the beginning of a text key"
    return ""


def _word_faults(files: Mapping[str, Source], used: frozenset[str]) -> Iterator[str]:
    yield from keywords.faults(WORDS, files[WORDS], INTENTS)
    named = {key.removeprefix("topic.") for key in used if key.startswith("topic.")}
    yield from keywords.faults(TOPICS, files[TOPICS], named)


def _read(folder: Path) -> dict[str, Source]:
    """Read every file; raise MenuError when one of them is no table of names and values."""
    names = [MENU, GAPS, WORDS, TOPICS, f"texts/{DEFAULT_LANGUAGE}.yaml"]
    names += (f"texts/{path.name}" for path in sorted((folder / "texts").glob("*.yaml")))
    files: dict[str, Source] = {}
    found: list[str] = []
    for name in dict.fromkeys(names):
        try:
            files[name] = _table(folder / name)
        except _Unreadable as fault:
            found += [f"{name}: {line}" for line in fault.args]
    if found:
        raise MenuError(found)
    return files


class _Unreadable(Exception):
    """A file cannot be used; `args` are the reasons."""


class _Loader(yaml.SafeLoader):
    """Reads YAML, and refuses a name that stands there twice: the first would be lost unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a dict of a mapping, collecting names met before."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in lines:
                self.doubles.append(
                    f"{name!r} stands in line {lines[name]} and again in line {line}"
                )
            lines.setdefault(name, line)
        return super().construct_mapping(node, deep)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.doubles: list[str] = []


def _table(path: Path) -> Source:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        read = loader.get_single_data()
    except FileNotFoundError:
        raise _Unreadable("there is no such file") from None
    except UnicodeDecodeError:
        raise _Unreadable("is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _Unreadable(f"line {line}: {error.problem}") from None
    except (OSError, yaml.YAMLError) as error:
        raise _Unreadable(str(error)) from None
    if loader.doubles:
        raise _Unreadable(*loader.doubles)
    if not isinstance(read, dict):
        raise _Unreadable("should hold names and values")
    return {str(name): value for name, value in read.items()}
