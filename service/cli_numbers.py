"""`caunoi do-not-call`: loads the national list of numbers that may get no advertising."""

from __future__ import annotations

from pathlib import Path

import click

from service.cli_faults import read_list, refuse


@click.group("do-not-call")
def do_not_call() -> None:
    """Load the national list of numbers that may get no advertising."""


@do_not_call.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--whole", is_flag=True, help="The file is all of the list: take others off it.")
def load(file: Path, *, whole: bool) -> None:
    """Load a file of one number a line, all of it or nothing."""
    from service.runtime import open_runtime
    from service.village.area_tables import ListRefused
    from service.village.do_not_call import MOST_BYTES, load_numbers, read_numbers

    try:
        numbers = read_numbers(read_list(file, MOST_BYTES))
    except ListRefused as refused:
        refuse(file, refused.faults, refused.count)
    with open_runtime() as runtime, runtime.units.open() as unit:
        key = runtime.settings.secret_key.get_secret_value()
        loaded = load_numbers(unit.session, key, numbers, whole=whole)
    click.echo(f"{loaded.on_it} numbers are on the list: {loaded.new} new, {loaded.gone} gone.")
    if loaded.cancelled:
        click.echo(f"{loaded.cancelled} waiting advertisements are cancelled.")
