"""What waits, what is in doubt and what has failed, in piles: same state, same code, same class.

Of what has ended the last day is looked at, by an index of its own; of what waits, all there is.
The alarms' own SMS (service.ops.tell) are piles apart: no villager waits for them, and nothing is
done to them by hand, since each is good for an hour and stands with its alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from service.records.base import LARGEST_ID
from service.records.messages import MessageClass
from service.records.messages import MessageState as S

LATELY = timedelta(hours=24)
EVER = timedelta(days=36_500)
WAITING = frozenset({S.QUEUED, S.HELD, S.UNKNOWN})
ENDED_ILL = frozenset(
    {S.REJECTED, S.FAILED, S.EXPIRED, S.UNDELIVERED, S.UNKNOWN_CLOSED, S.CANCELLED}
)
"""States of messages that reached nobody; of the cancelled ones only what an operator cancelled."""

# What is planned for later does not wait yet; a code on it says that it was put back.
ALL = text("""
    SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm,
           count(*) AS messages, min(created_at) AS since
    FROM messages_out
    WHERE state = 'queued' AND (due_at <= (SELECT clock_timestamp()) OR code IS NOT NULL)
    GROUP BY state, code, class, is_alarm
    UNION ALL
    SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm,
           count(*), min(changed_at)
    FROM messages_out WHERE state = 'held' GROUP BY state, code, class, is_alarm
    UNION ALL
    SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm,
           count(*), min(changed_at)
    FROM messages_out WHERE state = 'unknown' GROUP BY state, code, class, is_alarm
    UNION ALL
    SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm,
           count(*), min(changed_at)
    FROM messages_out
    WHERE state IN ('rejected', 'failed', 'expired', 'undelivered', 'unknown_closed', 'cancelled')
      AND (state <> 'cancelled' OR code = 'operator')
      AND changed_at > (SELECT clock_timestamp()) - CAST(:lately AS interval)
      AND sent_again_as IS NULL
    GROUP BY state, code, class, is_alarm
""")
# The same with how many numbers, which takes three times as long: grouped by number first, since
# that needs no sorting.
ALL_WITH_PEOPLE = text("""
    SELECT state, code, class, is_alarm, sum(n)::bigint AS messages, count(*) AS people,
           min(since) AS since
    FROM (
        SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm, msisdn,
               count(*) AS n, min(created_at) AS since
        FROM messages_out
        WHERE state = 'queued' AND (due_at <= (SELECT clock_timestamp()) OR code IS NOT NULL)
        GROUP BY state, code, class, is_alarm, msisdn
        UNION ALL
        SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm, msisdn,
               count(*), min(changed_at)
        FROM messages_out WHERE state = 'held' GROUP BY state, code, class, is_alarm, msisdn
        UNION ALL
        SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm, msisdn,
               count(*), min(changed_at)
        FROM messages_out WHERE state = 'unknown' GROUP BY state, code, class, is_alarm, msisdn
        UNION ALL
        SELECT state, code, class, starts_with(idem_key, 'alarm:') AS is_alarm, msisdn,
               count(*), min(changed_at)
        FROM messages_out
        WHERE state IN ('rejected', 'failed', 'expired', 'undelivered', 'unknown_closed',
                        'cancelled')
          AND (state <> 'cancelled' OR code = 'operator')
          AND changed_at > (SELECT clock_timestamp()) - CAST(:lately AS interval)
          AND sent_again_as IS NULL
        GROUP BY state, code, class, is_alarm, msisdn
    ) AS by_number
    GROUP BY state, code, class, is_alarm
""")
COUNT = text("""
    SELECT sum(n)::bigint AS messages, count(*) AS people, min(since) AS since, max(upto) AS upto
    FROM (
        SELECT count(*) AS n, min(created_at) AS since, max(id) AS upto
        FROM messages_out
        WHERE state = :state AND class = :class AND code IS NOT DISTINCT FROM CAST(:code AS text)
          AND changed_at > (SELECT clock_timestamp() - CAST(:window AS interval))
          AND (state <> 'queued' OR due_at <= (SELECT clock_timestamp()) OR code IS NOT NULL)
          AND sent_again_as IS NULL AND NOT starts_with(idem_key, 'alarm:')
          AND id <= :upto
        GROUP BY msisdn) AS by_number
""")
# "+ 0": else the key would be read from its beginning, past all that ever was before the pile.
IDS = text("""
    SELECT id FROM messages_out
    WHERE state = :state AND class = :class AND code IS NOT DISTINCT FROM CAST(:code AS text)
      AND changed_at > (SELECT clock_timestamp() - CAST(:window AS interval))
      AND (state <> 'queued' OR due_at <= (SELECT clock_timestamp()) OR code IS NOT NULL)
      AND sent_again_as IS NULL AND NOT starts_with(idem_key, 'alarm:')
      AND id <= :upto
    ORDER BY id + 0 LIMIT :most
""")
MOST_PEOPLE = 20_000
"""Messages of which the list still counts the numbers; of more only the question does."""


@dataclass(frozen=True, slots=True)
class Pile:
    """What messages have in common that are treated alike."""

    state: S
    code: str | None
    message_class: MessageClass
    is_alarm: bool = False
    """Told to those who keep watch. Such a pile is looked at only: no other statement finds it."""

    @property
    def values(self) -> dict[str, object]:
        """What the statements find it by."""
        window = EVER if self.state in WAITING else LATELY
        return {
            "state": self.state,
            "code": self.code,
            "class": self.message_class,
            "window": window,
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages a pile has, to how many numbers, since when."""

    pile: Pile
    messages: int
    people: int | None
    """None where there are too many to count for a list."""
    since: datetime
    upto: int = 0
    """The newest message's id; not known of all piles at once."""


def all_piles(connection: Connection) -> list[Counted]:
    """Return every pile there is."""
    rows = connection.execute(ALL, {"lately": LATELY}).all()
    if sum(row.messages for row in rows) <= MOST_PEOPLE:
        rows = connection.execute(ALL_WITH_PEOPLE, {"lately": LATELY}).all()
    return [
        Counted(
            Pile(S(row.state), row.code, MessageClass(getattr(row, "class")), row.is_alarm),
            row.messages,
            getattr(row, "people", None),
            row.since,
        )
        for row in rows
    ]


def count(connection: Connection, pile: Pile, upto: int = LARGEST_ID) -> Counted | None:
    """Count a pile up to a message's id; None when nothing of it is left."""
    row = connection.execute(COUNT, {**pile.values, "upto": upto}).one()
    if not row.messages:
        return None
    return Counted(pile, row.messages, row.people, row.since, row.upto)


def ids_of(connection: Connection, pile: Pile, upto: int, most: int) -> Sequence[int]:
    """Return the ids of a pile up to one, the oldest first."""
    about = {**pile.values, "upto": upto, "most": most}
    return connection.execute(IDS, about).scalars().all()
