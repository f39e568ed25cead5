"""What becomes of each character when a text is made plain: the tables behind fold and mask.

A *plain* character is one of GSM 03.38 that carries no diacritic and does not control the phone.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import Final

from service.text.gsm7 import DEFAULT, EXTENSION

PLAIN: Final = frozenset(
    character
    for character in DEFAULT | EXTENSION
    if character not in "\r\f" and not unicodedata.decomposition(character)
)
"""Characters that stay as they are. The GSM letters with a mark (à è é ì ò ù É, Å ä ñ ...) do not:
a text that keeps only those marks is harder to read than one that keeps none."""

SPACES: Final = frozenset("\t\u00a0\u1680\u202f\u205f\u3000") | frozenset(
    map(chr, range(0x2000, 0x200B))
)
"""What leaves a space; no-break and typographic spaces are outside GSM 03.38."""

LINE_BREAKS: Final = frozenset("\r\v\f\x85\u2028\u2029")
"""What starts a new line, besides the newline itself."""

CONTROLS: Final = (
    frozenset(map(chr, chain(range(0x20), range(0x7F, 0xA0)))) - SPACES - LINE_BREAKS - {"\n"}
)
"""C0 and C1 without those that part words or lines."""

INVISIBLE: Final = frozenset("\u00ad\u061c\u180e\ufeff\ufff9\ufffa\ufffb") | frozenset(
    map(
        chr,
        chain(
            range(0x200B, 0x2010),  # zero-width space and joiners, direction marks
            range(0x202A, 0x202F),  # bidirectional embeddings and overrides
            range(0x2060, 0x2070),  # word joiner, bidirectional isolates
            range(0xE0000, 0xE0080),  # tags: readable to machines, not to people
        ),
    )
)
"""What shows nothing and can only mislead: zero-width, bidirectional and tag characters."""

MARKS: Final = frozenset(
    map(
        chr,
        chain(
            range(0x0300, 0x0370),
            range(0x1AB0, 0x1B00),
            range(0x1DC0, 0x1E00),
            range(0x20D0, 0x2100),
            range(0xFE00, 0xFE10),  # variation selectors
            range(0xFE20, 0xFE30),
            range(0xE0100, 0xE01F0),  # more variation selectors
        ),
    )
)
"""Marks on Latin letters, and the selectors and keycaps that dress up signs. The marks of Khmer,
Thai or Lao are not among them: those are vowels, without which a word is another word."""

ZERO_WIDTH_JOINER: Final = "\u200d"

_SPELLED: Final = {
    **dict.fromkeys("đðɖ₫", "d"),
    **dict.fromkeys("ĐÐƉ", "D"),
    **dict.fromkeys("‘’‚‛‹›′ʹʻʼʽˈ`´", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―⁃−•‣●■▪◦∙", "-"),
    "…": "...",
    "·": ".",
    "⁄": "/",
    "∕": "/",
    "÷": "/",
    "×": "x",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
    "°": "o",  # 30oC, as people write it in messages
    "¦": "|",
    "©": "(c)",
    "®": "(R)",
    "µ": "u",
    "Ħ": "H",
    "ħ": "h",
    "ı": "i",
    "Ł": "L",
    "ł": "l",
    "Ŋ": "N",
    "ŋ": "n",
    "Œ": "OE",
    "œ": "oe",
    "ſ": "s",
    "ẞ": "SS",
    "Þ": "Th",
    "þ": "th",
    "Ŧ": "T",
    "ŧ": "t",
}


def _without_marks(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", character)
    return "".join(_SPELLED.get(part, part) for part in decomposed if part not in MARKS)


def _letters() -> dict[str, str]:
    """Return the accented Latin letters (Latin-1 to Extended-B, Extended Additional), plain."""
    letters = map(chr, chain(range(0xC0, 0x250), range(0x1E00, 0x1F00)))
    plain = {letter: _without_marks(letter) for letter in letters}
    return {
        letter: spelled
        for letter, spelled in plain.items()
        if letter not in PLAIN and PLAIN.issuperset(spelled)
    }


LETTERS: Final = frozenset(_letters()) - frozenset("×÷") | frozenset("đĐ")
"""The accented Latin letters, each of which has a plain form; as single characters."""

REPLACEMENTS: Final[dict[int, str]] = {
    ord(character): replacement
    for character, replacement in (
        _SPELLED
        | _letters()
        | dict.fromkeys(SPACES, " ")
        | dict.fromkeys(LINE_BREAKS, "\n")
        | dict.fromkeys(CONTROLS | INVISIBLE | MARKS, "")
    ).items()
}
"""For `str.translate`: every character that is known and not plain -> plain characters."""

LIKENESSES: Final[dict[int, str]] = {
    **{code: plain for code, plain in REPLACEMENTS.items() if len(plain) == 1},
    **{code: chr(code - 0xFF00 + 0x20) for code in range(0xFF01, 0xFF5F)},  # full-width ASCII
}
"""For `str.translate`: as REPLACEMENTS, but always one for one, so that positions are kept."""

# ①0900000001 is a number in a list and 50m² no number: signs like these are digits in a row, or
# between others
_DRESSED: Final = "[²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒]"
_DRESSED_DIGITS: Final = re.compile(
    rf"{_DRESSED}(?:[ .\-,/_*]?{_DRESSED})+|(?<=[0-9]){_DRESSED}(?=[0-9])"
)


def plain_digits(text: str) -> str:
    """Return a text with the digits of other scripts as 0 to 9, one for one, to be searched."""
    if text.isascii():
        return text
    ours = "".join(_digit(sign) if sign.isdecimal() else sign for sign in text)
    return _DRESSED_DIGITS.sub(lambda run: "".join(map(_digit, run[0])), ours)


def _digit(sign: str) -> str:
    return str(unicodedata.digit(sign, sign))


def one_of(characters: frozenset[str]) -> str:
    """Return the inside of a regular expression's character class."""
    return re.escape("".join(sorted(characters)))
