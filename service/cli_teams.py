"""`caunoi teams`: enters the teams, shows them and their gaps, fills the rota."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from service.cli_faults import read_list, refuse

TEMPLATES = Path(__file__).resolve().parents[1] / "data" / "templates"
CONSENT = """\
--consent-held-by: say who can show that the members agreed to be on this list (an office or a
person). It is kept with each who is new. docs/teams.md has what they must have agreed to."""


@click.group()
def teams() -> None:
    """Enter the teams, show them and their gaps, fill the rota."""


@teams.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--consent-held-by", metavar="WHO", default="", help="Who has the members' consent.")
@click.option("--replace", metavar="TEAM|all", multiple=True, help="Others leave this team.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def load(file: Path, consent_held_by: str, replace: tuple[str, ...], *, dry_run: bool) -> None:
    """Load a list of teams and members (CSV or .xlsx), all or nothing.

    docs/teams.md has the columns.
    """
    from service.runtime import open_runtime
    from service.village.area_tables import MOST_BYTES, ListRefused
    from service.village.team_lists import Wishes, load_teams

    held_by = " ".join(consent_held_by.split())
    if not (dry_run or held_by):
        raise click.UsageError(CONSENT)
    wishes = Wishes(held_by, replace, dry_run)
    data = read_list(file, MOST_BYTES)
    with open_runtime() as runtime:
        try:
            changes = load_teams(runtime.units, runtime.words, data, wishes)
        except ListRefused as refused:
            refuse(file, refused.faults, refused.count)
    if changes.faults:
        refuse(file, changes.faults)
    if not changes.teams:
        sys.exit("The list holds no rows; nothing is loaded.")
    for line in changes.said():
        click.echo(line)
    if dry_run:
        click.echo("Nothing is loaded: this was a dry run.")


@teams.command("list")
@click.option("--commune", help="Official code of a commune: only its teams and hamlets.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_teams(commune: str | None, *, as_json: bool) -> None:
    """List teams, who is on duty or away, and gaps."""
    from service.runtime import open_runtime
    from service.village.areas import find_area
    from service.village.team_listing import overview

    with open_runtime() as runtime, runtime.units.open() as unit:
        if commune and find_area(unit.session, f"xa:{commune}") is None:
            sys.exit(f"There is no commune {commune}.")
        found = overview(unit.session, commune)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    for line in found.lines():
        click.echo(line)


@teams.command()
@click.argument("name", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(name: tuple[str, ...], *, as_json: bool) -> None:
    """Show the team of a name, or all in whose names it stands."""
    from dataclasses import asdict

    from service.runtime import open_runtime
    from service.village.team_listing import teams_called, teams_lines

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = teams_called(unit.session, " ".join(name))
    if not found:
        sys.exit("No team has that name: `caunoi teams list`.")
    if as_json:
        click.echo(json.dumps([asdict(team) for team in found], ensure_ascii=False))
        return
    for line in teams_lines(found):
        click.echo(line)


@teams.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give days to others that somebody has.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def rota(file: Path, *, replace: bool, dry_run: bool) -> None:
    """Load who is on duty when, all or nothing.

    docs/teams.md has the columns.
    """
    from service.runtime import open_runtime
    from service.village.area_tables import MOST_BYTES, ListRefused
    from service.village.rota_lists import load_rota

    data = read_list(file, MOST_BYTES)
    with open_runtime() as runtime:
        countries = runtime.words.countries
        try:
            plan = load_rota(runtime.units, data, countries, replace=replace, dry_run=dry_run)
        except ListRefused as refused:
            refuse(file, refused.faults, refused.count)
    if plan.faults:
        refuse(file, plan.faults)
    if not plan.days:
        sys.exit("The list holds no rows; nothing is loaded.")
    for line in plan.said():
        click.echo(line)
    if dry_run:
        click.echo("Nothing is loaded: this was a dry run.")


@teams.command()
@click.argument("what", type=click.Choice(["teams", "rota"]))
def template(what: str) -> None:
    """Print a list to fill in, with invented people."""
    click.echo((TEMPLATES / f"{what}.csv").read_text(encoding="utf-8"), nl=False)
