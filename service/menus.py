"""Reads the menus folder into a dialogue that can talk; refuses to, naming every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.dialogue import audit
from service.dialogue.engine import Dialogue
from service.dialogue.faults import Fault, Located, MenuError, Where
from service.dialogue.guides import Guides, guide_faults, read_guides
from service.dialogue.intents import KNOWN_INTENTS
from service.dialogue.keywords import Keywords
from service.dialogue.ladder import EMERGENCY, Ladders, read_ladders, topic_faults
from service.dialogue.languages import Language, read_languages
from service.dialogue.loader import parse_menu
from service.dialogue.model import Menu
from service.dialogue.render import Renderer
from service.dialogue.texts import DEFAULT_LANGUAGE, Gap, Texts
from service.dialogue.word_faults import word_faults
from service.menu_files import MARKED, TEXTS, MenuFile, MenuFiles, read_folder
from service.village.actions import SHAPES
from service.village.inbox import Inbox
from service.village.walking import Walk

FOLDER = Path(__file__).resolve().parents[1] / "menus"
EXAMPLE = "example"
GAP_FIELDS = frozenset({"width", "text", EXAMPLE})


@dataclass(frozen=True, slots=True)
class Menus:
    """What people see and what their words mean."""

    dialogue: Dialogue
    texts: Texts
    inbox: Inbox
    languages: Mapping[str, Language]
    """Every language there is an entry for, offered or not."""
    guides: Guides
    ladders: Ladders
    lacking: Mapping[str, tuple[str, ...]]
    """Languages that are not offered yet, and everything that each lacks."""
    sources: Mapping[str, str]
    """The file each screen stands in."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the files, as far as it is well formed, and what is not."""

    files: MenuFiles
    menu: Menu
    malformed: frozenset[str]
    """Screens that are not or not wholly in the menu."""
    texts: Texts
    languages: Mapping[str, Language]
    guides: Guides
    ladders: Ladders
    faults: tuple[Located, ...]

    @property
    def used(self) -> frozenset[str]:
        """The keys every language must have a text for: what Vietnamese says, all must."""
        return self.texts.keys(DEFAULT_LANGUAGE)

    @property
    def bases(self) -> tuple[str, ...]:
        """The languages that are offered without a reviewer, as far as they have a file."""
        return tuple(code for code in self.texts.spoken if _is_base(self.languages.get(code)))

    def table(self, name: str) -> Mapping[str, Any]:
        """Return what stands in a table: "gaps", "keywords" and so on."""
        return self.files.tables[name].values


@dataclass(frozen=True, slots=True)
class Draft:
    """Menus as far as they can be understood and offered, and what is wrong with the rest."""

    written: Written
    texts: Texts
    """Those that are offered, and those that are still spoken to whoever chose them."""
    lacking: Mapping[str, tuple[str, ...]]
    faults: tuple[Located, ...]

    @property
    def menu(self) -> Menu:
        """The screens."""
        return self.written.menu

    @property
    def files(self) -> MenuFiles:
        """The files it was read from."""
        return self.written.files

    def finished(self) -> Menus:
        """Return the menus; raise MenuError listing every fault when there is one."""
        if self.faults:
            raise MenuError(self.faults)
        words, topics = (Keywords(self.written.table(name)) for name in ("keywords", "topics"))
        dialogue = Dialogue(self.menu, Renderer(self.texts), SHAPES)
        return Menus(
            dialogue=dialogue,
            texts=self.texts,
            inbox=Inbox(words, topics, Walk(dialogue)),
            languages=self.written.languages,
            guides=self.written.guides,
            ladders=self.written.ladders,
            lacking=self.lacking,
            sources=self.files.sources(),
        )


def read_menus(folder: Path = FOLDER) -> Menus:
    """Read and check the menus; raise MenuError listing every fault found."""
    return read_draft(folder).finished()


def read_draft(folder: Path = FOLDER) -> Draft:
    """Read and check the menus; raise MenuError only when a file cannot be read at all."""
    written = read_written(folder)
    texts, lacking = offered(written)
    faults = (
        *(fault for code in written.bases for fault in written.texts.mark_faults(code)),
        *audit.faults(written.menu, texts, SHAPES, written.used, written.malformed),
        *_base_faults(written),
        *_word_faults(written),
        *guide_faults(written.guides, written.texts, written.table("topics")),
        *topic_faults(written.table("ladder"), written.table("topics")),
    )
    located = (*written.faults, *map(written.files.located, faults))
    return Draft(written, texts, lacking, _in_order(located))


def read_written(folder: Path = FOLDER) -> Written:
    """Read the menus without checking them as a whole; raise MenuError for what is no YAML."""
    files = read_folder(folder)
    source, odd = files.menu()
    reading = parse_menu(source)
    texts, odd_texts = _texts(files)
    languages, odd_languages = read_languages(files.tables["languages"].values)
    guides, odd_guides = read_guides(files.tables["guides"].values)
    ladders, odd_ladders = read_ladders(files.tables["ladder"].values)
    faults = (*reading.faults, *odd_texts, *odd_languages, *odd_guides, *odd_ladders)
    return Written(
        files=files,
        menu=reading.menu,
        malformed=reading.malformed,
        texts=texts,
        languages=languages,
        guides=guides,
        ladders=ladders,
        faults=_in_order((*odd, *map(files.located, faults))),
    )


def _in_order(faults: tuple[Located, ...]) -> tuple[Located, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.line or 0)))


def offered(written: Written) -> tuple[Texts, dict[str, tuple[str, ...]]]:
    """Part the languages into those that may be offered and what the others lack.

    Vietnamese is offered whatever it lacks, as everything falls back to it, and so are the other
    base languages: what one of them lacks is a fault. A language whose only want is a text that
    is new stays spoken to those who chose it.
    """
    lacking, spoken = {}, {DEFAULT_LANGUAGE, *written.bases}
    for code in sorted({*written.texts.spoken, *written.languages} - spoken):
        missing = [f"text {key!r} is missing" for key in _missing(written, code)]
        wants = list(_wants(written, code))
        if missing or wants:
            lacking[code] = (*missing, *wants)
        if not wants:
            spoken.add(code)
    chosen_from = {DEFAULT_LANGUAGE, *written.texts.spoken} - set(lacking)
    return written.texts.only(chosen_from, spoken), lacking


def _missing(written: Written, code: str) -> list[str]:
    if code not in written.texts.spoken:
        return []
    return sorted(audit.lacks(written.menu, written.texts, written.used, code))


def _wants(written: Written, code: str) -> Iterator[str]:
    """Yield what a language wants, besides texts, to be offered."""
    if code not in written.texts.spoken:
        yield f"there is no {TEXTS}/{code}.yaml"
        return
    language = written.languages.get(code)
    if language is None:
        yield "languages.yaml does not name it"
    elif not language.reviewer:
        yield "languages.yaml names no reviewer"
    yield from (fault.said for fault in written.texts.mark_faults(code))
    faults = audit.text_faults(written.menu, written.texts, code, written.used, written.malformed)
    yield from (fault.said for fault in faults)


def _base_faults(written: Written) -> Iterator[Fault]:
    """A base language without a file would be gone from the menu, and nobody told."""
    for code, language in written.languages.items():
        if language.base and code not in written.texts.spoken:
            where = Where(code, ("languages", code))
            yield where.fault(f"base: there is no {TEXTS}/{code}.yaml", "base")


def _is_base(language: Language | None) -> bool:
    return language is not None and language.base


def _texts(files: MenuFiles) -> tuple[Texts, list[Fault]]:
    """Make the catalogue of what is well formed in the files, and say what is not."""
    found: list[Fault] = []
    gaps = {}
    for name, fields in files.tables["gaps"].values.items():
        if fault := _gap_fault(fields):
            found.append(Where(name, ("gaps", name)).fault(fault))
        gaps[name] = Gap() if fault else Gap(**fields)
    said, marked = (
        {language: _words(kind, language, file, found) for language, file in of_kind.items()}
        for kind, of_kind in ((TEXTS, files.texts), (MARKED, files.marked))
    )
    return Texts(said, gaps, marked), found


def _words(kind: str, language: str, file: MenuFile, found: list[Fault]) -> dict[str, str]:
    """Return the texts of a file as words, adding what is none to what was found."""
    for key, text in file.values.items():
        if not isinstance(text, str):
            where = Where(key, (kind, language, key))
            found.append(where.fault("should be words (put quotes around them)"))
    return {key: str(text) for key, text in file.values.items()}


def _gap_fault(fields: Any) -> str:
    measures = set(fields) - {EXAMPLE} if isinstance(fields, dict) else set()
    if not measures or not measures <= GAP_FIELDS:
        return "should be a width or the beginning of a text key"
    if not isinstance(fields.get(EXAMPLE, ""), str):
        return "an example should be words (put quotes around them)"
    width, text = fields.get("width", 1), fields.get("text", "")
    if not isinstance(width, int) or width < 1 or not isinstance(text, str):
        return "should be a width of 1 or more or the beginning of a text key"
    return ""


def _word_faults(written: Written) -> Iterator[Fault]:
    yield from word_faults("keywords", written.table("keywords"), KNOWN_INTENTS, guessed=True)
    named = {key.removeprefix("topic.") for key in written.used if key.startswith("topic.")}
    named.discard(EMERGENCY)  # of a call: nobody asks for it by a word of a topic
    yield from word_faults("topics", written.table("topics"), named)
