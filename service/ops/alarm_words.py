"""What is said of an alarm: an SMS without marks, a mail, JSON for a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.records.watching import Word
from service.text.fold import fold
from service.text.gsm7 import cut
from service.text.local_time import in_vietnam
from service.text.mask import mask_numbers

from .runbook import page_of, title_of

MOST_SEPTETS = 160
MOST_ABOUT = 24


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm as it is told of."""

    id: str
    """The same however often a word is sent, so that who hears it twice can know."""
    name: str
    about: str
    detail: str
    severity: str
    opened_at: datetime
    closed_at: datetime | None
    word: Word


def sms(told: Told) -> str:
    """Return the SMS: at most 160 septets, no marks; what, since when, and the first step."""
    page = page_of(told.name)
    about = mask_numbers(told.about)[:MOST_ABOUT]
    since = _clock(told.opened_at)
    if told.word is Word.RESOLVED:
        until = _clock(told.closed_at or told.opened_at)
        said = f"CAUNOI DA HET: {title_of(told.name, 'vi')} ({about}), {since}-{until}."
    else:
        what = page.sms if page and page.sms else f"{title_of(told.name, 'vi')} ({{about}})."
        said = f"CAUNOI {since}: {what.format(about=about)}"
    return cut(fold(said).text, MOST_SEPTETS)


def mail(told: Told, runbook: str) -> tuple[str, str]:
    """Return subject and text of the mail, Vietnamese first."""
    over = told.word is Word.RESOLVED
    titles = {language: title_of(told.name, language) for language in ("vi", "en")}
    mark = "ĐÃ HẾT / OVER" if over else told.severity.upper()
    about = mask_numbers(told.about)
    subject = f"[CAUNOI] {mark}: {titles['vi']} ({about})".replace("\n", " ")
    lines = [titles["vi"], titles["en"], "", f"{told.name}: {about}"]
    if told.detail:
        lines.append(mask_numbers(told.detail))
    lines.append(f"{_moment(told.opened_at)} - {_moment(told.closed_at) if over else '...'}")
    page = page_of(told.name)
    if page and not over:
        lines += ["", page.parts["vi"]["first"], "", page.parts["en"]["first"]]
    lines += ["", runbook]
    return subject, "\n".join(lines) + "\n"


def webhook(told: Told, runbook: str) -> Mapping[str, Any]:
    """Return the JSON; `text` is a line that chat rooms show."""
    page = page_of(told.name)
    over = told.word is Word.RESOLVED
    about = mask_numbers(told.about)
    mark = "ĐÃ HẾT" if over else str(told.severity).upper()
    languages = ("vi", "en")
    return {
        "id": told.id,
        "text": f"[{mark}] {title_of(told.name, 'vi')} ({about})",
        "word": str(told.word),
        "alarm": told.name,
        "about": about,
        "detail": mask_numbers(told.detail) or None,
        "severity": str(told.severity),
        "opened_at": told.opened_at.isoformat(),
        "closed_at": told.closed_at.isoformat() if over and told.closed_at else None,
        "title": {language: title_of(told.name, language) for language in languages},
        "first_step": {
            language: page.parts[language]["first"] if page else "" for language in languages
        },
        "runbook": runbook,
    }


def _clock(moment: datetime) -> str:
    return f"{in_vietnam(moment):%H:%M %d/%m}"


def _moment(moment: datetime | None) -> str:
    return f"{in_vietnam(moment):%H:%M %d/%m/%Y}" if moment else ""
