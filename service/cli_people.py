"""`caunoi pin` and `caunoi numbers`: what an operator does for people who stand at the counter."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from service.cli_options import decided, number_of, number_typed, operator

if TYPE_CHECKING:
    from service.text.phones import Msisdn
    from service.village.desk import Desk

NOBODY = "Nobody we know has this number."


@contextmanager
def _desk(msisdn: Msisdn, by: str) -> Iterator[Desk]:
    """Lend the desk of an operator's doing about a number; all of it is one transaction."""
    from service.runtime import open_runtime
    from service.village.desk import Desk

    with open_runtime() as runtime, runtime.units.open() as unit:
        yield Desk(
            unit=unit,
            words=runtime.words,
            msisdn=msisdn,
            channel="console",
            cause=f"operator:{uuid4()}",
            operator=operator(by),
        )


@click.group()
def pin() -> None:
    """Take away a PIN that was forgotten or locked."""


@pin.command()
@number_of
@decided
def reset(number: Msisdn, by: str) -> None:
    """Take a member's PIN away.

    They are told by SMS and choose a new one in a call.
    """
    from service.village import pins
    from service.village.teams import member_at

    with _desk(number, by) as desk:
        phone = desk.known_phone()
        person = member_at(desk.unit.session, phone, desk.speaker()) if phone else None
        if person is None:
            sys.exit("No member of a team has this number.")
        if not pins.reset(desk, person):
            sys.exit("There is no PIN to take away.")
    click.echo("Done. Whoever has the number can choose a new PIN in a call.")


@click.group()
def numbers() -> None:
    """Doubt or confirm that a number is still its owner's, or give somebody a new one."""


@numbers.command()
@number_of
@decided
def doubt(number: Msisdn, by: str) -> None:
    """Doubt that a number is still its owner's.

    Nothing of them is shown on it, and a member has no rights, until it is confirmed.
    """
    from service.village import doubts

    with _desk(number, by) as desk:
        phone = desk.known_phone()
        if phone is None:
            sys.exit(NOBODY)
        doubts.doubt(desk.unit.session, phone, by=desk.operator)
    click.echo("Done. Whoever calls from it is asked whether they are still the same.")


@numbers.command()
@number_of
@decided
def confirm(number: Msisdn, by: str) -> None:
    """Believe that a number is its owner's, having made sure of it."""
    from service.village import doubts

    with _desk(number, by) as desk:
        phone = desk.known_phone()
        if phone is None:
            sys.exit(NOBODY)
        doubts.confirm(desk.unit.session, phone, by=desk.operator)
    click.echo("Done. The number counts as its owner's again.")


@numbers.command()
@click.argument("old", callback=number_typed)
@click.argument("new", callback=number_typed)
@decided
def move(old: Msisdn, new: Msisdn, by: str) -> None:
    """Give whoever holds a number another one.

    Also a leader, which no leader can do; both numbers are told.
    """
    from service.records.people import Person
    from service.village.desk import phone_of
    from service.village.moving import Move, carry_out

    with _desk(old, by) as desk:
        phone, session = desk.known_phone(), desk.unit.session
        person = session.get(Person, phone.holder_id) if phone and phone.holder_id else None
        if phone is None or person is None:
            sys.exit(NOBODY)
        if old == new:
            sys.exit("That is the same number.")
        carry_out(desk, Move(person, phone, phone_of(desk.unit, new)), by=desk.operator)
    click.echo("Done. What was under way follows to the new number.")
