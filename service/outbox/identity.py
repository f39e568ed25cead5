"""Which attempt a carrier's message id belongs to: its answer says so, a stray report only hints.

Where several attempts were settled by stray reports, an id may have been given to the wrong one of
them. An answer that comes after all puts that right; otherwise its reports would stay behind as
strays of nobody, and be taken for another message's one day.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from .reports import lock_report_ids

ADOPTED = "adopted"
"""The code of an attempt that is known to have been taken by a stray report only."""

HOLDER = text("""
    SELECT id, code FROM attempts
    WHERE carrier = :carrier AND carrier_message_id = :its_id AND id <> :attempt_id
""")

PUT_DOWN = text("UPDATE attempts SET carrier_message_id = NULL WHERE id = :holder")

TAKE = text("UPDATE attempts SET carrier_message_id = :its_id WHERE id = :attempt_id")

IN_DOUBT_AGAIN = text("""
    UPDATE attempts SET outcome = 'unknown', code = 'worker_lost' WHERE id = :holder
""")

MOVE_REPORTS = text("""
    UPDATE receipts SET attempt_id = :to WHERE carrier = :carrier AND carrier_message_id = :its_id
""")


def give_id(
    connection: Connection, carrier: str, attempt_id: int, *, before: str | None, its_id: str
) -> None:
    """Give an attempt the id the carrier's answer names; the caller holds the lock on that id.

    `before` is the id it was adopted under, if it was. Another attempt that was adopted under
    this id gets that one in exchange, or is in doubt again. An id that another answer named
    already stays where it is: the carrier gave it twice.
    """
    if its_id == before:
        return
    holder = connection.execute(
        HOLDER, {"carrier": carrier, "its_id": its_id, "attempt_id": attempt_id}
    ).one_or_none()
    if holder is not None and holder.code != ADOPTED:
        return
    if holder is not None:
        connection.execute(PUT_DOWN, {"holder": holder.id})
    connection.execute(TAKE, {"attempt_id": attempt_id, "its_id": its_id})
    connection.execute(MOVE_REPORTS, {"carrier": carrier, "its_id": its_id, "to": attempt_id})
    if before is not None:
        lock_report_ids(connection, carrier, [before])
        heir = holder.id if holder is not None else None
        if heir is not None:
            connection.execute(TAKE, {"attempt_id": heir, "its_id": before})
        connection.execute(MOVE_REPORTS, {"carrier": carrier, "its_id": before, "to": heir})
    elif holder is not None:
        connection.execute(IN_DOUBT_AGAIN, {"holder": holder.id})
