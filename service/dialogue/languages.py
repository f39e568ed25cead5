"""The languages people may come to read: how each is written, and who answers for its texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.text.fold import fold
from service.text.plain import PLAIN

from .faults import Fault, Where
from .tables import field_faults

CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?|x-[a-z]{2,8}")
"""A language's name in file names: BCP 47 (RFC 5646) with script and region where they matter."""

NEEDED: Final = {"name_vi": str, "name_en": str, "source": str}
OPTIONAL: Final = {
    "own_name": str, "script": str, "letters": str, "folding": str, "base": bool, "reviewer": str,
}  # fmt: skip
LETTERS: Final = frozenset({"marked", "plain"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language's entry in languages.yaml.

    `letters` says what its writing needs of a phone: "marked" letters lose their marks on the way
    to a keypad phone, "plain" ones travel as they are. `folding` says it in words for people.
    `base` languages are offered without a reviewer: Vietnamese, which everything falls back to, and
    English, by which outsiders check it. `own_name`, `script` and `reviewer` are empty when nobody
    has told us.
    """

    code: str
    name_vi: str
    name_en: str
    source: str
    own_name: str = ""
    script: str = ""
    letters: str = "marked"
    folding: str = ""
    base: bool = False
    reviewer: str = ""

    def on_phones(self, words: str) -> str:
        """Return what a keypad phone shows of words in this language; see unwritable()."""
        return fold(words).text

    def unwritable(self, words: str) -> tuple[str, ...]:
        """Return the signs in words that no keypad phone shows and folding does not save."""
        lost = fold(words).unknown
        if self.letters == "marked":
            return lost
        marked = (sign for sign in words if sign.isalpha() and sign not in PLAIN)
        return tuple(dict.fromkeys((*marked, *lost)))


def read_languages(source: Mapping[str, Any]) -> tuple[dict[str, Language], list[Fault]]:
    """Return the languages that are well described, in order, and what is wrong with the others."""
    languages: dict[str, Language] = {}
    faults: list[Fault] = []
    for code, fields in source.items():
        found = list(_faults(code, fields))
        faults += found
        if not found:
            languages[code] = Language(code, **{k: v for k, v in fields.items() if v is not None})
    return languages, faults


def _faults(code: str, fields: Any) -> Iterator[Fault]:
    where = Where(code, ("languages", code))
    if not CODE.fullmatch(code):
        yield where.fault("should be a code like tyz or hmn-Latn-VN")
    found = list(field_faults(where, fields, NEEDED, OPTIONAL))
    yield from found
    if not found and fields.get("letters", "marked") not in LETTERS:
        yield where.fault("'letters' should be marked or plain", "letters")
