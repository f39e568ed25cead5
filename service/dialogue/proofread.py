"""Reads the texts of a language as a strict reader would: what is wrong, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .ambiguous import speaks_like_a_stranger, unclear_words
from .audit import lacks, untranslated
from .faithful import lost_words
from .faults import Fault, at_text
from .languages import Language
from .misfits import misfits
from .model import Menu
from .scamlike import pushing, scamlike
from .sound import text_fault
from .staleness import Seen, stale_keys
from .texts import DEFAULT_LANGUAGE, Texts


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one text; a warning is for somebody to look at, and no fault yet."""

    fault: Fault
    is_warning: bool = False


def proofread(
    menu: Menu,
    texts: Texts,
    language: Language,
    seen: Mapping[str, Seen],
    is_keyword: Callable[[str], bool],
) -> Iterator[Finding]:
    """Yield everything found in one language, warnings too.

    A text that is missing is a fault where the language is offered whatever happens, and elsewhere
    keeps it from being offered; one whose Vietnamese has changed is right until somebody says no.
    """
    code = language.code
    for key in sorted(lacks(menu, texts, texts.keys(DEFAULT_LANGUAGE), code)):
        yield Finding(untranslated(key, code), is_warning=not language.base)
    for key in texts.listed(code):
        said = list(_faults_of(key, texts, language))
        if language.base:
            said += pushing(texts.written(key, code), is_keyword)
        yield from (Finding(at_text(code, key).fault(fault)) for fault in said)
    yield from (Finding(misfit.fault(menu, code)) for misfit in misfits(menu, texts, code))
    for key in stale_keys(texts, code, seen):
        changed = at_text(code, key).fault("the Vietnamese has changed since")
        yield Finding(changed, is_warning=True)


def _faults_of(key: str, texts: Texts, language: Language) -> Iterator[str]:
    code = language.code
    if key not in texts.keys(DEFAULT_LANGUAGE):
        yield "Vietnamese has no such text"
    elif (gaps := texts.gaps_of(key, code)) != (wanted := texts.gaps_of(key, DEFAULT_LANGUAGE)):
        odd = ", ".join(f"{{{gap}}}" for gap in sorted(gaps ^ wanted))
        yield f"not the gaps of the Vietnamese: {odd}"
    else:
        yield from (
            f"{word} is not there" for word in lost_words(key, texts.written(key, code), texts)
        )
    if fault := text_fault(key, code, texts):
        yield fault
    words = texts.written(key, code)
    yield from scamlike(words)
    if code == DEFAULT_LANGUAGE:
        for word in unclear_words(key, words):
            yield f"{word!r} can be read in several ways without its marks"
        if speaks_like_a_stranger(words):
            yield "speaks as strangers do; we say ba con and to"
