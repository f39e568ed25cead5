"""How many answers one number may get, so that nobody can be bombed or looped through us.

Whoever can post to our callbacks could make us text a victim, and two machines that answer each
other never stop by themselves. Only direct answers are counted against; what a team member's doing
causes (somebody took your request) is not an answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, text

from .alarms import raise_alarm

IN_TEN_MINUTES = 5
IN_A_DAY = 20
STRANGER_IN_A_DAY = 1
SAME_WORDS_IN_AN_HOUR = 3
ERRORS_IN_AN_HOUR = 2

COUNT = text("""
    SELECT count(*) FILTER (WHERE created_at > clock_timestamp() - interval '10 minutes'
                            AND NOT starts_with(idem_key, 'ussd:')) AS lately,
           count(*) AS today,
           count(*) FILTER (WHERE body = :body
                            AND created_at > clock_timestamp() - interval '1 hour') AS same
    FROM messages_out
    WHERE msisdn = :msisdn AND class = 'reply'
      AND created_at > clock_timestamp() - interval '24 hours'
""")


@dataclass(frozen=True, slots=True)
class Budget:
    """The allowance of one answer."""

    known: bool
    """Whether the number belongs to somebody we know; a stranger gets one answer a day."""
    is_error: bool
    """Whether the answer only says that we did not understand."""
    in_a_call: bool = False
    """Whether it was asked for on a screen. No machine answers those, and the network vouches for
    their number: only the day's allowance counts."""

    def allows(self, connection: Connection, msisdn: str, body: str) -> bool:
        """Say whether this answer may go out; what is withheld raises an alarm."""
        lock_number(connection, msisdn)
        sent = connection.execute(COUNT, {"msisdn": msisdn, "body": body}).one()
        allowed: bool = (
            sent.today < (IN_A_DAY if self.known else STRANGER_IN_A_DAY)
            and (self.in_a_call or sent.lately < IN_TEN_MINUTES)
            and sent.same < (ERRORS_IN_AN_HOUR if self.is_error else SAME_WORDS_IN_AN_HOUR)
        )
        if not allowed and self.known:
            raise_alarm(connection, "replies_withheld", "numbers that text more than we answer")
        return allowed


def lock_number(connection: Connection, msisdn: str) -> None:
    """Let one number be served by one transaction at a time, until it ends."""
    key = int.from_bytes(hashlib.blake2b(msisdn.encode(), digest_size=8).digest(), signed=True)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
