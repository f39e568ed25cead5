"""What the name of a person is made of, as strangers type it who have others told about it."""

from __future__ import annotations

import re
from typing import Final

_MADE_OF: Final = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f]|[ .'’ʼ`-])+")
_ADDRESS: Final = re.compile(r"\w{2}\.\w{2}|\bwww\b", re.IGNORECASE)


def is_name(words: str) -> bool:
    """Say whether words may name a person: letters, with the signs that stand between names.

    Addresses of the web, formulas and several names with commas are none: what is typed here is
    sent on to other phones, read by whoever calls a roll, and opened in a spreadsheet.
    """
    spoken = any(sign.isalpha() for sign in words)
    return spoken and bool(_MADE_OF.fullmatch(words)) and not _ADDRESS.search(words)
