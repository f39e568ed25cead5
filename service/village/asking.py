"""What a number was asked last by SMS, so that a digit it sends back is understood.

One thing at a time: whoever is asked something new is not asked the old any more. (Whether a
request is solved is asked by its number and stands beside this: service.records.requests.Question.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from .desk import Desk

QUESTION_LASTS = timedelta(hours=24)
"""Within these a digit answers a question; later it is asked what is meant."""
MENU_LASTS = timedelta(minutes=30)
REFUSALS = frozenset({"never_mind", "nothing", "not_agreed", "not_me", "drop_unfinished"})
"""The intents that "no" leads to; another second answer is the other of two things."""
LOOKS = frozenset({"status", "my_data", "news", "training", "emergency", "emergency_off", "child"})
"""Intents that are answered and ask nothing."""
CODE = "erase"
"""Where the code of an erasure stands among the answers: no digit, so that none alone erases."""
CONSENT = "agree"
"""The intent of the answer that lets us remember a number."""

REMEMBER = text("""
    INSERT INTO text_dialogues (msisdn, state, asked_at, expires_at)
    VALUES (:msisdn, CAST(:state AS jsonb), clock_timestamp(), clock_timestamp() + :lasts)
    ON CONFLICT (msisdn) DO UPDATE
    SET state = excluded.state, asked_at = excluded.asked_at, expires_at = excluded.expires_at
""")
RECALL = text("""
    SELECT state, asked_at, expires_at < clock_timestamp() AS is_over FROM text_dialogues
    WHERE msisdn = :msisdn
""")
FORGET = text("DELETE FROM text_dialogues WHERE msisdn = :msisdn")

Answers = Mapping[str, tuple[str, str]]
"""Digit -> intent, and the words that go with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a number was asked: a question with its answers, or where a menu stands."""

    asked_at: datetime
    is_over: bool
    answers: Answers | None
    menu: Mapping[str, Any] | None

    @property
    def is_about_consent(self) -> bool:
        """Whether it asks to remember the number."""
        return any(intent == CONSENT for intent, _ in (self.answers or {}).values())

    @property
    def may_be_refused(self) -> bool:
        """Whether it is answered by yes and no."""
        return (self.answers or {}).get("2", ("",))[0] in REFUSALS

    def outlives(self, intent: str) -> bool:
        """Say whether it stays asked although something was looked at since.

        To be remembered is asked once; and the code of an erasure is good for a day, as it says.
        """
        stays = self.is_about_consent or CODE in (self.answers or {})
        return stays and intent in LOOKS

    def yields_to(self, newer: datetime) -> bool:
        """Say whether a digit answers the newer question and this one is let go.

        Being asked to be remembered can be left unanswered by anybody; what a digit means later
        must not hang on it.
        """
        return self.asked_at < newer and self.is_about_consent


def ask(desk: Desk, key: str, values: Mapping[str, str], answers: Answers) -> None:
    """Ask something by SMS and remember what each digit would mean."""
    if desk.reply(key, values, is_error=True):
        await_answer(desk, answers)


def asked_whose(desk: Desk) -> bool:
    """Ask a number silent for long whose it is, before anything of its owner is shown."""
    if not desk.is_stale():
        return False
    ask(desk, "sms.still_you", {}, {"1": ("still_me", ""), "2": ("not_me", "")})
    return True


def await_answer(desk: Desk, answers: Answers, *, lasts: timedelta = QUESTION_LASTS) -> None:
    """Remember what each digit means that answers what the speaker has just been asked."""
    _remember(desk, {"answers": {d: list(meant) for d, meant in answers.items()}}, lasts)


def remember_menu(desk: Desk, state: Mapping[str, Any]) -> None:
    """Remember where the menu stands that the speaker walks by SMS."""
    _remember(desk, {"menu": state}, MENU_LASTS)


def recall(desk: Desk) -> Asked | None:
    """Return what the speaker was asked last; None when nothing, or when it was answered."""
    row = desk.unit.session.execute(RECALL, {"msisdn": desk.msisdn}).one_or_none()
    if row is None:
        return None
    answers = row.state.get("answers")
    meant = {digit: (intent, rest) for digit, (intent, rest) in (answers or {}).items()}
    return Asked(row.asked_at, row.is_over, meant if answers else None, row.state.get("menu"))


def forget(desk: Desk) -> None:
    """Forget what the speaker was asked: it is answered, or something else was wanted."""
    desk.unit.session.execute(FORGET, {"msisdn": desk.msisdn})


def _remember(desk: Desk, state: Mapping[str, Any], lasts: timedelta) -> None:
    values = {"msisdn": desk.msisdn, "state": json.dumps(state), "lasts": lasts}
    desk.unit.session.execute(REMEMBER, values)
