"""Guessing gets slow: after some wrong tries for a name, or from an address, the next must wait.

Nobody is shut out for good, and a name that does not exist waits like one that does. Who got in
from an address lately is not made to wait there by what others try elsewhere: else whoever knows a
name could keep its owner out for as long as they go on trying.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20
"""Wrong tries that cost no wait; an office has one address for many people."""
FIRST_WAIT = 10.0
LONGEST_BY_NAME, LONGEST_BY_ADDRESS = 900.0, 60.0

QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended('sign in ' || :name, 0))")
FORGET = text("""
    DELETE FROM sign_in_tries
    WHERE at < clock_timestamp() - interval '1 day'
      AND (NOT succeeded OR at < clock_timestamp() - interval '14 days')
""")
WRONG = text("""
    WITH own AS (
        SELECT * FROM sign_in_tries
        WHERE name_digest = :name
          AND (address = :address
               OR NOT EXISTS (SELECT FROM sign_in_tries
                              WHERE name_digest = :name AND address = :address AND succeeded)))
    SELECT (SELECT count(*) FROM own WHERE NOT succeeded
              AND at > coalesce((SELECT max(at) FROM own WHERE succeeded), '-infinity')) AS named,
           (SELECT extract(epoch FROM clock_timestamp() - max(at))::float FROM own
            WHERE NOT succeeded) AS name_ago,
           (SELECT count(*) FROM sign_in_tries WHERE address = :address AND NOT succeeded
              AND at > clock_timestamp() - interval '1 hour') AS there,
           (SELECT extract(epoch FROM clock_timestamp() - max(at))::float FROM sign_in_tries
            WHERE address = :address AND NOT succeeded) AS address_ago
""")
BEGIN = text("""
    INSERT INTO sign_in_tries (name_digest, address) VALUES (:name, :address) RETURNING id
""")
SUCCEED = text("UPDATE sign_in_tries SET succeeded = true WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Try:
    """A try that may go on (`id`), or how many seconds it has to wait."""

    id: int | None
    wait: int = 0
    wrong_before: int = 0


def begin_try(connection: Connection, name_digest: str, address: str) -> Try:
    """Count a try as wrong before anything is compared, unless it must wait.

    To be committed before the comparing: tries at the same moment count each other.
    """
    both = {"name": name_digest, "address": address}
    connection.execute(QUEUE, {"name": name_digest})
    connection.execute(FORGET)
    wrong = connection.execute(WRONG, both).one()
    wait = max(
        _wait(wrong.named - FREE_BY_NAME, LONGEST_BY_NAME) - (wrong.name_ago or 0),
        _wait(wrong.there - FREE_BY_ADDRESS, LONGEST_BY_ADDRESS) - (wrong.address_ago or 0),
    )
    if wait > 0:
        return Try(None, wait=int(wait) + 1, wrong_before=wrong.named)
    return Try(connection.execute(BEGIN, both).scalar_one(), wrong_before=wrong.named)


def succeed(connection: Connection, attempt: Try) -> None:
    """Say that a try was right: those before it for the name no longer count."""
    connection.execute(SUCCEED, {"id": attempt.id})


def _wait(too_many: int, longest: float) -> float:
    """Seconds from the last wrong try to the next: 10, 20, 40 and so on."""
    return 0.0 if too_many < 0 else min(FIRST_WAIT * 2.0 ** min(too_many, 20), longest)
