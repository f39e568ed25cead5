"""What only a run under kill -9 showed, kept as small tests."""

from __future__ import annotations

from uuid import uuid4

from service.carriers.base import Report
from service.outbox.adopt import adopt_strays
from service.outbox.put import Message, put
from service.outbox.reports import take_report
from service.records.messages import MessageClass
from service.text.phones import Msisdn
from tests.village import World

ONE, OTHER = Msisdn("+84900000101"), Msisdn("+84900000102")
CARRIER = "africastalking"


def doubtful(world: World, key: str, to: Msisdn, attempts: int) -> int:
    """A message that was handed over, answers getting lost each time."""
    with world.runtime.units.open() as unit:
        its_id = put(unit, Message(key, MessageClass.ALERT, to, f"Tin thu {key}"))
    world.do(
        "UPDATE messages_out SET state = 'unknown', attempts = :n WHERE id = :id",
        n=attempts, id=its_id,
    )  # fmt: skip
    for no in range(1, attempts + 1):
        world.do(
            """
            INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome, code)
            VALUES (:id, :no, :token, :carrier, :to, 'unknown', 'outcome_unknown')
            """,
            id=its_id, no=no, token=uuid4(), carrier=CARRIER, to=to,
        )  # fmt: skip
    assert its_id is not None
    return its_id


def reported(world: World, to: Msisdn, *, rank: int = 4) -> None:
    """A report about an id nobody knows, some time after the attempts."""
    with world.engine.begin() as connection:
        take_report(connection, CARRIER, Report(f"id-{uuid4()}", to, "Success", rank))
    world.do("UPDATE attempts SET started_at = started_at - interval '20 seconds'")
    world.do("UPDATE receipts SET received_at = received_at - interval '10 seconds'")


def state(world: World, its_id: int) -> str:
    return world.one("SELECT state FROM messages_out WHERE id = :id", id=its_id).state


def test_one_report_settles_a_message_that_was_doubtful_twice(world: World) -> None:
    """Sent again at once, doubtful again, one copy reported: whichever it was, she has it."""
    its_id = doubtful(world, "a", ONE, attempts=2)
    reported(world, ONE)
    assert adopt_strays(world.engine) == 1
    assert state(world, its_id) == "delivered"


def test_one_report_settles_neither_of_two_doubtful_messages(world: World) -> None:
    """A report names a number, not a message: to guess could leave somebody without a word."""
    first, second = (doubtful(world, key, OTHER, attempts=1) for key in "ab")
    reported(world, OTHER)
    assert adopt_strays(world.engine) == 0
    assert {state(world, first), state(world, second)} == {"unknown"}
