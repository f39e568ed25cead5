"""A life as pages tell it: steps in the order of time, each a sentence with its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.ops.room_codes import CODES
from service.text.local_time import in_vietnam
from service.text.mask import mask_msisdn

from .words import Words

NOBODY = "+999"
"""What the numbers of erased people begin with: a country code that nobody has."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: `key` names its sentence, `notes` are said beside it."""

    at: datetime
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    """What its page is reached by: kind and id."""
    is_ill: bool = False


def when(moment: datetime) -> str:
    """Return a moment as the pages of a life show it, to the second: 14:05:09 28/11/2026."""
    return f"{in_vietnam(moment):%H:%M:%S %d/%m/%Y}"


def hidden(msisdn: str) -> str:
    """Return a number without what tells whose it is; empty where it was erased."""
    return "" if msisdn.startswith(NOBODY) else mask_msisdn(msisdn)


def why(words: Words, code: str | None) -> str:
    """Return why something stands as it does; the code itself where it has no sentence."""
    if not code:
        return ""
    known = CODES.get(code)
    return known.means[words.language] if known else words.name_of("why", code)


def say(words: Words, key: str, values: Mapping[str, object]) -> str:
    """Return a sentence by its key; what is new and has none is named by its key."""
    return words(key, **values) if key in words.sentences else key
