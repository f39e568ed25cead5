"""`caunoi classes`: the coordinator's desk of courses, classes and who comes to them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from service.cli_class_changes import cancel, change, confirm, refuse, roll
from service.cli_class_people import export, invite, register, report
from service.cli_courses import courses
from service.cli_faults import read_list
from service.cli_faults import refuse as refuse_list
from service.cli_options import decided, operator

if TYPE_CHECKING:
    from service.village.class_entering import Entered

TEMPLATES = Path(__file__).resolve().parents[1] / "data" / "templates"
NO_CLASS = "There is no class {}: `caunoi classes list`."


@click.group()
def classes() -> None:
    """Courses, classes, who registered and who came."""


for one in (courses, change, cancel, confirm, refuse, invite, register, roll, export, report):
    classes.add_command(one)


@classes.command()
@click.option("--course", required=True, help="Code of the course.")
@click.option("--at", required=True, metavar="DAY HOUR", help='Like "2026-12-03 19:00".')
@click.option("--minutes", default=90, show_default=True, help="How long it lasts.")
@click.option("--hamlet", required=True, metavar="CODE|xa:CODE", help="Where it is held.")
@click.option("--place", required=True, help='The house: "nhà văn hóa".')
@click.option("--seats", required=True, type=int, help="How many people can come.")
@click.option("--teacher", default="", help="The teacher's name.")
@click.option("--teacher-phone", default="", help="From which the roll may be called.")
@click.option("--invite", multiple=True, metavar="CODE|xa:CODE", help="For whom; may be repeated.")
@click.option("--every", default="", help='For a series: day, week or "2 weeks".')
@click.option("--times", default=1, show_default=True, help="For a series: how many classes.")
@click.option("--dry-run", is_flag=True, help="Only say what would be entered.")
@decided
def add(by: str, *, dry_run: bool, invite: tuple[str, ...], **fields: str | int) -> None:
    """Enter a class, or a series of them."""
    from service.village.class_entering import one_class

    data = one_class({**{k: str(v) for k, v in fields.items()}, "invite": ";".join(invite)})
    entered = _entered(None, data, by, dry_run=dry_run)
    if entered.faults:
        for fault in entered.faults:
            click.echo(f"--{fault.field.replace('_', '-')}: {fault.reason}", err=True)
        sys.exit("No class is entered.")
    _say(entered, dry_run=dry_run)


@classes.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be entered.")
@decided
def load(file: Path, by: str, *, dry_run: bool) -> None:
    """Enter the classes of a list, all or nothing.

    The list is CSV or .xlsx; docs/classes.md has the columns.
    """
    from service.village.area_tables import MOST_BYTES

    entered = _entered(file, read_list(file, MOST_BYTES), by, dry_run=dry_run)
    if entered.faults:
        refuse_list(file, entered.faults)
    if not entered.rows:
        sys.exit("The list holds no rows; no class is entered.")
    _say(entered, dry_run=dry_run)


@classes.command("list")
@click.option("--commune", help="Official code of a commune: only what is held there.")
@click.option("--week", is_flag=True, help="Only the next seven days.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_classes(commune: str | None, *, week: bool, as_json: bool) -> None:
    """List what is ahead, and classes without a roll call."""
    from service.runtime import open_runtime
    from service.village.areas import find_area
    from service.village.class_listing import classes_ahead

    with open_runtime() as runtime, runtime.units.open() as unit:
        if commune and find_area(unit.session, f"xa:{commune}") is None:
            sys.exit(f"There is no commune {commune}.")
        found = classes_ahead(unit.session, commune, week=week)
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(str(one))
    if not found:
        click.echo("No class is ahead.")


@classes.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(number: int, *, as_json: bool) -> None:
    """Show a class with everybody in it and its history.

    NUMBER is the one people know it by.
    """
    from service.runtime import open_runtime
    from service.village.class_listing import class_called

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = class_called(unit.session, number)
    if found is None:
        sys.exit(NO_CLASS.format(number))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    for line in found.lines():
        click.echo(line)


@classes.command()
@click.argument("what", type=click.Choice(["courses", "classes", "registrations"]))
def template(what: str) -> None:
    """Print a list to fill in, with invented people."""
    click.echo((TEMPLATES / f"{what}.csv").read_text(encoding="utf-8"), nl=False)


def _entered(file: Path | None, data: bytes, by: str, *, dry_run: bool) -> Entered:
    from service.runtime import open_runtime
    from service.village.area_tables import ListRefused
    from service.village.class_entering import enter_classes

    with open_runtime() as runtime:
        try:
            return enter_classes(
                runtime.units, runtime.words, data, by=operator(by), dry_run=dry_run
            )
        except ListRefused as refused:
            _refused(file, refused)


def _refused(file: Path | None, refused: Exception) -> NoReturn:
    from service.village.area_tables import ListRefused

    assert isinstance(refused, ListRefused)
    if file is None:
        sys.exit(str(refused))
    refuse_list(file, refused.faults, refused.count)


def _say(entered: Entered, *, dry_run: bool) -> None:
    for line in entered.said():
        click.echo(line)
    if dry_run:
        click.echo("Nothing is entered: this was a dry run.")
