"""`caunoi areas`: loads lists of places, shows them, finds them as a phone does, prints cards."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli_faults import read_list, refuse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from service.village.area_changes import Plan
    from service.village.area_rows import Province

TEMPLATES = Path(__file__).resolve().parents[1] / "data" / "templates"
LISTS = ("communes", "old-names", "hamlets")
NO_HAMLET = "No hamlet of a commune {} is loaded."


@click.group()
def areas() -> None:
    """Load, show and find the communes and hamlets."""


@areas.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--what", type=click.Choice(LISTS), default="hamlets", show_default=True)
@click.option("--province", help="With communes: the two digits of their province.")
@click.option("--province-name", help='With communes: its title and name, like "Tỉnh Cao Bằng".')
@click.option("--source", help="Where the list comes from; without it, the file's name is kept.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--retire", is_flag=True, help="Make hamlets inactive that the list has no more.")
def load(
    file: Path,
    what: str,
    province: str | None,
    province_name: str | None,
    source: str | None,
    *,
    dry_run: bool,
    retire: bool,
) -> None:
    """Load a CSV list of places, all or nothing.

    docs/areas.md has the columns.
    """
    from service.runtime import open_runtime
    from service.village.area_tables import MOST_BYTES, ListRefused

    _check_fit(what, province or province_name, retire=retire)
    named = _province(province, province_name) if what == "communes" else None
    data = read_list(file, MOST_BYTES)
    with open_runtime() as runtime, runtime.units.open() as unit:
        try:
            plan = _load(
                unit.session,
                data,
                what,
                named,
                source=source or file.name,
                dry_run=dry_run,
                retire=retire,
            )
        except ListRefused as refused:
            refuse(file, refused.faults, refused.count)
        if plan.faults:
            refuse(file, plan.faults)
    for line in plan.said():
        click.echo(line)
    if dry_run:
        click.echo("Nothing is loaded: this was a dry run.")


def _check_fit(what: str, province: str | None, *, retire: bool) -> None:
    if retire and what != "hamlets":
        raise click.UsageError("--retire is for hamlets only")
    if what != "communes" and province:
        raise click.UsageError("--province and --province-name go with --what communes")


def _province(code: str | None, name: str | None) -> Province:
    from service.village.area_rows import named_province

    if not (code and name):
        raise click.UsageError("communes need --province and --province-name")
    try:
        return named_province(code, name)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _load(
    session: Session,
    data: bytes,
    what: str,
    province: Province | None,
    *,
    source: str,
    dry_run: bool,
    retire: bool,
) -> Plan:
    from service.village.commune_lists import load_communes, load_old_names
    from service.village.hamlet_lists import load_hamlets

    if province is not None:
        plan = load_communes(session, data, province, source=source, dry_run=dry_run)
    elif what == "old-names":
        plan = load_old_names(session, data, source=source, dry_run=dry_run)
    else:
        plan = load_hamlets(session, data, source=source, dry_run=dry_run, retire=retire)
    if not (plan.changes or plan.faults):
        sys.exit("The list holds no rows; nothing is loaded.")
    return plan


@areas.command("list")
@click.option("--commune", help="Official code of a commune: list its hamlets.")
def list_areas(commune: str | None) -> None:
    """List the communes, or the hamlets of one."""
    from service.runtime import open_runtime
    from service.village.area_listing import commune_lines, hamlet_lines

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = hamlet_lines(unit.session, commune) if commune else commune_lines(unit.session)
        lines = list(found)
    if not lines:
        sys.exit(NO_HAMLET.format(commune) if commune else "No commune is loaded: `caunoi seed`.")
    for line in lines:
        click.echo(line)


@areas.command()
@click.argument("words", nargs=-1, required=True)
def find(words: tuple[str, ...]) -> None:
    """Find places as a villager's phone would list them."""
    from service.dialogue.texts import DEFAULT_LANGUAGE
    from service.runtime import open_runtime
    from service.village.finding import find as find_places
    from service.village.place_labels import sighting_lines

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = find_places(unit.session, " ".join(words))
        texts = runtime.menus.texts
        lines = sighting_lines(
            found.sightings, lambda key, values: texts.say(key, DEFAULT_LANGUAGE, values)
        )
    for line in lines:
        click.echo(f"{line.value:<12} {line.label}")
    if found.more:
        click.echo("There are more: type more letters.")
    elif not lines:
        sys.exit("Nothing has that name.")


@areas.command()
@click.option("--commune", required=True, help="Official code of the commune.")
def cards(commune: str) -> None:
    """Print the hamlet codes of a commune, to hand to leaders (CSV)."""
    from service.runtime import open_runtime
    from service.village.area_listing import cards_of

    with open_runtime() as runtime, runtime.units.open() as unit:
        rows = cards_of(unit.session, commune)
    if not rows:
        sys.exit(NO_HAMLET.format(commune))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("code", "hamlet", "commune"))
    writer.writerows(rows)


@areas.command()
@click.argument("what", type=click.Choice(LISTS))
def template(what: str) -> None:
    """Print a list to fill in, with invented places."""
    click.echo((TEMPLATES / f"{what}.csv").read_text(encoding="utf-8"), nl=False)
