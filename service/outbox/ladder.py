"""The states of an outbound message as one table of allowed moves, and the ranks of reports.

Every UPDATE of a message names the state it expects; this table is what those statements, the
docs and the tests are checked against.

    held <> queued -> leased -> sending -> accepted -> delivered | undelivered | no_report
             |  ^       |          |
             |  +-------+-- back --+-> rejected | failed
             |                     +-> unknown -> accepted ... | queued (resend) | unknown_closed
             +-> expired | cancelled | unknown (too late, and an earlier attempt may have left)

A leased message may be cancelled too: without its token the worker that holds it cannot begin it.

By hand an operator holds what is queued and lets it go again, cancels what has not begun, and
queues again what is unknown (service.outbox.by_hand). What has ended stays so: sending it again
makes a new message. One that is held may have been tried before, so a late yes counts for it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from service.records.messages import MessageState as S


class ReportRank(IntEnum):
    """How far a delivery report says a message has come; the highest seen counts, in any order."""

    NONE = 0
    ON_ITS_WAY = 1
    NO_REPORT = 2
    """Not a report: 72 hours went by without a final one."""
    NOT_DELIVERED = 3
    DELIVERED = 4


MOVES: Mapping[S, frozenset[S]] = {
    S.HELD: frozenset({S.QUEUED, S.CANCELLED, S.ACCEPTED}),
    S.QUEUED: frozenset({S.HELD, S.LEASED, S.CANCELLED, S.EXPIRED, S.UNKNOWN, S.ACCEPTED}),
    S.LEASED: frozenset({S.QUEUED, S.SENDING, S.ACCEPTED, S.CANCELLED}),
    S.SENDING: frozenset({S.QUEUED, S.ACCEPTED, S.REJECTED, S.UNKNOWN, S.FAILED}),
    S.UNKNOWN: frozenset({S.QUEUED, S.ACCEPTED, S.REJECTED, S.FAILED, S.UNKNOWN_CLOSED}),
    S.ACCEPTED: frozenset({S.DELIVERED, S.UNDELIVERED, S.NO_REPORT}),
    S.NO_REPORT: frozenset({S.DELIVERED, S.UNDELIVERED}),
    S.UNDELIVERED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset(),
    S.REJECTED: frozenset(),
    S.FAILED: frozenset(),
    S.EXPIRED: frozenset(),
    S.CANCELLED: frozenset({S.ACCEPTED}),
    S.UNKNOWN_CLOSED: frozenset({S.ACCEPTED}),
}
"""From each state, where it may go.

Moves to ACCEPTED need evidence: the carrier's own answer or report, which beats whatever we had
concluded. A message is only rejected, failed or expired when no attempt of it is in doubt, so
there is none to come.
"""

BEFORE_ACCEPTED = tuple(state for state, onward in MOVES.items() if S.ACCEPTED in onward)
"""States in which the carrier's word that it took the message is news."""
SENT = (S.ACCEPTED, S.NO_REPORT, S.UNDELIVERED, S.DELIVERED)
"""States a delivery report speaks about, lowest first."""
ENDED = tuple(
    s for s in S if s not in {S.HELD, S.QUEUED, S.LEASED, S.SENDING, S.UNKNOWN, S.ACCEPTED}
)
"""States in which nothing more is expected to happen by itself."""

STATE_OF_RANK: Mapping[ReportRank, S] = {
    ReportRank.NONE: S.ACCEPTED,
    ReportRank.ON_ITS_WAY: S.ACCEPTED,
    ReportRank.NO_REPORT: S.NO_REPORT,
    ReportRank.NOT_DELIVERED: S.UNDELIVERED,
    ReportRank.DELIVERED: S.DELIVERED,
}
