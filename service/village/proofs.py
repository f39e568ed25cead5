"""What a text asks for that touches others waits for a code sent to the number it came from.

Whoever forges a sender never sees the code, and without it nothing happens.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from service.records.moments import now_by
from service.records.proofs import PendingAct

from .desk import Desk

GOOD_FOR = timedelta(minutes=15)
MOST_WRONG = 3
MOST_CODES_A_DAY = 8
"""Codes one number is sent in 24 hours: so many texts may somebody cause who forges it."""
CODE_TEXT, USED_UP = "sms.code", "sms.codes_used_up"

SENT_TODAY = text("""
    SELECT count(*) FROM messages_out
    WHERE msisdn = :msisdn AND class = 'reply' AND position(:key IN idem_key) > 0
      AND created_at > clock_timestamp() - interval '24 hours'
""")


class Code(StrEnum):
    """What a code that was sent back is."""

    RIGHT = "right"
    WRONG = "wrong"
    VOID = "void"
    """Wrong for the third time: what was asked for is forgotten."""
    NONE = "none"
    """Nothing waits for a code."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that touches others: its name, and whom and what it is about."""

    name: str
    detail: Mapping[str, str]


def prepare(desk: Desk, act: Act, values: Mapping[str, str]) -> None:
    """Keep an act until its code comes back, instead of any other that waits; send the code."""
    session, phone = desk.unit.session, desk.phone()
    if _sent_today(desk, CODE_TEXT) >= MOST_CODES_A_DAY:
        if not _sent_today(desk, USED_UP):
            desk.reply(USED_UP, {})
        return
    code = f"{secrets.randbelow(10**6):06d}"
    if not desk.reply(CODE_TEXT, {"act": act.name, **values, "code": code}):
        return
    kept = {
        "act": act.name,
        "detail": dict(act.detail),
        "code_digest": _digest(desk, code),
        "wrong": 0,
        "asked_at": now_by(session),
        "expires_at": now_by(session) + GOOD_FOR,
    }
    session.execute(
        insert(PendingAct)
        .values(phone_id=phone.id, **kept)
        .on_conflict_do_update(index_elements=["phone_id"], set_=kept)
    )


def redeem(desk: Desk, typed: str) -> tuple[Code, Act | None]:
    """Compare a code that was sent back; the right one gives the act, once."""
    session, phone = desk.unit.session, desk.known_phone()
    waiting = (
        session.get(PendingAct, phone.id, with_for_update=True, populate_existing=True)
        if phone
        else None
    )
    if waiting is None or waiting.expires_at < now_by(session):
        return Code.NONE, None
    if hmac.compare_digest(waiting.code_digest, _digest(desk, typed)):
        act = Act(waiting.act, {name: str(value) for name, value in waiting.detail.items()})
        forget(desk)
        return Code.RIGHT, act
    waiting.wrong += 1
    session.flush()
    if waiting.wrong >= MOST_WRONG:
        forget(desk)
        return Code.VOID, None
    return Code.WRONG, None


def forget(desk: Desk) -> None:
    """Forget what waits for a code from this number."""
    session, phone = desk.unit.session, desk.known_phone()
    waiting = session.get(PendingAct, phone.id) if phone else None
    if waiting is not None:
        session.delete(waiting)
        session.flush()


def is_waiting(desk: Desk) -> bool:
    """Say whether something waits for a code from this number."""
    phone = desk.known_phone()
    waiting = desk.unit.session.get(PendingAct, phone.id) if phone else None
    return waiting is not None and waiting.expires_at > now_by(desk.unit.session)


def _sent_today(desk: Desk, key: str) -> int:
    about = {"msisdn": desk.msisdn, "key": f":{key}:"}
    return int(desk.unit.session.execute(SENT_TODAY, about).scalar_one())


def _digest(desk: Desk, code: str) -> str:
    about = f"code {desk.phone().id} {code}"
    return hmac.new(desk.words.key.encode(), about.encode(), sha256).hexdigest()[:32]
