"""How many answers one number may get, so that nobody can be bombed or looped through us.

Whoever can post to our callbacks could make us text a victim, and two machines that answer each
other never stop by themselves. Only direct answers are counted against; what a team member's doing
causes (somebody took your request) is not an answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, text

from .alarms import raise_alarm

SAME_WORDS_IN_AN_HOUR = 3
ERRORS_IN_AN_HOUR = 2
MENU = "menu:"
"""How the keys of a menu's pages begin."""

# Not counted is what others caused ("somebody has taken your request"): it is about a request.
COUNT = text("""
    SELECT count(*) FILTER (WHERE created_at > clock_timestamp() - interval '10 minutes'
                            AND NOT starts_with(idem_key, 'ussd:')
                            AND (position(:menu IN idem_key) > 0) = :is_page) AS lately,
           count(*) AS today,
           count(*) FILTER (WHERE body = :body
                            AND created_at > clock_timestamp() - interval '1 hour') AS same
    FROM messages_out
    WHERE msisdn = :msisdn AND class = 'reply' AND request_id IS NULL
      AND created_at > clock_timestamp() - interval '24 hours'
""")


class Allowance(Enum):
    """How many answers a number may get: in ten minutes by text, and in a day by either door."""

    STRANGER = (5, 1)
    """Somebody we do not know: whoever has their number sent must not be able to make us write."""
    KNOWN = (5, 20)
    PAGE = (10, 20)
    """Pages of the menu somebody walks by text, beside other answers: help takes six or more."""
    MEMBER = (20, 80)
    """Somebody who works by text: a day's work is many words of theirs, each to be answered."""

    @property
    def in_ten_minutes(self) -> int:
        """Answers to texts within ten minutes."""
        return self.value[0]

    @property
    def in_a_day(self) -> int:
        """Answers within 24 hours."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Budget:
    """The allowance of one answer."""

    allowance: Allowance
    is_error: bool = False
    """Whether the answer only says that we did not understand."""
    in_a_call: bool = False
    """Whether it was asked for on a screen. No machine answers those, and the network vouches for
    their number: only the day's allowance counts."""
    is_urgent: bool = False
    """Whom to call in an emergency: held back only when the same was sent again and again."""

    def allows(self, connection: Connection, msisdn: str, body: str) -> bool:
        """Say whether this answer may go out; what is withheld raises an alarm."""
        lock_number(connection, msisdn)
        is_page = self.allowance is Allowance.PAGE
        about = {"msisdn": msisdn, "body": body, "menu": f":{MENU}", "is_page": is_page}
        sent = connection.execute(COUNT, about).one()
        within = (
            sent.today < self.allowance.in_a_day
            and (self.in_a_call or sent.lately < self.allowance.in_ten_minutes)
        ) or self.is_urgent
        allowed: bool = within and sent.same < (
            ERRORS_IN_AN_HOUR if self.is_error else SAME_WORDS_IN_AN_HOUR
        )
        if not allowed and self.allowance is not Allowance.STRANGER:
            raise_alarm(connection, "replies_withheld", "numbers that text more than we answer")
        return allowed


def lock_number(connection: Connection, msisdn: str) -> None:
    """Let one number be served by one transaction at a time, until it ends."""
    key = int.from_bytes(hashlib.blake2b(msisdn.encode(), digest_size=8).digest(), signed=True)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
