"""The national do-not-call list: numbers that may get no advertising, whatever they agreed to.

Kept as keyed digests, so that a list of half a million numbers is no list of numbers here.
(Decree 91/2020/ND-CP, articles 7 and 13.)
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.text.phones import InvalidNumber, Msisdn, parse

from .area_tables import Fault, ListRefused, bounded
from .suppressions import digest

MOST_BYTES: Final = 100_000_000
"""Some eight million numbers: the national list holds half a million, and grows."""
MOST_KEPT: Final = 1_000
"""Faults that are kept to be told; the others are counted, since a wrong file is all faults."""

PUT = text("""
    INSERT INTO suppressions (digest, kind)
    SELECT unnest(CAST(:digests AS text[])), 'advertising' ON CONFLICT DO NOTHING
""")
TAKE_OFF = text("""
    DELETE FROM suppressions s
    WHERE kind = 'advertising'
      AND NOT EXISTS (SELECT FROM unnest(CAST(:digests AS text[])) AS kept WHERE kept = s.digest)
""")
COUNT = text("SELECT count(*) FROM suppressions WHERE kind = 'advertising'")
CANCEL = text("""
    UPDATE messages_out m
    SET state = 'cancelled', code = 'do_not_call', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    WHERE class = 'promo' AND state = ANY(ARRAY['held', 'queued', 'leased'])
      AND EXISTS (SELECT FROM suppressions s
                  WHERE s.digest = m.recipient_digest AND s.kind = 'advertising')
""")


class Loaded(NamedTuple):
    """How many numbers are on the list, are new on it, were taken off; advertising cancelled."""

    on_it: int
    new: int
    gone: int
    cancelled: int


def read_numbers(data: bytes) -> list[Msisdn]:
    """Read a list of one number a line; a first line without digits is a heading.

    Raises ListRefused naming the first lines that are no telephone number and counting all.
    """
    bounded(data, MOST_BYTES)
    found: list[Msisdn] = []
    wrong: list[int] = []
    count = 0
    try:
        # line by line: the lines of a whole list at once are several times its size
        for row, line in enumerate(TextIOWrapper(BytesIO(data), "utf-8-sig"), start=1):
            written = line.strip(' \t\r\n",;')
            if not written or (row == 1 and not any(map(str.isdecimal, written))):
                continue
            try:
                found.append(parse(written))
            except InvalidNumber:
                count += 1
                wrong += [row] if count <= MOST_KEPT else []
    except UnicodeDecodeError:
        raise ListRefused([Fault(1, "file", "is not UTF-8; save it as CSV UTF-8")]) from None
    if count:
        faults = [Fault(row, "number", "is no telephone number") for row in wrong]
        raise ListRefused(faults, count)
    if not found:
        raise ListRefused([Fault(1, "file", "holds no number")])
    return found


def load_numbers(session: Session, key: str, numbers: Sequence[Msisdn], *, whole: bool) -> Loaded:
    """Put numbers on the list; with `whole` they are all of it, and others are taken off.

    Advertising that waits for one of them is cancelled; `key` is that of all digests.
    """
    digests = sorted({digest(key, number) for number in numbers})
    connection = session.connection()
    # A national list takes its minutes; the command that loads it is the only one that waits.
    connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    gone = connection.execute(TAKE_OFF, {"digests": digests}).rowcount if whole else 0
    new = connection.execute(PUT, {"digests": digests}).rowcount
    cancelled = connection.execute(CANCEL).rowcount
    return Loaded(connection.execute(COUNT).scalar_one(), new, gone, cancelled)
