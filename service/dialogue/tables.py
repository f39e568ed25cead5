"""Fields of the entries in a clerk's tables: which there must be, and what they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from .faults import Fault, Where

NATIVE_READER: Final = "native_reader"
AUTHORITY: Final = "authority: "
_AWAITED: Final = re.compile(rf"{NATIVE_READER}|{AUTHORITY}\S.*")


def field_faults(
    where: Where, fields: Any, needed: Mapping[str, type], optional: Mapping[str, type]
) -> Iterator[Fault]:
    """Yield what is missing, unknown or of another kind in the entry that stands there.

    `awaits`, in any table, is a list of those whose word is missing: "native_reader" or
    "authority: " and which.
    """
    if not isinstance(fields, dict):
        yield where.fault("should be a group of fields")
        return
    known = {**needed, **optional}
    for name in sorted(map(str, set(fields) - set(known))):
        yield where.fault(f"unknown field {name!r}", name)
    for name in needed:
        if not fields.get(name):
            yield where.fault(f"has no {name!r}", name)
    for name, kind in known.items():
        value = fields.get(name)
        if value is not None and not isinstance(value, kind):
            yield where.fault(f"{name!r} should be {_KINDS[kind]}", name)
    awaits = fields.get("awaits")
    for number, who in enumerate(awaits if isinstance(awaits, list) else (), start=1):
        if not _AWAITED.fullmatch(str(who)):
            said = f"awaits: {who!r} is neither a native reader nor an authority"
            yield where.fault(said, "awaits", str(number))


_KINDS: Final = {
    str: "words",
    bool: "yes or no: true or false",
    date: "a date like 2027-05-31",
    list: "a list in [ ]",
}
"""What is said of each kind of value a field may have."""
