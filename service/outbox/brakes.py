"""What stops sending: the big red switch, a carrier that takes nothing, the caps on spending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from service.carriers.base import Fault, SendError

from .alarms import close_alarm, raise_alarm
from .claim import Leased
from .classes import RULES
from .switches import SENDING, turn

PAUSED = "carrier_paused"
SHORTEST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
"""Where our account is refused: an operator must act, and can end the pause at once."""
LONGEST_CARRIER_PAUSE = timedelta(seconds=60)
"""Where the carrier is away: nobody need do anything when it is back, so look again soon."""

PAUSE = text("""
    INSERT INTO carrier_pauses AS p (carrier, code, detail, until)
    VALUES (:carrier, :code, :detail, clock_timestamp() + :shortest)
    ON CONFLICT (carrier) DO UPDATE
    SET code = excluded.code, detail = excluded.detail,
        times = CASE WHEN p.until > clock_timestamp() - :memory THEN p.times + 1 ELSE 1 END,
        since = CASE WHEN p.until > clock_timestamp() - :memory THEN p.since
                     ELSE clock_timestamp() END,
        until = clock_timestamp() + CASE
            WHEN p.until > clock_timestamp() - :memory
            THEN least(:shortest * power(2, least(p.times, 20)), :longest) ELSE :shortest END
    WHERE p.until <= clock_timestamp()
""")

# The first two rows are all that is spent, the other two what counts against the caps.
SPEND = text("""
    INSERT INTO spend AS s (period, starts_at, messages, segments, vnd)
    SELECT period, CASE WHEN period LIKE '%hour' THEN date_trunc('hour', now)
                        ELSE date_trunc('day', now, 'Asia/Ho_Chi_Minh') END,
           :messages, :segments, :vnd
    FROM unnest(CAST(:periods AS text[])) AS period, clock_timestamp() AS now
    ORDER BY period
    ON CONFLICT (period, starts_at) DO UPDATE
    SET messages = s.messages + excluded.messages, segments = s.segments + excluded.segments,
        vnd = s.vnd + excluded.vnd
    WHERE s.period IN ('hour', 'day') OR s.vnd + excluded.vnd
          <= CASE s.period WHEN 'capped_hour' THEN CAST(:per_hour AS bigint) ELSE :per_day END
    RETURNING s.period
""")

OPENS_AGAIN = text("""
    SELECT CASE :period
           WHEN 'hour' THEN date_trunc('hour', clock_timestamp()) + interval '1 hour'
           ELSE date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh') + interval '1 day' END
""")


TOTALS = ["hour", "day"]
CAPPED = ["capped_hour", "capped_day"]


@dataclass(frozen=True, slots=True)
class Caps:
    """Most dong spent on SMS in an hour and in a day, and the price of a segment."""

    per_hour: int
    per_day: int
    segment_price: int


class CapReached(Exception):
    """Sending these messages would pass a cap; `period` is "hour" or "day"."""

    def __init__(self, period: str) -> None:
        super().__init__(period)
        self.period = period


def switch(connection: Connection, *, on: bool, by: str, reason: str = "") -> bool:
    """Turn all sending on or off; workers see it before their next message.

    False when it stood so already: then nothing is changed.
    """
    return turn(connection, SENDING, on=on, by=by, reason=reason)


def pause(connection: Connection, carrier: str, why: SendError) -> None:
    """Stop sending to a carrier for 30 s; twice as long each time it is still no use.

    The longest is 30 min where our account is refused and 60 s where the carrier is away.
    Whoever finds it already paused changes nothing, so many workers meeting the same fault at once
    count as one.
    """
    began = connection.execute(
        PAUSE,
        {
            "carrier": carrier,
            "code": why.code,
            "detail": why.detail,
            "shortest": SHORTEST_PAUSE,
            "longest": LONGEST_PAUSE if why.fault is Fault.ACCOUNT else LONGEST_CARRIER_PAUSE,
            "memory": LONGEST_PAUSE,
        },
    ).rowcount
    if began and why.fault is Fault.ACCOUNT:
        raise_alarm(connection, PAUSED, carrier, why.code)


def resume(connection: Connection, carrier: str) -> bool:
    """Forget a pause at once: an operator says the carrier takes messages again.

    False when there was none.
    """
    ended = connection.execute(
        text("DELETE FROM carrier_pauses WHERE carrier = :carrier"), {"carrier": carrier}
    ).rowcount
    close_alarm(connection, PAUSED, carrier)
    return ended > 0


def taken_again(connection: Connection, carrier: str) -> None:
    """Forget a pause that is over, since the carrier took a message after it."""
    over = connection.execute(
        text("""
            DELETE FROM carrier_pauses
            WHERE carrier = :carrier AND until <= clock_timestamp()
        """),
        {"carrier": carrier},
    ).rowcount
    if over:
        close_alarm(connection, PAUSED, carrier)


def spend(connection: Connection, messages: Sequence[Leased], caps: Caps) -> None:
    """Count what these messages of one class cost; raise CapReached instead of passing a cap.

    Counter rows, never a count(*): under load a count is what takes a service down. What is spent
    on a call that fails stays counted, on the safe side. What an emergency costs is counted apart:
    it must not use up what answers to villagers may cost.
    """
    capped = RULES[messages[0].message_class].capped
    segments = sum(message.segments for message in messages)
    vnd = segments * caps.segment_price
    if capped and vnd > min(caps.per_hour, caps.per_day):
        raise CapReached("hour" if vnd > caps.per_hour else "day")
    rows = connection.execute(
        SPEND,
        {
            "messages": len(messages),
            "segments": segments,
            "vnd": vnd,
            "periods": [*TOTALS, *CAPPED] if capped else TOTALS,
            "per_hour": caps.per_hour,
            "per_day": caps.per_day,
        },
    ).scalars()
    refused = set(CAPPED) - set(rows) if capped else set()
    if refused:
        raise CapReached("day" if "capped_day" in refused else "hour")


def opens_again(connection: Connection, period: str) -> datetime:
    """Return when the hour or day that is full is over."""
    moment = connection.execute(OPENS_AGAIN, {"period": period}).scalar_one()
    assert isinstance(moment, datetime)
    return moment
