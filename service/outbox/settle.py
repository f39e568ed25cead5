"""Writes down what became of an attempt. Evidence always counts, however late it comes.

A worker that was paused longer than its lease may come back with an answer after others have
concluded "unknown": its word that the carrier took the message beats that conclusion, and its
word that the carrier certainly did not frees the message again, as long as it is the last word.

Locks are taken in one order everywhere, so that nobody waits in a circle: report ids, then
messages by id, then their attempts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, text

from service.carriers.base import (
    Accepted,
    Answer,
    Fault,
    OutcomeUnknown,
    SendError,
    Throttled,
    Unreachable,
)

from .brakes import taken_again
from .claim import Begun
from .classes import RULES, Resend
from .identity import ADOPTED, give_id
from .ladder import BEFORE_ACCEPTED
from .reports import lock_report_ids, match_attempt

MOST_STRIKES = 5
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=30)

LOCK_MESSAGES = text("""
    SELECT id FROM messages_out WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
""")

CLOSE_ATTEMPT = text("""
    UPDATE attempts
    SET outcome = :outcome, code = :code, detail = :detail, finished_at = clock_timestamp()
    WHERE message_id = :id AND no = :no AND outcome IN ('open', 'unknown')
    RETURNING id
""")

ATTEMPT = text("""
    SELECT id, carrier_message_id FROM attempts WHERE message_id = :id AND no = :no
""")

ACCEPT_ATTEMPT = text("""
    UPDATE attempts
    SET outcome = 'accepted', cost = :cost, code = NULL, finished_at = clock_timestamp()
    WHERE id = :attempt_id AND (outcome IN ('open', 'unknown') OR code = :adopted)
    RETURNING id
""")

ACCEPT_MESSAGE = text("""
    UPDATE messages_out
    SET state = 'accepted', token = NULL, lease_until = NULL, code = NULL,
        changed_at = clock_timestamp()
    WHERE id = :id AND state = ANY(:before)
""")

# Both statements below touch the message only while it waits for the word on this very attempt,
# and say nothing final while an earlier attempt may have got through.
REFUSE_MESSAGE = text("""
    UPDATE messages_out AS m
    SET state = CASE WHEN EXISTS (SELECT FROM attempts a WHERE a.message_id = m.id
                                  AND a.outcome IN ('open', 'unknown'))
                     THEN 'unknown' ELSE 'rejected' END,
        code = :code, token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    WHERE m.id = :id
      AND ((m.state = 'sending' AND m.token = :token) OR (m.state = 'unknown' AND m.attempts = :no))
""")

# Only `most` strikes end it: a carrier that is away for a while is no fault of the message, which
# is then tried ever more slowly until it is no longer worth sending.
NOT_TAKEN_MESSAGE = text("""
    UPDATE messages_out AS m
    SET state = CASE WHEN m.strikes + :strike < :most OR NOT :its_own THEN 'queued'
                     WHEN EXISTS (SELECT FROM attempts a WHERE a.message_id = m.id
                                  AND a.outcome IN ('open', 'unknown')) THEN 'unknown'
                     ELSE 'failed' END,
        strikes = least(m.strikes + :strike, CASE WHEN :its_own THEN :most ELSE :most - 1 END),
        due_at = clock_timestamp() + (0.8 + 0.4 * random()) * least(
            :longest, :first * power(2, CASE WHEN :strike = 0 THEN 0 ELSE m.strikes END)),
        code = :code, token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    WHERE m.id = :id
      AND ((m.state = 'sending' AND m.token = :token) OR (m.state = 'unknown' AND m.attempts = :no))
""")

DOUBT_MESSAGE = text("""
    UPDATE messages_out AS m
    SET state = CASE WHEN :at_once AND m.resends = 0 THEN 'queued' ELSE 'unknown' END,
        resends = m.resends + CASE WHEN :at_once AND m.resends = 0 THEN 1 ELSE 0 END,
        due_at = CASE WHEN :at_once AND m.resends = 0 THEN clock_timestamp() + interval '2 seconds'
                      ELSE m.due_at END,
        code = :code, token = NULL, lease_until = NULL, changed_at = clock_timestamp()
    WHERE m.id = :id AND m.state = 'sending' AND m.token = :token
""")


def settle(connection: Connection, carrier: str, answers: Mapping[Begun, Answer]) -> None:
    """Write down one call's answers, one per message, in the caller's transaction.

    Doing it again changes nothing: a commit whose outcome is not known may be repeated.
    """
    ids = [answer.id for answer in answers.values() if isinstance(answer, Accepted)]
    lock_report_ids(connection, carrier, ids)
    connection.execute(LOCK_MESSAGES, {"ids": [begun.message.id for begun in answers]})
    for begun, answer in answers.items():
        if isinstance(answer, Accepted):
            _accepted(connection, carrier, begun, answer)
        else:
            _not_accepted(connection, begun, answer)
    if ids:
        taken_again(connection, carrier)


def _accepted(connection: Connection, carrier: str, begun: Begun, answer: Accepted) -> None:
    """The carrier has it: reports that were faster than this answer count now."""
    found = {"id": begun.message.id, "no": begun.no}
    attempt = connection.execute(ATTEMPT, found).one()
    closed = {"attempt_id": attempt.id, "cost": answer.cost, "adopted": ADOPTED}
    if connection.execute(ACCEPT_ATTEMPT, closed).one_or_none() is None:
        return
    give_id(connection, carrier, attempt.id, before=attempt.carrier_message_id, its_id=answer.id)
    before = [str(state) for state in BEFORE_ACCEPTED]
    connection.execute(ACCEPT_MESSAGE, {"id": begun.message.id, "before": before})
    match_attempt(
        connection, carrier, answer.id, attempt_id=attempt.id, message_id=begun.message.id
    )


def _not_accepted(connection: Connection, begun: Begun, error: SendError) -> None:
    unknown = isinstance(error, OutcomeUnknown)
    refused = error.fault is Fault.RECIPIENT
    outcome = "unknown" if unknown else "refused" if refused else "not_taken"
    here = {"id": begun.message.id, "no": begun.no, "token": begun.message.token}
    closed = connection.execute(
        CLOSE_ATTEMPT, {**here, "outcome": outcome, "code": error.code, "detail": error.detail}
    ).scalar_one_or_none()
    if closed is None:
        return
    if unknown:
        _doubt(connection, begun, error.code)
    elif refused:
        connection.execute(REFUSE_MESSAGE, {**here, "code": error.code})
    else:
        connection.execute(
            NOT_TAKEN_MESSAGE,
            {
                **here,
                "code": error.code,
                "strike": 0 if error.fault is Fault.ACCOUNT else 1,
                "its_own": not isinstance(error, Unreachable | Throttled),
                "most": MOST_STRIKES,
                "first": FIRST_BACKOFF,
                "longest": LONGEST_BACKOFF,
            },
        )


def _doubt(connection: Connection, begun: Begun, code: str) -> None:
    """Nobody knows whether it left: keep it as unknown, or send again where the class says so."""
    rules = RULES[begun.message.message_class]
    connection.execute(
        DOUBT_MESSAGE,
        {
            "id": begun.message.id,
            "token": begun.message.token,
            "code": code,
            "at_once": rules.resend is Resend.AT_ONCE,
        },
    )
