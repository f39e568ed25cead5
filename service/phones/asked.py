"""Reading what a caller of the API asked, and saying helpfully what was wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from service.phones.handsets import read_number
from service.text.phones import InvalidNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.text.phones import Msisdn

LONGEST_WAIT = 30.0
NAMES = {str: "text", bool: "true or false", list: "a list", int: "a whole number"}


class AskedError(Exception):
    """The request makes no sense: HTTP status, a word for machines, a sentence for people."""

    def __init__(self, http: int, error: str, says: str) -> None:
        super().__init__(says)
        self.http = http
        self.error = error


def json_object() -> dict[str, Any]:
    """Give the request's JSON object; raise AskedError if there is none."""
    data = request.get_json(silent=True) if request.is_json else None
    if not isinstance(data, dict):
        raise AskedError(400, "no_json", "send a JSON object with Content-Type: application/json")
    return data


def fields(
    wanted: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> dict[str, Any]:
    """Give the request's JSON fields, checked by type; raise AskedError naming what is wrong."""
    data = json_object()
    known = {**wanted, **(optional or {})}
    for name in data:
        if name not in known:
            there = ", ".join(known)
            raise AskedError(400, "unknown_field", f"no field {name!r} here; there are: {there}")
    for name, type_ in known.items():
        if name not in data:
            if name in wanted:
                raise AskedError(400, "missing_field", f"{name!r} is missing: {NAMES[type_]}")
        elif not isinstance(data[name], type_):
            raise AskedError(400, "bad_field", f"{name!r} should be {NAMES[type_]}")
    return data


def number(text: str) -> Msisdn:
    """Read a handset's number in any usual form; raise AskedError."""
    try:
        return read_number(text)
    except InvalidNumber:
        says = f"{text!r} is not a phone number; write it like +84900000001 or 0900000001"
        raise AskedError(400, "bad_number", says) from None


def seconds(name: str) -> float:
    """Read a waiting time from the query, at most LONGEST_WAIT; raise AskedError."""
    try:
        return min(max(float(request.args.get(name, "0")), 0.0), LONGEST_WAIT)
    except ValueError:
        raise AskedError(400, "bad_field", f"{name!r} should be a number of seconds") from None


def count(name: str, default: int) -> int:
    """Read a whole number from the query; raise AskedError."""
    text = request.args.get(name, str(default))
    if not text.isdecimal():
        raise AskedError(400, "bad_field", f"{name!r} should be a whole number")
    return int(text)
