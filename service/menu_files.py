"""The files of the menus folder: what they hold, and in which line each thing of it stands."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service.dialogue.faults import Fault, Located, MenuError, Place
from service.dialogue.loader import NO_SCREENS
from service.dialogue.texts import DEFAULT_LANGUAGE

FIRST_MENU = "villager.yaml"
TABLES = ("gaps", "keywords", "topics", "languages", "guides", "ladder")
REVIEWS = "reviews.yaml"
"""For those who answer for the texts; no call or message needs it."""
TEXTS, MARKED = "texts", "accented"
"""Folders with a file for each language: what phones show, and the same words with their marks."""

Source = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MenuFile:
    """A file that could be read."""

    folder: Path
    name: str
    """Its path in the folder, like "texts/vi.yaml"."""
    values: Source
    lines: Mapping[Place, int]
    """The line of each name in it; the whole file, (), stands in line 1."""

    def nearest(self, place: Place) -> Place:
        """Return the place, or what is around it, as far as it is in this file."""
        while place not in self.lines:
            place = place[:-1]
        return place

    def located(self, place: Place, said: str) -> Located:
        """Say in which line something is wrong."""
        return Located(shown(self.folder / self.name), self.lines[self.nearest(place)], said)


@dataclass(frozen=True, slots=True)
class MenuFiles:
    """All files of a folder. A screen may stand in any file that has a `screens` part."""

    menus: Sequence[MenuFile]
    tables: Mapping[str, MenuFile]
    """By name: TABLES."""
    texts: Mapping[str, MenuFile]
    """By language."""
    marked: Mapping[str, MenuFile]
    """By language."""

    def located(self, fault: Fault) -> Located:
        """Say in which file and line a fault stands."""
        file, place = self._file_of(fault.place)
        return file.located(place, fault.said)

    def menu(self) -> tuple[dict[str, Any], list[Located]]:
        """Put the parts of all menu files together; say of what does not go together why."""
        first, *others = self.menus
        whole = dict(first.values)
        odd: list[Located] = []
        for file in others:
            screens, before = file.values["screens"], whole.get("screens")
            odd += self._doubles(file, (), set(file.values) & set(whole) - {"screens"})
            whole = {**file.values, **whole}
            if not isinstance(screens, dict):
                odd.append(file.located(("screens",), NO_SCREENS))
            elif isinstance(before, dict):
                odd += self._doubles(file, ("screens",), set(before) & set(screens))
                whole["screens"] = {**before, **screens}
        return whole, odd

    def sources(self) -> dict[str, str]:
        """Return for each screen the name of the file it stands in."""
        found = ((name, file.name) for file in self.menus for name in _screens(file))
        return dict(found)

    def _doubles(self, file: MenuFile, around: Place, names: set[Any]) -> Iterator[Located]:
        for name in sorted(map(str, names)):
            place = (*around, name)
            first = next(other for other in self.menus if place in other.lines)
            said = f"{name!r} stands in line {first.lines[place]} of {first.name} too"
            yield file.located(place, said)

    def _file_of(self, place: Place) -> tuple[MenuFile, Place]:
        for kind, files in ((TEXTS, self.texts), (MARKED, self.marked)):
            if place[0] == kind:
                return files[place[1]], place[2:]
        if place[0] in self.tables:
            return self.tables[place[0]], place[1:]
        return max(self.menus, key=lambda file: len(file.nearest(place))), place


def _screens(file: MenuFile) -> list[str]:
    screens = file.values.get("screens")
    return [str(name) for name in screens] if isinstance(screens, dict) else []


def read_folder(folder: Path) -> MenuFiles:
    """Read every file; raise MenuError when one of them is no table of names and values."""
    tables = [f"{table}.yaml" for table in TABLES]
    there = [path.name for path in sorted(folder.glob("*.yaml"))]
    others = [name for name in there if name not in {FIRST_MENU, *tables, REVIEWS}]
    names = [FIRST_MENU, *others, *tables, f"{TEXTS}/{DEFAULT_LANGUAGE}.yaml"]
    for kind in (TEXTS, MARKED):
        names += (f"{kind}/{path.name}" for path in sorted((folder / kind).glob("*.yaml")))
    read: dict[str, MenuFile] = {}
    faults: list[Located] = []
    for name in dict.fromkeys(names):
        try:
            read[name] = read_file(folder, name)
        except MenuError as error:
            faults += error.faults
    if faults:
        raise MenuError(faults)
    return MenuFiles(
        menus=[read[FIRST_MENU], *(read[n] for n in others if "screens" in read[n].values)],
        tables={table: read[f"{table}.yaml"] for table in TABLES},
        texts=_by_language(read, TEXTS),
        marked=_by_language(read, MARKED),
    )


def read_file(folder: Path, name: str) -> MenuFile:
    """Read one file; raise MenuError when it is no table of names and values."""
    try:
        return _read(folder, name)
    except _Unreadable as fault:
        reasons = fault.reasons
    except RecursionError:
        reasons = ((None, "is nested too deep, or holds itself"),)
    path = shown(folder / name)
    raise MenuError([Located(path, line, said) for line, said in reasons])


def _by_language(read: Mapping[str, MenuFile], kind: str) -> dict[str, MenuFile]:
    return {Path(name).stem: read[name] for name in read if name.startswith(f"{kind}/")}


def shown(path: Path) -> str:
    """Return a path as somebody who stands here would type it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


class _Unreadable(Exception):
    """A file cannot be used; `reasons` are pairs of a line, if there is one, and what is wrong."""

    def __init__(self, *reasons: tuple[int | None, str]) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


class _Loader(yaml.CSafeLoader):
    """Reads YAML, and notes each name that stands there twice: the first would be lost unseen."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.doubles: list[tuple[int | None, str]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a dict of a mapping, collecting names met before."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in lines:
                said = f"{name!r} stands in line {lines[name]} and again in line {line}"
                self.doubles.append((line, said))
            lines.setdefault(name, line)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Make a value; of one that cannot be, like the 31st of February, say where it stands."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None
        except (LookupError, AttributeError, OverflowError):  # `!!int ""`, `!!timestamp x`
            said = f"{node.value!r} is not what its tag says"
            raise yaml.MarkedYAMLError(problem=said, problem_mark=node.start_mark) from None


def _read(folder: Path, name: str) -> MenuFile:
    try:
        loader = _Loader((folder / name).read_text(encoding="utf-8"))
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else None
    except FileNotFoundError:
        raise _Unreadable((None, "there is no such file")) from None
    except UnicodeDecodeError:
        raise _Unreadable((None, "is not UTF-8")) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _Unreadable((line, str(error.problem))) from None
    except (OSError, yaml.YAMLError) as error:
        raise _Unreadable((None, str(error))) from None
    if loader.doubles:
        raise _Unreadable(*loader.doubles)
    if node is None or not isinstance(values, dict):
        raise _Unreadable((1, "should hold names and values"))
    lines = {(): 1, **dict(_lines(loader, node, ()))}
    return MenuFile(folder, name, {str(key): value for key, value in values.items()}, lines)


def _lines(loader: _Loader, node: yaml.Node, around: Place) -> Iterator[tuple[Place, int]]:
    """Yield the place and line of everything with a name, and of every entry of a list."""
    if isinstance(node, yaml.MappingNode):
        named = [(loader.construct_object(key), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        named = [(number, entry, entry) for number, entry in enumerate(node.value, start=1)]
    else:
        return
    for name, begins, value in named:
        place = (*around, str(name))
        yield place, begins.start_mark.line + 1
        yield from _lines(loader, value, place)
