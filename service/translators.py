"""The files translations are kept in, changed line by line: all else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from service.dialogue.faults import Located, MenuError
from service.dialogue.languages import Language
from service.dialogue.reviews import Review, read_reviews
from service.dialogue.staleness import Seen, digest
from service.dialogue.texts import DEFAULT_LANGUAGE
from service.dialogue.translation import Translated
from service.menu_files import MARKED, REVIEWS, TEXTS, read_file, shown

SOURCES: Final = "sources"
"""Folder with a file for each language: which Vietnamese each text was translated from."""
_SOURCES_HEADING: Final = """\
# Written by `caunoi texts import`; nobody needs to change it. For each text a digest of the
# Vietnamese it was translated from and one of the translation: so a change in one alone is seen.
"""


QUOTES: Final = "\"'"

Edit = tuple[int, int, list[str]]
"""From which line to before which, and the lines that come instead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a text stands in its file, from line `first` to before `end`, counted from 0.

    It opens a group when an empty line stands before it, or before the comment above it.
    """

    first: int
    end: int
    words: object
    quoted: bool
    opens_group: bool


def entries(written: str) -> dict[str, Entry]:
    """Return the texts of a file by key, in order; raises yaml.YAMLError for no YAML."""
    loader = yaml.SafeLoader(written)
    node = loader.get_single_node()
    words = loader.construct_document(node) if node else {}
    lines = written.splitlines()
    found = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        first, end = key.start_mark.line, value.end_mark.line + (value.end_mark.column > 0)
        while end > first + 1 and not lines[end - 1].strip():
            end -= 1  # a folded text ends where the next one begins
        opens = _opens_group(lines, first)
        quoted = value.style in set(QUOTES)
        found[str(key.value)] = Entry(first, max(end, first + 1), words[key.value], quoted, opens)
    return found


def _opens_group(lines: Sequence[str], first: int) -> bool:
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first > 0 and not lines[first - 1].strip()


def rewritten(
    written: str, model: str, words: Mapping[str, str | None], *, quotes: bool = True
) -> str:
    """Return a file of texts with new `words`, None for those to be taken out.

    In the order, groups and, with `quotes`, quotes of a `model` file. A text that is the same stays
    as it is written, one that is new comes behind the one it follows in the model.
    """
    there, order = entries(written), entries(model)
    lines = written.splitlines()
    edits: list[Edit] = []
    behind = _beginning(there, lines)
    for key, entry in order.items():
        at = there.get(key)
        if key in words and (said := words[key]) is not None:
            line = _line(key, said, quoted=quotes and (at or entry).quoted)
            if at is None:
                opens = entry.opens_group and behind > 0
                edits.append((behind, behind, ["", line] if opens else [line]))
            elif at.words != said:
                edits.append((at.first, at.end, [line]))
        elif key in words and at is not None:
            edits.append((at.first, at.end, []))
        behind = at.end if at else behind
    for first, end, instead in reversed(sorted(edits, key=_place)):  # noqa: C413 - equals, too
        lines[first:end] = instead
    return "\n".join(lines) + "\n"


def _place(edit: Edit) -> tuple[int, int]:
    return edit[:2]


def _beginning(there: Mapping[str, Entry], lines: Sequence[str]) -> int:
    """Return the line where a text goes that none of those there comes before."""
    at = min((entry.first for entry in there.values()), default=len(lines))
    while at > 0 and not lines[at - 1].strip():
        at -= 1
    return at


def _line(key: str, words: str, *, quoted: bool) -> str:
    plain = f"{key}: {words}"
    if not quoted and _reads_as(plain, {key: words}):
        return plain
    return f"{key}: {json.dumps(words, ensure_ascii=False)}"


def _reads_as(line: str, meant: Mapping[str, str]) -> bool:
    try:
        return bool(yaml.safe_load(line) == meant)
    except yaml.YAMLError:
        return False


def read_seen(folder: Path, language: str) -> dict[str, Seen]:
    """Return which Vietnamese each text of a language was translated from, as far as is known.

    Raises MenuError when the file is not as it was written.
    """
    path = folder / SOURCES / f"{language}.yaml"
    if not path.exists():
        return {}
    try:
        read = yaml.safe_load(path.read_text("utf-8")) or {}
        return {str(key): Seen.read(str(digests)) for key, digests in read.items()}
    except (yaml.YAMLError, ValueError, AttributeError):
        said = "is damaged; take it from the last good version"
        raise MenuError([Located(shown(path), None, said)]) from None


def reviews_of(folder: Path) -> tuple[tuple[Review, ...], list[Located]]:
    """Return what awaits review, and what is wrong with the file that says so."""
    try:
        file = read_file(folder, REVIEWS)
    except MenuError as error:
        return (), list(error.faults)
    reviews, faults = read_reviews(file.values)
    return reviews, [file.located(fault.place[1:], fault.said) for fault in faults]


def keep(folder: Path, language: Language, texts: Mapping[str, Translated]) -> list[Path]:
    """Write translated texts into the files of a language; return the files that changed."""
    code = language.code
    heading = f"# {language.name_en}. Translated by table: docs/translating.md says how.\n"
    words = {key: text.words for key, text in texts.items()}
    marked = {key: text.marked or None for key, text in texts.items()}
    seen = {key: str(Seen(text.source, digest(key, text.words))) for key, text in texts.items()}
    changed = (
        _rewrite(folder, f"{TEXTS}/{code}.yaml", words, heading),
        _rewrite(folder, f"{MARKED}/{code}.yaml", marked, heading),
        _rewrite(folder, f"{SOURCES}/{code}.yaml", seen, _SOURCES_HEADING, quotes=False),
    )
    return [path for path in changed if path]


def _rewrite(
    folder: Path, name: str, words: Mapping[str, str | None], heading: str, *, quotes: bool = True
) -> Path | None:
    """Change texts in a file, begun with a heading; return it if that changed anything."""
    path = folder / name
    before = path.read_text("utf-8") if path.exists() else ""
    if not before and not any(words.values()):
        return None
    model = (folder / TEXTS / f"{DEFAULT_LANGUAGE}.yaml").read_text("utf-8")
    after = rewritten(before or heading, model, words, quotes=quotes)
    if after == before:
        return None
    path.parent.mkdir(exist_ok=True)
    if not entries(after):
        path.unlink()
        return path
    partial = path.with_suffix(".partial")
    partial.write_text(after, "utf-8")
    partial.replace(path)
    return path
