"""`caunoi classes courses`: what is taught, and who finished it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from service.cli_faults import read_list, refuse
from service.cli_options import decided, operator


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_context
def courses(context: click.Context, *, as_json: bool) -> None:
    """List the courses; load them; show who finished one."""
    if context.invoked_subcommand:
        return
    from service.runtime import open_runtime
    from service.village.course_keeping import courses as all_courses

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = all_courses(unit.session)
    if as_json:
        click.echo(json.dumps([course.as_json() for course in found], ensure_ascii=False))
        return
    for course in found:
        click.echo(str(course))
    if not found:
        click.echo("There is no course yet: `caunoi classes courses load FILE`.")


@courses.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@decided
def load(file: Path, by: str, *, dry_run: bool) -> None:
    """Load a list of courses (CSV or .xlsx), all or nothing.

    docs/classes.md has the columns.
    """
    from service.runtime import open_runtime
    from service.village.area_tables import MOST_BYTES, ListRefused
    from service.village.course_lists import load_courses

    data = read_list(file, MOST_BYTES)
    with open_runtime() as runtime:
        try:
            plan = load_courses(
                runtime.units, runtime.words, data, by=operator(by), dry_run=dry_run
            )
        except ListRefused as refused:
            refuse(file, refused.faults, refused.count)
    if plan.faults:
        refuse(file, plan.faults)
    if not plan.changes:
        sys.exit("The list holds no rows; nothing is loaded.")
    for line in plan.said():
        click.echo(line)
    if dry_run:
        click.echo("Nothing is loaded: this was a dry run.")


@courses.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(code: str, *, as_json: bool) -> None:
    """Show a course and who finished it."""
    from service.runtime import open_runtime
    from service.village.course_keeping import course_called

    with open_runtime() as runtime, runtime.units.open() as unit:
        found = course_called(unit.session, code.lower())
    if found is None:
        sys.exit(f"There is no course {code}: `caunoi classes courses`.")
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    for line in found.lines():
        click.echo(line)
