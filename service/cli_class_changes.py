"""`caunoi classes change`, `cancel`, `confirm`, `refuse`: what is done to a class that is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from service.cli_options import ask_first, decided, number_typed, operator, sure

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from service.records.areas import Area
    from service.records.trainings import Training
    from service.runtime import Runtime
    from service.text.phones import Msisdn

NO_CLASS = "There is no class {}: `caunoi classes list`."
NOT_PROPOSED = "Class {} is not proposed, or its time is past."


def training_called(session: Session, number: int) -> Training:
    """Return the class people call by a number; end with a sentence when there is none."""
    from service.village.trainings import training_by_number

    training = training_by_number(session, number)
    if training is None:
        sys.exit(NO_CLASS.format(number))
    return training


def place_called(session: Session, code: str) -> Area:
    """Return the place of a code; end with a sentence when there is none."""
    from service.village.areas import find_area

    area = find_area(session, code.lower())
    if area is None:
        sys.exit(f"There is no place {code}.")
    return area


def _moment(_context: click.Context, _option: click.Parameter, typed: str | None) -> object:
    from service.text.class_moments import parse_moment

    try:
        return parse_moment(typed) if typed else None
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


@click.command()
@click.argument("number", type=int)
@click.option("--at", "starts_at", callback=_moment, metavar="DAY HOUR", help="Another time.")
@click.option("--minutes", type=click.IntRange(15, 720), help="How long it lasts.")
@click.option("--hamlet", metavar="CODE|xa:CODE", help="Where it is held.")
@click.option("--place", help="The house.")
@click.option("--seats", type=click.IntRange(0, 500), help="More or fewer seats.")
@click.option("--teacher", help="The teacher's name.")
@click.option("--teacher-phone", callback=number_typed, help="From which the roll may be called.")
@sure
@decided
def change(
    number: int,
    *,
    starts_at: datetime | None,
    minutes: int | None,
    hamlet: str | None,
    place: str | None,
    seats: int | None,
    teacher: str | None,
    teacher_phone: Msisdn | None,
    by: str,
    yes: bool,
) -> None:
    """Change a class.

    Says first how many people are told, and who loses a seat; then asks whether to.
    """
    from service.village import class_keeping

    with _desk() as runtime:
        with runtime.units.open() as unit:
            training = training_called(unit.session, number)
            wish = class_keeping.Wish(
                starts_at=starts_at,
                minutes=minutes,
                place=" ".join(place.split()) if place is not None else None,
                area=place_called(unit.session, hamlet) if hamlet else None,
                seats=seats,
                teacher=teacher,
                teacher_phone=teacher_phone,
            )
            if wish == class_keeping.Wish():
                raise click.UsageError("say what is to be another")
            ahead = class_keeping.outlook(unit.session, training, wish)
        click.echo(f"{ahead.people} people have a place or wait. {ahead.said()}")
        ask_first(f"Change class {number}?", yes=yes)
        class_keeping.change(runtime.units, runtime.words, training.id, wish, operator(by))
    click.echo(f"Done: `caunoi classes show {number}`.")


@click.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; kept in its history.")
@sure
@decided
def cancel(number: int, reason: str, by: str, *, yes: bool) -> None:
    """Cancel a class and tell everybody who registered."""
    from service.village import class_keeping

    with _desk() as runtime:
        with runtime.units.open() as unit:
            training = training_called(unit.session, number)
            nothing = class_keeping.Wish()
            ahead = class_keeping.outlook(unit.session, training, nothing)
        click.echo(f"{ahead.people} people have a place or wait; they are told.")
        ask_first(f"Cancel class {number}?", yes=yes)
        told = class_keeping.cancel(runtime.units, runtime.words, training.id, reason, operator(by))
    click.echo(f"Cancelled; {told} people are told.")


@click.command()
@click.argument("number", type=int)
@decided
def confirm(number: int, by: str) -> None:
    """Hold a class that was proposed, and tell who proposed it."""
    from service.village.class_audit import note_done
    from service.village.class_proposals import confirm as hold

    with _desk() as runtime, runtime.units.open() as unit:
        training = training_called(unit.session, number)
        if not hold(unit, runtime.words, training):
            sys.exit(NOT_PROPOSED.format(number))
        note_done(unit.session, training, operator(by), "class_confirmed")
    click.echo(f"Class {number} is open. Invite people: `caunoi classes invite {number}`.")


@click.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; told to whoever proposed it.")
@decided
def refuse(number: int, reason: str, by: str) -> None:
    """Refuse a class that was proposed, and tell who proposed it why."""
    from service.village.class_audit import note_done
    from service.village.class_proposals import refuse as decline

    with _desk() as runtime, runtime.units.open() as unit:
        training = training_called(unit.session, number)
        if not decline(unit, runtime.words, training, " ".join(reason.split())):
            sys.exit(NOT_PROPOSED.format(number))
        note_done(unit.session, training, operator(by), "class_refused", reason=reason)
    click.echo(f"Class {number} is refused.")


@click.command()
@click.argument("number", type=int)
@click.argument("who", nargs=-1)
@decided
def roll(number: int, who: tuple[str, ...], by: str) -> None:
    """Number the list of a class, or write down who came.

    WHO is as in a text: 1 4 7, or 1-5, or "tat ca tru 3", or "1-5 them 0912345678 Nong Thi Lan".
    """
    from service.village.class_rolls import roll_at_desk

    with _desk() as runtime:
        with runtime.units.open() as unit:
            training = training_called(unit.session, number)
        words = " ".join(who)
        rolled = roll_at_desk(runtime.units, runtime.words, training.id, words, operator(by))
    for line in rolled.lines:
        click.echo(line)
    click.echo(rolled.noted or f"{len(rolled.lines)} people are on the list.")


@contextmanager
def _desk() -> Iterator[Runtime]:
    """Lend the runtime; what cannot be done is a sentence."""
    from service.runtime import open_runtime
    from service.village.class_keeping import CannotChange

    with open_runtime() as runtime:
        try:
            yield runtime
        except CannotChange as fault:
            sys.exit(str(fault))
