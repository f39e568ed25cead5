"""What somebody typed to look something up, and what there is by that.

One field for everything: a message's number with us or with the carrier, a request's number, or a
phone number however it is written. What is typed is looked for as all that it can be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from service.ops.carrier_names import account_names
from service.records.base import LARGEST_ID
from service.text.phones import InvalidNumber, Msisdn, NumberFault, from_carrier, parse
from service.village.suppressions import digest

from .handles import seal
from .secret_words import Keys

MOST_TYPED = 200
REQUEST_NUMBERS = range(1000, 100_000)
MOST_REQUESTS = 5
"""A number is given again when its request has ended; the newest that had it are shown."""

OUR_ID = re.compile(r"#?\s*([0-9]{1,19})")
CARRIERS_ID = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_.-]{4,200}")

MESSAGE = text("SELECT id, created_at AS at FROM messages_out WHERE id = :id")
REQUESTS = text("""
    SELECT id, created_at AS at FROM help_requests WHERE number = :number
    ORDER BY id DESC LIMIT :most
""")
# In and out: a carrier names both. A report about a message that is none of ours is one, too.
BY_CARRIERS_ID = text("""
    SELECT 'message' AS kind, message_id AS id, started_at AS at FROM attempts
    WHERE carrier = ANY(:carriers) AND carrier_message_id = :its_id
    UNION ALL
    SELECT 'text', id, received_at FROM messages_in
    WHERE carrier = ANY(:carriers) AND dedupe_key = :its_id
""")
STRAY = text("""
    SELECT EXISTS (SELECT FROM receipts
                   WHERE carrier = ANY(:carriers) AND carrier_message_id = :its_id)
""")
PHONE = text("SELECT id, created_at AS at FROM phones WHERE msisdn = :msisdn")
TRACES = text("""
    SELECT EXISTS (SELECT FROM messages_out WHERE msisdn = :msisdn)
        OR EXISTS (SELECT FROM messages_in WHERE sender = :msisdn)
        OR EXISTS (SELECT FROM ussd_sessions WHERE msisdn = :msisdn)
        OR EXISTS (SELECT FROM suppressions WHERE digest = :digest)
""")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found: what it is, by what its page is reached, and since when it is."""

    kind: str
    its_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found; without anything the key of the sentence that says why not."""

    found: tuple[Found, ...] = ()
    why_not: str = ""


def find(connection: Connection, keys: Keys, typed: str) -> Findings:
    """Look for what somebody typed; any text will do."""
    words = typed[:MOST_TYPED].strip()
    if not words:
        return Findings(why_not="find.empty")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in words):
        return Findings(why_not="find.strange")
    ours = OUR_ID.fullmatch(words)
    if ours is not None:
        return _by_digits(connection, keys, words, int(ours[1]))
    if CARRIERS_ID.fullmatch(words) is not None:
        return _by_carriers_id(connection, words)
    return _by_number(connection, keys, words)


def _by_digits(connection: Connection, keys: Keys, words: str, number: int) -> Findings:
    """Look for a message, a request and, without a "#", a phone by the same digits."""
    found = [] if words.startswith("0") else list(_messages(connection, number))
    if words.startswith("#"):
        return Findings(tuple(found), "find.no_message")
    if number in REQUEST_NUMBERS:
        rows = connection.execute(REQUESTS, {"number": number, "most": MOST_REQUESTS})
        found += [Found("request", str(row.id), row.at) for row in rows]
    phone = _by_number(connection, keys, words)
    found += phone.found
    is_phone = phone.why_not == "find.nothing_of_number"
    return Findings(tuple(found), phone.why_not if is_phone else "find.no_such_digits")


def _messages(connection: Connection, number: int) -> Iterator[Found]:
    if number <= LARGEST_ID:
        for row in connection.execute(MESSAGE, {"id": number}):
            yield Found("message", str(row.id), row.at)


def _by_carriers_id(connection: Connection, its_id: str) -> Findings:
    asked = {"carriers": account_names(), "its_id": its_id}
    rows = connection.execute(BY_CARRIERS_ID, asked)
    found = tuple(Found(row.kind, str(row.id), row.at) for row in rows)
    if found:
        return Findings(found)
    is_stray = connection.execute(STRAY, asked).scalar_one()
    return Findings(why_not="find.stray_report" if is_stray else "find.no_carriers_id")


def _by_number(connection: Connection, keys: Keys, words: str) -> Findings:
    try:
        msisdn = _read(words)
    except InvalidNumber as fault:
        return Findings(why_not=f"number.{fault.reason}")
    row = connection.execute(PHONE, {"msisdn": msisdn}).one_or_none()
    if row is not None:
        return Findings((Found("phone", str(row.id), row.at),))
    traces = {"msisdn": msisdn, "digest": digest(keys.key, msisdn)}
    if connection.execute(TRACES, traces).scalar_one():
        return Findings((Found("number", seal(keys, msisdn)),))
    return Findings(why_not="find.nothing_of_number")


def _read(words: str) -> Msisdn:
    """Read a number; one from abroad, or of no network we know, may have written to us as well."""
    try:
        return parse(words)
    except InvalidNumber as fault:
        may_be = fault.reason in {NumberFault.FOREIGN, NumberFault.UNKNOWN_PREFIX}
        if not (may_be and words.startswith(("+", "00"))):
            raise
        digits = "".join(sign for sign in words if sign in "0123456789")
        return from_carrier(digits.removeprefix("00"))
