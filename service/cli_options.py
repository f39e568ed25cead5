"""What commands share that change something: who decides it, whose number it is, asking first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.text.phones import Msisdn


def _somebody(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    if name is not None and not name.strip():
        raise click.BadParameter("say who decides this")
    return " ".join(name.split()) if name else name


def number_typed(
    _context: click.Context, _option: click.Parameter, typed: str | None
) -> Msisdn | None:
    """Return the number somebody typed, if they typed one; end with a sentence when it is none."""
    from service.text.phones import InvalidNumber, parse

    if typed is None:
        return None
    try:
        return parse(typed)
    except InvalidNumber as fault:
        raise click.BadParameter(str(fault)) from None


decided = click.option("--by", required=True, callback=_somebody, help="Who decides this.")
decided_if = click.option("--by", callback=_somebody, help="Who decides this.")
number_of = click.argument("number", callback=number_typed)
sure = click.option("--yes", is_flag=True, help="Do not ask whether to.")


def operator(by: str) -> str:
    """Return how the audit names who acts from the command line."""
    return f"operator {by}"


def ask_first(question: str, *, yes: bool) -> None:
    """Ask whether to, unless that was said already; end where the answer is no."""
    if not yes and not click.confirm(question):
        sys.exit("Nothing is changed.")
