"""How far languages, guides and reviews have come, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from .guides import Guides
from .languages import Language
from .reviews import EVERY, Review, awaited
from .tables import NATIVE_READER
from .texts import DEFAULT_LANGUAGE, Texts

SHOWN = 3
"""Reasons named for a language; of more only the number is said."""


def language_lines(
    languages: Mapping[str, Language], texts: Texts, lacking: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield a line for each language: how complete, who answers for it, offered or why not."""
    wanted = texts.keys(DEFAULT_LANGUAGE)
    for code in dict.fromkeys((*languages, *texts.spoken)):
        language = languages.get(code)
        name = language.name_en if language else "not in languages.yaml"
        there = len(texts.keys(code) & wanted)
        reviewer = language.reviewer if language else ""
        says = f"reviewer {reviewer}" if reviewer else "awaits a native reader"
        says += "" if language and language.script else "; no script is known to us"
        how = _offer(language, lacking.get(code, ()))
        empty = "" if there else "empty, "
        yield f"{code:<12} {name:<17} {there:>3}/{len(wanted)}  {empty}{how}; {says}"


def _offer(language: Language | None, reasons: Sequence[str]) -> str:
    if not reasons:
        return "fits, offered" + (" as a base language" if language and language.base else "")
    missing = [reason for reason in reasons if reason.endswith(" is missing")]
    others = [reason for reason in reasons if reason not in missing]
    said = [f"{len(missing)} texts are missing"] if missing else []
    said += others if len(others) <= SHOWN else [*others[:SHOWN], f"{len(others) - SHOWN} more"]
    return f"not offered: {', '.join(said)}"


def guide_lines(guides: Guides, today: date) -> Iterator[str]:
    """Yield two lines for each guide: how long it may be believed and who says so; its source."""
    for guide in guides:
        days = guide.days_left(today)
        when = f"{days} days left" if days >= 0 else f"EXPIRED {-days} days ago"
        review = (
            f"reviewed by {guide.reviewer} on {guide.reviewed_at}"
            if guide.reviewer
            else ("not reviewed")
        )
        yield f"{guide.id:<12} {when} ({guide.expires_at}); {review}; {_awaits(guide.awaits)}"
        yield f"{'':<12} source: {' '.join(guide.source.split())}"


def review_lines(reviews: tuple[Review, ...], texts: Texts) -> Iterator[str]:
    """Yield a line for each part of the Vietnamese texts: how many, and whose word they await."""
    for review, keys in awaited(reviews, texts.listed(DEFAULT_LANGUAGE)):
        name = review.prefix or EVERY
        by = f"; read by {review.reviewer} on {review.reviewed_at}" if review.reviewer else ""
        yield f"{name:<24} {len(keys):>3} of them  {_awaits(review.awaits)}{by}"


def _awaits(whom: Sequence[str]) -> str:
    names = ["a native reader" if who == NATIVE_READER else who for who in whom]
    return f"awaits {', '.join(names)}" if names else "awaits nobody"
