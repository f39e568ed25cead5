"""What each alarm means and what to do, in the words of whoever is woken by it.

The one source is the files of service/ops/runbook: the console shows it, `make runbook` writes
docs/runbook.md from it, and an SMS tells its first step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from service.records.watching import Severity

from .alarm_kinds import KINDS

FOLDER = Path(__file__).with_name("runbook")
LANGUAGES = ("vi", "en")
PARTS = ("means", "see", "first", "end", "tell")
"""What a page is made of, in this order, each a paragraph."""


@dataclass(frozen=True, slots=True)
class Page:
    """One alarm, or one guide that no alarm leads to."""

    name: str
    title: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]]
    """Paragraphs by language and part."""
    sms: str
    """What has happened and the first step, as an SMS says it; empty where none is sent."""


@cache
def pages() -> Mapping[str, Page]:
    """Return every page by its name."""
    found: dict[str, Page] = {}
    tell: Mapping[str, Any] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
        tell = read.pop("tell", tell)
        for name, entry in read.items():
            found[name] = _page(name, entry, tell)
    return found


def page_of(name: str) -> Page | None:
    """Return a page; None when there is none of this name."""
    return pages().get(name)


def title_of(name: str, language: str) -> str:
    """Return what an alarm is called; its name when it is of another version."""
    page = page_of(name)
    return page.title[language] if page else name


def _page(name: str, entry: Mapping[str, Any], tell: Mapping[str, Any]) -> Page:
    severity = KINDS[name].severity if name in KINDS else Severity.TICKET
    parts = {
        language: {
            part: str(entry[language].get(part) or tell[severity][language]) for part in PARTS
        }
        for language in LANGUAGES
    }
    title = {language: str(entry[language]["title"]) for language in LANGUAGES}
    return Page(name, title, parts, str(entry.get("sms", "")))


HEAD = """\
# Runbook

A page for each alarm: what it means for the villages, how to see it, the first safe step, how to
end it, whom to tell. An alarm's message, mail and its place in the console lead here. At the end
stand guides that no alarm leads to.

*page*: somebody is woken, by SMS too. *ticket*: on the next working day, by mail and webhook.
*note*: in the console only. How alarms are told and quietened: [running.md](running.md#alarms).

Made from service/ops/runbook by `make runbook`; a test keeps the two alike.
"""
NAMES = {
    "means": ("Nghĩa là", "What it means"),
    "see": ("Xem ở đâu", "How to see it"),
    "first": ("Làm trước tiên", "First safe step"),
    "end": ("Xử lý xong", "How to end it"),
    "tell": ("Báo cho ai", "Whom to tell"),
}
"""What the parts are called in Vietnamese and in English."""


def as_markdown() -> str:
    """Return docs/runbook.md."""
    return "".join(_markdown())


def _markdown() -> Iterator[str]:
    yield HEAD
    every = sorted(pages().values(), key=lambda page: (page.name not in KINDS, page.name))
    yield "\n| alarm | severity | |\n|---|---|---|\n"
    for page in every:
        severity = str(KINDS[page.name].severity) if page.name in KINDS else "guide"
        yield f"| [`{page.name}`](#{page.name}) | {severity} | {page.title['en']} |\n"
    for page in every:
        yield f"\n## {page.name}\n"
        for which, language in enumerate(LANGUAGES):
            yield f"\n**{page.title[language]}**\n\n"
            for part in PARTS:
                yield f"- {NAMES[part][which]}: {page.parts[language][part]}\n"
