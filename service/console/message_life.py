"""The life of one message: why it was put, each try, each report, where it stands, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from service.outbox.by_hand import BY_OPERATOR
from service.outbox.classes import RULES, Resend
from service.outbox.ladder import ENDED, ReportRank
from service.records.messages import MessageClass, MessageState
from service.text.local_time import VIETNAM, in_vietnam
from service.text.mask import mask_numbers

from .life import Step, when, why
from .words import Words

MOST_ATTEMPTS, MOST_REPORTS, MOST_AGAIN = 40, 80, 9
QUIET_MINUTES, GIVEN_UP_HOURS = 30, 72
"""As service.outbox.sweep has them."""
DAY_BEGINS, DAY_ENDS = time(7), time(22)
"""Between which classes by day leave, as claim() has them."""

# The key that a message is known by holds the number: only what it begins with is read here, and
# the name of the sentence.
MESSAGE = text(r"""
    SELECT m.id, m.class AS message_class, m.lane, m.msisdn, p.id AS phone_id, m.request_id,
           r.number AS request_number, char_length(m.body) AS characters, m.segments, m.state,
           m.due_at, m.valid_until, m.lease_until, m.attempts, m.resends, m.code, m.created_at,
           m.changed_at, split_part(m.idem_key, ':', 1) AS cause,
           substring(m.idem_key FROM '[:]([a-z]+[.][a-z_]+)(?=[:]|$)') AS sentence,
           substring(m.idem_key FROM '^(?=sms[:]|resend[:])[a-z]+[:]([0-9]{1,18})[:]') AS cause_id,
           clock_timestamp() AS now,
           EXISTS (SELECT FROM switches WHERE name = 'sending' AND NOT is_on) AS is_stopped,
           EXISTS (SELECT FROM switches WHERE name = 'lane:' || m.lane AND NOT is_on)
           AS is_lane_paused,
           (SELECT split_part(name, ':', 2) FROM switches
            WHERE starts_with(name, 'carrier:') AND NOT is_on LIMIT 1) AS paused_carrier
    FROM messages_out m LEFT JOIN phones p ON p.msisdn = m.msisdn
    LEFT JOIN help_requests r ON r.id = m.request_id
    WHERE m.id = :id
""")
ATTEMPTS = text("""
    SELECT id, no, carrier, outcome, carrier_message_id, code, detail, cost, started_at, finished_at
    FROM attempts WHERE message_id = :id ORDER BY no DESC LIMIT :most
""")
REPORTS = text("""
    SELECT status, rank, reason, network, received_at FROM receipts
    WHERE attempt_id = ANY(:attempts) ORDER BY received_at, id LIMIT :most
""")
# What is said again by hand has the first message's id in its key, and how often it was.
AGAIN = text("""
    SELECT id, state, created_at FROM messages_out WHERE idem_key = ANY(:keys) AND id > :id
""")
PAUSE = text("""
    SELECT carrier, code, until FROM carrier_pauses WHERE until > clock_timestamp()
    ORDER BY until DESC LIMIT 1
""")
BY_EVIDENCE = frozenset({MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNDELIVERED})
"""States that an attempt or a report beside them tells of already."""


@dataclass(frozen=True, slots=True)
class MessageLife:
    """All there is to tell; `next_key` names the sentence on what comes next."""

    message: Row[Any]
    steps: Sequence[Step]
    next_key: str
    next_values: Mapping[str, str]


def live_of(connection: Connection, message_id: int, words: Words) -> MessageLife | None:
    """Read the life of a message by five statements; None when there is no such message."""
    message = connection.execute(MESSAGE, {"id": message_id}).one_or_none()
    if message is None:
        return None
    asked = {"id": message_id, "most": MOST_ATTEMPTS}
    attempts = connection.execute(ATTEMPTS, asked).all()[::-1]
    ids = [attempt.id for attempt in attempts]
    reports = connection.execute(REPORTS, {"attempts": ids, "most": MOST_REPORTS}).all()
    again = connection.execute(AGAIN, {"id": message_id, "keys": _keys_of_again(message)}).all()
    pause = connection.execute(PAUSE).one_or_none()
    steps = [
        _put(message),
        *_tries(attempts, words),
        *_reported(reports, words),
        *_stands(message, words),
        *_said_again(again, words),
    ]
    key, values = _next(message, pause, words)
    order = sorted(steps, key=lambda step: step.at)
    return MessageLife(message, order, key, values)


def _put(message: Row[Any]) -> Step:
    link = None
    if message.cause_id:
        link = ("text" if message.cause == "sms" else "message", message.cause_id)
    return Step(message.created_at, f"cause.{message.cause}", link=link)


def _tries(attempts: Sequence[Row[Any]], words: Words) -> Iterator[Step]:
    for attempt in attempts:
        about = {"no": attempt.no, "carrier": attempt.carrier}
        yield Step(attempt.started_at, "life.handed", about)
        if attempt.finished_at is None:
            continue
        yield Step(
            attempt.finished_at,
            f"outcome.{attempt.outcome}",
            about,
            tuple(_told_of(attempt, words)),
            is_ill=attempt.outcome != "accepted",
        )


def _told_of(attempt: Row[Any], words: Words) -> Iterator[str]:
    if attempt.code:
        yield why(words, attempt.code)
    if attempt.detail:
        yield words("life.detail", detail=mask_numbers(attempt.detail))
    if attempt.cost:
        yield words("life.cost", cost=mask_numbers(attempt.cost))
    if attempt.carrier_message_id:
        yield words("life.its_id", its_id=attempt.carrier_message_id)


def _reported(reports: Sequence[Row[Any]], words: Words) -> Iterator[Step]:
    for report in reports:
        network = words("life.network", network=report.network) if report.network else ""
        notes = " · ".join(note for note in (report.status, report.reason, network) if note)
        rank = ReportRank(report.rank)
        yield Step(
            report.received_at,
            f"report.{rank.name.lower()}",
            notes=(mask_numbers(notes),),
            is_ill=rank is ReportRank.NOT_DELIVERED,
        )


def _stands(message: Row[Any], words: Words) -> Iterator[Step]:
    """Tell the end, where no try and no report has told it."""
    state = MessageState(message.state)
    if state in ENDED and state not in BY_EVIDENCE:
        notes = (why(words, message.code),) if message.code else ()
        yield Step(message.changed_at, f"became.{state}", notes=notes, is_ill=True)


def _keys_of_again(message: Row[Any]) -> list[str]:
    first = message.cause_id if message.cause == "resend" else message.id
    return [f"resend:{first}:{times}" for times in range(1, MOST_AGAIN + 1)]


def _said_again(again: Sequence[Row[Any]], words: Words) -> Iterator[Step]:
    for row in again:
        about = {"state": words.name_of("message", row.state)}
        yield Step(row.created_at, "life.again", about, link=("message", str(row.id)))


def _next(message: Row[Any], pause: Row[Any] | None, words: Words) -> tuple[str, Mapping[str, str]]:
    """Return the key of what comes next, and its values."""
    state = MessageState(message.state)
    if state in {MessageState.LEASED, MessageState.SENDING}:
        return f"next.{state}", {"at": when(message.lease_until)}
    if state is MessageState.ACCEPTED:
        return "next.accepted", {"at": _after(message.changed_at, GIVEN_UP_HOURS)}
    if state is MessageState.UNKNOWN:
        return _next_of_unknown(message)
    if state is MessageState.QUEUED:
        return _next_of_waiting(message, pause, words)
    if state is MessageState.HELD and message.code == BY_OPERATOR:
        return "next.held_by_operator", {"at": when(message.valid_until)}
    return f"next.{'held' if state is MessageState.HELD else 'ended'}", {}


def _next_of_unknown(message: Row[Any]) -> tuple[str, Mapping[str, str]]:
    """Say who decides about a message of which nobody knows whether it left."""
    until = {"at": _after(message.changed_at, GIVEN_UP_HOURS)}
    rule = RULES[MessageClass(message.message_class)].resend
    if rule is Resend.WHEN_QUIET and not message.resends and message.valid_until > message.now:
        quiet = message.changed_at + timedelta(minutes=QUIET_MINUTES)
        return "next.unknown_quiet", {"quiet": when(quiet), **until}
    return "next.unknown", until


def _next_of_waiting(
    message: Row[Any], pause: Row[Any] | None, words: Words
) -> tuple[str, Mapping[str, str]]:
    """Say when a message leaves, or what it waits for; what holds up all is said first."""
    if message.valid_until <= message.now:
        return "next.too_late", {}
    if message.is_stopped:
        return "next.stopped", {}
    if message.is_lane_paused:
        return "next.lane_paused", {"lane": words.name_of("lane", message.lane)}
    if message.paused_carrier:
        return "next.carrier_paused", {"carrier": message.paused_carrier}
    if pause is not None:
        about = {"carrier": pause.carrier, "why": why(words, pause.code)}
        return "next.paused", {**about, "at": when(pause.until)}
    leaves = max(message.due_at, message.now)
    by_day = RULES[MessageClass(message.message_class)].by_day_only
    if by_day and not DAY_BEGINS <= in_vietnam(leaves).time() < DAY_ENDS:
        return "next.morning", {"at": when(_morning(leaves))}
    if message.due_at > message.now:
        return f"next.{'again' if message.attempts else 'later'}", {"at": when(message.due_at)}
    return "next.queued", {"at": when(message.valid_until)}


def _morning(moment: datetime) -> datetime:
    here = in_vietnam(moment)
    day = here.date() + timedelta(days=here.time() >= DAY_ENDS)
    return datetime.combine(day, DAY_BEGINS, VIETNAM)


def _after(moment: datetime, hours: int) -> str:
    return when(moment + timedelta(hours=hours))
