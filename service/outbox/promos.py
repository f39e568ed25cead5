"""What the law asks of advertising, whoever puts it into the outbox (Decree 91/2020, art. 13-18).

Only to a number whose owner has agreed to advertising and that is not on the national do-not-call
list; named as such at its beginning; telling at its end how to refuse; at most three to a number in
any 24 hours, by day. What is too many waits.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from .budget import lock_number

LABEL = "[QC] "
MOST_IN_A_DAY = 3
REFUSAL = re.compile(r"\bTC\b[^\n]{0,20}$")
"""The end of "Tu choi: soan TC gui 8499."."""
BATCH = 500

HAS_CONSENTED = text("""
    SELECT coalesce((SELECT given FROM consents
                     WHERE phone_id = :phone_id AND kind = 'promo' ORDER BY id DESC LIMIT 1), false)
""")

# What is on its way counts, and what left in the last 24 hours, whenever it was put.
ON_ITS_WAY = text("""
    SELECT count(*) FROM messages_out m
    WHERE m.msisdn = :msisdn AND m.class = 'promo'
      AND (m.state IN ('queued', 'leased', 'sending')
           OR EXISTS (SELECT FROM attempts a
                      WHERE a.message_id = m.id
                        AND a.started_at > clock_timestamp() - interval '24 hours'))
""")

ON_THE_LIST = text("""
    SELECT EXISTS (SELECT FROM suppressions WHERE digest = :digest AND kind = 'advertising')
""")

HELD = text("""
    SELECT id, msisdn FROM messages_out
    WHERE class = 'promo' AND state = 'held' AND code = 'promo_cap'
    ORDER BY msisdn, id LIMIT :batch
""")

RELEASE = text("""
    UPDATE messages_out
    SET state = 'queued', code = NULL, due_at = clock_timestamp(),
        valid_until = clock_timestamp() + (valid_until - due_at), changed_at = clock_timestamp()
    WHERE id = :id AND state = 'held' AND code = 'promo_cap'
""")


class NotAllowed(Exception):
    """Advertising that the law forbids to send; says which rule it breaks."""


def check(connection: Connection, body: str, phone_id: int | None, digest: str | None) -> None:
    """Raise NotAllowed for advertising that must not be sent to this phone, or not so worded."""
    if not body.startswith(LABEL):
        raise NotAllowed(f"advertising begins with {LABEL!r}")
    if not REFUSAL.search(body):
        raise NotAllowed("advertising ends with how to refuse it (TC)")
    if not connection.execute(HAS_CONSENTED, {"phone_id": phone_id}).scalar_one():
        raise NotAllowed("this phone has not agreed to advertising")
    if connection.execute(ON_THE_LIST, {"digest": digest}).scalar_one():
        raise NotAllowed("this number is on the national do-not-call list")


def is_too_many(connection: Connection, msisdn: str) -> bool:
    """Say whether a number has had all the advertising of 24 hours; two at once take turns."""
    lock_number(connection, msisdn)
    on_its_way = connection.execute(ON_ITS_WAY, {"msisdn": msisdn}).scalar_one()
    return bool(on_its_way >= MOST_IN_A_DAY)


def release_held(connection: Connection) -> int:
    """Queue what was held for its day, oldest first, as far as its number may have more.

    What an operator holds stays held. Return how many were queued.
    """
    released = 0
    for row in connection.execute(HELD, {"batch": BATCH}).all():
        if not is_too_many(connection, row.msisdn):
            released += connection.execute(RELEASE, {"id": row.id}).rowcount
    return released
