"""What an operator does with many messages at once: hold, let go, cancel, replay, send again.

Each is done to the ids given, a batch in the caller's transaction, and to those only that still
stand where the deed expects them: what a worker has begun meanwhile is left to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text

from service.records.messages import MessageState as S

from .classes import RULES
from .say_again import REPLAY, RESEND, judge

BY_OPERATOR = "operator"
"""The code of what an operator holds or has cancelled."""
BATCH = 1_000
"""Messages of one transaction: short enough that no worker waits for it."""
MOST, MOST_AGAIN = 20_000, 5_000
"""Messages of one click, and of one that sends them again, since each is looked at first; what is
beyond stays where it is, and the click can be repeated."""


class Deed(StrEnum):
    """What an operator can do with messages."""

    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    REPLAY = "replay"
    """Send what nobody knows whether it left: some may get it twice."""
    RESEND = "resend"
    """Say the same again to whom an ended message did not reach, as a new message."""


SAY_AGAIN = frozenset({Deed.REPLAY, Deed.RESEND})
"""Deeds by which somebody is written to once more: not everybody may be."""
EXPECTED: Mapping[Deed, frozenset[S]] = {
    Deed.HOLD: frozenset({S.QUEUED}),
    Deed.RELEASE: frozenset({S.HELD}),
    Deed.CANCEL: frozenset({S.HELD, S.QUEUED, S.LEASED}),
    Deed.REPLAY: frozenset({S.UNKNOWN}),
    Deed.RESEND: frozenset(
        {S.REJECTED, S.FAILED, S.EXPIRED, S.UNDELIVERED, S.UNKNOWN_CLOSED, S.CANCELLED}
    ),
}
"""States in which each deed finds its messages."""

HOLD = text("""
    WITH mine AS (
        SELECT id FROM messages_out WHERE id = ANY(:ids) AND state = 'queued'
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'held', code = 'operator', changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = 'queued'
""")

# Advertising waits for its day again: how much of it a number may have is counted when it goes.
RELEASE = text("""
    WITH mine AS (
        SELECT id FROM messages_out
        WHERE id = ANY(:ids) AND state = 'held' AND code = 'operator'
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = CASE WHEN m.class = 'promo' THEN 'held' ELSE 'queued' END,
        code = CASE WHEN m.class = 'promo' THEN 'promo_cap' END, changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = 'held'
""")

CANCEL = text("""
    WITH mine AS (
        SELECT id FROM messages_out
        WHERE id = ANY(:ids) AND state IN ('held', 'queued', 'leased')
        ORDER BY id FOR UPDATE)
    UPDATE messages_out AS m
    SET state = 'cancelled', code = 'operator', token = NULL, lease_until = NULL,
        changed_at = clock_timestamp()
    FROM mine WHERE m.id = mine.id AND m.state = ANY(ARRAY['held', 'queued', 'leased'])
""")

ALONE = {Deed.HOLD: HOLD, Deed.RELEASE: RELEASE, Deed.CANCEL: CANCEL}


@dataclass(frozen=True, slots=True)
class Done:
    """How many messages a deed was done to, and how many were left out, by reason.

    Reasons: `again` (sent again already), `forgotten` (its words are gone), `advertising`,
    `refused` (news, by TC), `bad_number`, `moved` (whom it was written for has another number),
    `left` (a team's work, and nobody of a team has the number), `gone` (the request is over, the
    class another or begun, the seat somebody else's).
    """

    messages: int
    left_out: Mapping[str, int]


def do(connection: Connection, deed: Deed, ids: Sequence[int]) -> Done:
    """Do a deed to at most BATCH messages, in the caller's transaction.

    Done again it does nothing more: the messages no longer stand where it expects them.
    """
    if deed in ALONE:
        return Done(connection.execute(ALONE[deed], {"ids": list(ids)}).rowcount, {})
    found = judge(connection, ids)
    about = {
        "ids": list(found.fit),
        "good_until": list(found.fit.values()),
        "classes": [str(name) for name in RULES],
        "valid_for": [rules.valid_for for rules in RULES.values()],
    }
    if deed is Deed.REPLAY:
        return Done(connection.execute(REPLAY, about).rowcount, found.left_out)
    about["expected"] = [str(state) for state in EXPECTED[Deed.RESEND]]
    return Done(connection.execute(RESEND, about).rowcount, found.left_out)


def most_of(deed: Deed) -> int:
    """Return how many messages one click may touch."""
    return MOST_AGAIN if deed in SAY_AGAIN else MOST
