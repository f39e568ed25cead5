"""The operators' room at one glance, whoever shows it: look() once, with few statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from service.outbox.classes import LANES

from .health import NOT_USED
from .room_codes import kind_of
from .room_facts import ErrorKind, LaneFacts, Room, Share, Verdict
from .room_reading import TAIL, Reading, read
from .room_verdict import Seen, judge, see, whole
from .room_words import LANGUAGES, says, says_reason


def look(engine: Engine, tail: int = TAIL, *, redis: str = NOT_USED) -> Room:
    """Read and judge; seven statements however many messages there are.

    `tail` is how many of the newest attempts and reports are looked at; `redis` is what
    health.redis_state() says.
    """
    with engine.connect() as connection:
        reading = read(connection, tail)
    seen = {lane: see(reading, lane) for lane in LANES}
    verdicts = {lane: judge(facts) for lane, facts in seen.items()}
    reach = _reach_minutes(reading)
    return Room(
        at=reading.now,
        verdict=whole(reading, verdicts, redis),
        lanes=tuple(_lane(facts, verdicts[lane], reach) for lane, facts in seen.items()),
        shares=tuple(_shares(reading)),
        errors=tuple(_errors(reading)),
        rates_over_minutes=round(reach, 1),
    )


def _reach_minutes(reading: Reading) -> float:
    """How far back the tail of attempts reaches: an hour, unless so many were made in less."""
    for row in reading.attempts:
        if row.tail >= reading.tail:
            reach: float = (reading.now - row.tail_begins_at).total_seconds() / 60
            return min(max(reach, 0.1), 60.0)
    return 60.0


def _lane(seen: Seen, verdict: Verdict, reach: float) -> LaneFacts:
    waited = (seen.reading.now - seen.oldest).total_seconds() if seen.oldest else 0.0
    return LaneFacts(
        lane=seen.lane,
        verdict=verdict,
        waiting=seen.waiting,
        waiting_for_morning=seen.morning,
        oldest_seconds=round(max(waited, 0.0), 1),
        in_flight=seen.in_flight,
        per_minute=round(seen.in_five / min(reach, 5.0), 1),
        per_minute_in_hour=round(seen.in_hour / reach, 1),
        workers=seen.workers,
    )


def _shares(reading: Reading) -> Iterator[Share]:
    for row in reading.shares:
        last = (row.last_n, row.last_delivered, row.last_undelivered)
        yield Share(row.carrier, None, "last_hundred", *last)
        hour = (row.hour_n, row.hour_delivered, row.hour_undelivered)
        yield Share(row.carrier, None, "hour", *hour)
    for row in reading.networks:
        reported = (row.n, row.delivered, row.undelivered)
        yield Share(row.carrier, row.network, "reports_hour", *reported)


def _errors(reading: Reading) -> Iterator[ErrorKind]:
    """Yield the last hour's failed attempts by code over all lanes, the most frequent first."""
    found: dict[str, ErrorKind] = {}
    for row in reading.attempts:
        if row.outcome in {"accepted", "open"} or not row.in_hour:
            continue
        code = row.code or row.outcome
        old = found.get(code)
        found[code] = ErrorKind(
            code=code,
            group=kind_of(code).group,
            attempts=row.in_hour + (old.attempts if old else 0),
            messages=row.messages + (old.messages if old else 0),
            last_at=max(row.last_at, old.last_at) if old else row.last_at,
        )
    yield from sorted(found.values(), key=lambda kind: (-kind.attempts, kind.code))


def as_data(room: Room) -> dict[str, Any]:
    """Return the room as JSON can hold it: moments in UTC, every verdict with its sentences."""
    return {
        "at": room.at.isoformat(),
        "verdict": _verdict(room.verdict, room.at, None),
        "lanes": [
            _plain(asdict(lane)) | {"verdict": _verdict(lane.verdict, room.at, lane.workers)}
            for lane in room.lanes
        ],
        "shares": [asdict(share) | {"share": share.share} for share in room.shares],
        "errors": [
            _plain(asdict(kind))
            | {"means": kind_of(kind.code).means, "what_to_do": kind_of(kind.code).what_to_do}
            for kind in room.errors
        ],
        "rates_over_minutes": room.rates_over_minutes,
    }


def _verdict(verdict: Verdict, at: datetime, workers: int | None) -> dict[str, Any]:
    return {
        "state": verdict.state,
        "since": verdict.since.isoformat() if verdict.since else None,
        "is_well": verdict.is_well,
        "reasons": [
            {"key": reason.key, "values": _plain(reason.values)}
            | {"says": {language: says_reason(reason, at, language) for language in LANGUAGES}}
            for reason in verdict.reasons
        ],
        "says": {language: says(verdict, at, language, workers) for language in LANGUAGES},
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in values.items()
    }
