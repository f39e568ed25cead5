"""Vietnamese without its marks, and texts from phones made safe.

On a basic phone Vietnamese is written without diacritics: with them a text is UCS-2, which makes an
SMS of 70 characters instead of 160 and is not reliable over USSD. Fold only the copy that is sent;
tone marks carry meaning, so the original is what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from service.text.plain import (
    CONTROLS,
    INVISIBLE,
    LETTERS,
    LINE_BREAKS,
    MARKS,
    PLAIN,
    REPLACEMENTS,
    ZERO_WIDTH_JOINER,
    one_of,
)

STAND_IN: Final = "?"
"""What is sent in place of something that cannot be written in GSM 03.38."""

_NOT_PLAIN: Final = re.compile(f"[^{one_of(PLAIN)}]")
_KNOWN: Final = one_of(PLAIN | frozenset(map(chr, REPLACEMENTS)))
_UNKNOWN_RUN: Final = re.compile(
    f"[^{_KNOWN}](?:[^{_KNOWN}]|[{one_of(MARKS)}{ZERO_WIDTH_JOINER}])*"
)
_SKIN_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG_LETTERS: Final = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_DRESSING: Final = MARKS | _SKIN_TONES | {ZERO_WIDTH_JOINER}
_LONGEST_LIKENESS: Final = 8

# 5½ is not 51/2, 10² is not 102 and ①2 is not 12: what keeps a compatibility character apart from
# the digits around it, by the kind of its decomposition
_BEFORE_DIGIT: Final = {"<fraction>": " {}", "<super>": "^{}", "<sub>": "_{}"}
_ALWAYS: Final = {"<circle>": "({})"}

_NOT_MARKED: Final = re.compile(f"[^{one_of(LETTERS)}]+")

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_UNSAFE: Final[dict[int, str]] = {
    ord(character): replacement
    for character, replacement in (
        dict.fromkeys(CONTROLS | INVISIBLE, "") | dict.fromkeys(LINE_BREAKS, "\n") | {"\t": " "}
    ).items()
}
_LONGEST_DECOMPOSITION: Final = 4  # one composed character, as code points (Unicode 15, NFD)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in plain GSM 03.38, and what of the original could not be written in it.

    `unknown` holds each such sign or letter once, as it was typed, in order of appearance.
    """

    text: str
    unknown: tuple[str, ...]


def fold(text: str) -> Folded:
    """Write a text in GSM 03.38 without diacritics, all or nothing.

    Composed and decomposed input give the same; what shows nothing (controls, zero-width and
    bidirectional characters) goes; lines stay lines. A sign or letter that has no plain form, an
    emoji with all its parts or a syllable of another script, becomes one "?" and is reported.
    A plain text comes back as it is; so folding twice changes nothing.
    """
    if _NOT_PLAIN.search(text) is None:
        return Folded(text, ())
    text = text.replace("\r\n", "\n")
    plain = text.translate(REPLACEMENTS)
    if _NOT_PLAIN.search(plain) is None:
        return Folded(plain, ())
    unknown: dict[str, None] = {}

    def stand_in(cluster: str) -> str:
        unknown[_printable(cluster)] = None
        return STAND_IN

    return Folded(_fold_unknown(text, stand_in), tuple(unknown))


def tidy(text: str) -> str:
    """Return a text as fold() writes it, but with the marks of its letters.

    For a phone that shows Vietnamese: letters as composed characters (NFC), all else as it is on
    every phone. Folding it gives what folding the text itself gives.
    """
    composed = unicodedata.normalize("NFC", text)
    return _NOT_MARKED.sub(lambda run: fold(run[0]).text, composed)


def search_key(text: str) -> str:
    """Return what two spellings of a name or keyword have in common, for comparing.

    Folded, lower case, single spaces, no space or punctuation at the ends (unless there is nothing
    else: "?" stays "?"). What cannot be folded is kept, so two names in another script differ.
    """
    if _NOT_PLAIN.search(text) is not None:
        text = _fold_unknown(text.casefold(), _undressed)
    key = " ".join(text.casefold().split())
    start, end = 0, len(key)
    while start < end and _is_punctuation(key[start]):
        start += 1
    while start < end and _is_punctuation(key[end - 1]):
        end -= 1
    return key[start:end] or key


def clean_input(text: str, limit: int) -> str:
    """Make what a phone typed safe to store: NFC, visible characters and newlines only.

    Controls (NUL among them), lone surrogates, zero-width and bidirectional characters go, a tab
    becomes a space. Cut to `limit` characters (code points); a letter is never cut off from its
    combining marks. Raises ValueError for a negative limit.
    """
    if limit < 0:
        raise ValueError(f"a limit of {limit} characters")
    safe = _SURROGATES.sub("", text.replace("\r\n", "\n").translate(_UNSAFE))
    # composing is quadratic in the marks on one letter: look at no more than can matter
    enough = _LONGEST_DECOMPOSITION * (limit + 1)
    composed = unicodedata.normalize("NFC", safe[:enough])
    if len(composed) <= limit:
        return composed
    end = limit
    while end and _is_mark(composed[end]):
        end -= 1
    return composed[:end]


def _fold_unknown(text: str, stand_in: Callable[[str], str]) -> str:
    """Fold a text, asking what to write for each cluster that has no plain form."""

    def rewrite(run: re.Match[str]) -> str:
        before = run.string[run.start() - 1 : run.start()]
        written = before
        for cluster in _clusters(run[0]):
            after_digit = "0" <= written[-1:] <= "9"
            written += _likeness(cluster, after_digit=after_digit) or stand_in(cluster)
        return written[len(before) :]

    return _UNKNOWN_RUN.sub(rewrite, text).translate(REPLACEMENTS)


def _clusters(run: str) -> Iterator[str]:
    """Yield what a reader takes for one sign: a base with its marks, a joined emoji, a flag."""
    start = 0
    for index in range(1, len(run)):
        if not _continues(run, start, index):
            yield run[start:index]
            start = index
    yield run[start:]


def _continues(run: str, start: int, index: int) -> bool:
    character, previous = run[index], run[index - 1]
    if character in _DRESSING or previous == ZERO_WIDTH_JOINER or _is_mark(character):
        return True
    return index - start == 1 and {character, previous} <= _FLAG_LETTERS


def _likeness(cluster: str, *, after_digit: bool) -> str:
    """Return the plain form that Unicode itself gives a compatibility character, or ""."""
    if len(cluster) > _LONGEST_LIKENESS:
        return ""
    plain = unicodedata.normalize("NFKC", cluster).translate(REPLACEMENTS)
    if not plain.strip() or _NOT_PLAIN.search(plain) is not None:
        return ""
    kind, _, _ = unicodedata.decomposition(cluster[0]).partition(" ")
    shape = _ALWAYS.get(kind) or (_BEFORE_DIGIT.get(kind) if after_digit else None) or "{}"
    return shape.format(plain)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"


def _printable(cluster: str) -> str:
    return _SURROGATES.sub("\ufffd", cluster)


def _undressed(cluster: str) -> str:
    composed = unicodedata.normalize("NFC", cluster)
    return "".join(part for part in composed if part not in _DRESSING)
