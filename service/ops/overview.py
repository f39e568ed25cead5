"""What an operator sees at a glance on a terminal: what waits, what is stuck, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis
from sqlalchemy import Engine

from . import room
from .around import Things, count_requests, read_things
from .health import redis_state
from .pulse_curves import last_day
from .room_facts import Room, Why
from .room_words import lines

MOST_ALARMS = 1_000
SAYS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "messages": "tin trong 24 giờ: {}",
        "requests": "yêu cầu bây giờ: {}",
        "spent": "đã chi hôm nay: {} đ",
        "lasts": "; tài khoản còn đủ {} ngày",
        "others": "; tài khoản {} còn đủ {} ngày",
        "alarm": "BÁO ĐỘNG {name}: {about}{detail}, {times} lần{seen}",
        "seen": ", đã có người nhận",
        "stopped": "ĐÃ TẮT GỬI TIN, người tắt {by}: {reason}",
        "no_reason": "không ghi lý do",
        "paused": "TẠM DỪNG {carrier}: {code}",
        "on": "đang gửi tin",
        "none": "không có",
    },
    "en": {
        "messages": "messages in 24 hours: {}",
        "requests": "requests now: {}",
        "spent": "spent today: {} d",
        "lasts": "; the balance lasts {} days",
        "others": "; that of {} {} days",
        "alarm": "ALARM {name}: {about}{detail}, {times} times{seen}",
        "seen": ", acknowledged",
        "stopped": "STOPPED by {by}: {reason}",
        "no_reason": "no reason given",
        "paused": "PAUSED {carrier}: {code}",
        "on": "sending is on",
        "none": "none",
    },
}
COUNTED: Mapping[str, str] = {
    "sent": "đã gửi",
    "failed": "hỏng",
    "delivered": "đã phát",
    "undelivered": "không phát được",
    "open": "chưa ai nhận",
    "accepted": "đang có người giúp",
    "done": "chờ dân trả lời",
}
"""In Vietnamese; in English the codes say it themselves."""


def overview(engine: Engine, language: str = "en", redis: Redis | None = None) -> Iterator[str]:
    """Yield lines of plain text in a language, the room first."""
    found = room.look(engine, redis=redis_state(redis))
    said = SAYS[language]
    yield from lines(found, language)
    with engine.connect() as connection:
        things, day = read_things(connection, MOST_ALARMS), last_day(connection)
        requests = count_requests(connection)
    yield from _sending(found, said)
    yield said["messages"].format(_counts(day, language))
    yield said["requests"].format(_counts(requests, language))
    yield said["spent"].format(f"{things.spent_today:,}") + _lasts(things, said)
    for alarm in things.alarms:
        yield said["alarm"].format(
            name=alarm.name,
            about=alarm.about,
            detail=f" ({alarm.detail})" if alarm.detail else "",
            times=alarm.times,
            seen=said["seen"] if alarm.is_seen else "",
        )


def as_data_of(engine: Engine, redis: Redis | None = None) -> dict[str, Any]:
    """Return the same as values, for scripts."""
    found = room.as_data(room.look(engine, redis=redis_state(redis)))
    with engine.connect() as connection:
        things, day = read_things(connection, MOST_ALARMS), last_day(connection)
        requests = count_requests(connection)
    return {
        "room": found,
        "messages_in_24_hours": dict(day),
        "requests": requests,
        "spent_today_vnd": things.spent_today,
        "balance_days": things.balance_days,
        "balance_days_of": {
            name: things.days_of(balance) for name, balance in things.other_balances.items()
        },
        "alarms": [
            {"name": a.name, "about": a.about, "detail": a.detail or None, "times": a.times}
            | {"last_at": a.last_at.isoformat(), "acknowledged": a.is_seen}
            for a in things.alarms
        ],
    }


def _sending(found: Room, said: Mapping[str, str]) -> Iterator[str]:
    """Say in a word what every lane's sentence says at length, for whoever looks for it."""
    stopped = False
    for reason in found.verdict.reasons:
        values = reason.values
        if reason.key is Why.SENDING_OFF:
            stopped = True
            why = values["reason"] or said["no_reason"]
            yield said["stopped"].format(by=values["by"], reason=why)
        elif reason.key is Why.CARRIER_PAUSED:
            yield said["paused"].format(**values)
    if not stopped:
        yield said["on"]


def _lasts(things: Things, said: Mapping[str, str]) -> str:
    days = things.balance_days
    line = "" if days is None else said["lasts"].format(f"{days:.1f}")
    for name, balance in things.other_balances.items():
        if (its_days := things.days_of(balance)) is not None:
            line += said["others"].format(name, f"{its_days:.1f}")
    return line


def _counts(counted: Mapping[str, int], language: str) -> str:
    names = COUNTED if language == "vi" else {}
    parts = (f"{n} {names.get(name, name)}" for name, n in counted.items() if n)
    return ", ".join(parts) or SAYS[language]["none"]
