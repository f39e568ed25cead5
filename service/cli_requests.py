"""`caunoi requests`: which requests nobody has taken, and moving one up by hand."""

from __future__ import annotations

import sys
from datetime import datetime

import click


@click.group("requests")
def requests() -> None:
    """See which requests nobody has taken, and move one up its ladder."""


@requests.command("waiting")
def list_waiting() -> None:
    """List those nobody has taken, the longest waiting first."""
    from service.runtime import open_runtime
    from service.village.open_requests import waiting

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = waiting(unit.session)
    if not found:
        click.echo("Every request has somebody.")
        return
    click.echo(f"{'no.':<6}{'topic':<11}{'place':<28}{'asked':<13}{'now with':<12}next step")
    for one in found:
        click.echo(
            f"{one.number:<6}{one.topic:<11}{one.place[:26]:<28}{_moment(one.opened_at):<13}"
            f"{one.party:<12}{_moment(one.due_at)}"
        )


@requests.command("move-up")
@click.argument("number", type=click.IntRange(1000, 99999))
@click.option("--by", required=True, help="Who decides this.")
def move_up(number: int, by: str) -> None:
    """Tell the next on the ladder of a request now.

    NUMBER is the one the villager knows it by.
    """
    from service.runtime import open_runtime
    from service.village.open_requests import move_up_now

    if not by.strip():
        raise click.BadParameter("say who decides this", param_hint="--by")
    with open_runtime() as runtime:
        moved = move_up_now(runtime.units, runtime.words, number, by)
    if not moved:
        sys.exit(f"No request {number} waits for somebody, or nobody is left to be told.")
    click.echo("The next on its ladder are told.")


def _moment(moment: datetime | None) -> str:
    """Return a moment by Vietnam's clock, short."""
    from service.text.local_time import in_vietnam

    return in_vietnam(moment).strftime("%d/%m %H:%M") if moment else "-"
