"""`caunoi classes invite`, `register`, `export`, `report`: whom classes are for, and who came."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli_class_changes import place_called, training_called
from service.cli_faults import read_list, refuse
from service.cli_options import ask_first, decided, decided_if, operator, sure
from service.report_table import Sheet, table

if TYPE_CHECKING:
    from service.text.weeks import Period
    from service.village.class_imports import Registered
    from service.village.class_reports import Figures, Report

CONSENT = """\
--consent-held-by: say who can show that the people agreed to be on this list (an office or a
person). It is kept with the class. docs/classes.md has what they must have agreed to."""
DAYS = 90
FIGURES = (
    *(("held", "held"), ("uncalled", "no roll"), ("registered", "reg."), ("came", "came")),
    *(("walked_in", "walk-ins"), ("missed", "missed"), ("never_seated", "no seat")),
    *(("people", "people"), ("reached", "househ."), ("households", "of")),
)


@click.command()
@click.argument("number", type=int)
@click.option("--to", "more", multiple=True, metavar="CODE|xa:CODE", help="Also these places.")
@click.option("--dry-run", is_flag=True, help="Only say how many would be invited.")
@sure
@decided
def invite(number: int, more: tuple[str, ...], by: str, *, yes: bool, dry_run: bool) -> None:
    """Invite the people of a class's places by SMS.

    Says first how many are written to, and who is left out and why; then asks whether to.
    """
    from service.records.moments import now_by
    from service.runtime import open_runtime
    from service.village import class_invites
    from service.village.trainings import is_open

    with open_runtime() as runtime:
        with runtime.units.open() as unit:
            training = training_called(unit.session, number)
            if not is_open(unit.session, training):
                sys.exit(f"Nobody can register for class {number}: it is {training.state} or over.")
            if training.starts_at - now_by(unit.session) < class_invites.LAST_INVITED:
                sys.exit(f"Class {number} begins in less than an hour: nobody is invited any more.")
            places = [place_called(unit.session, code) for code in more]
            found = class_invites.invitees(unit.session, runtime.words, training, places)
        click.echo(found.said())
        if dry_run or not found.phones:
            click.echo("Nobody is written to.")
            return
        ask_first(f"Invite them to class {number}?", yes=yes)
        written = class_invites.invite(
            runtime.units, runtime.words, training.id, operator(by), places
        )
    click.echo(f"{written} messages leave between 7 and 22 o'clock.")


@click.command()
@click.argument("number", type=int)
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--phone", help="One person instead of a list: their number.")
@click.option("--name", default="", help="And their name, where it is not the phone's own.")
@click.option("--consent-held-by", metavar="WHO", default="", help="Who has people's consent.")
@click.option("--despite-clash", is_flag=True, help="Also who has another class at that hour.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@decided
def register(
    number: int,
    file: Path | None,
    *,
    phone: str | None,
    name: str,
    consent_held_by: str,
    despite_clash: bool,
    dry_run: bool,
    by: str,
) -> None:
    """Register the people of a list, all or nothing; or one.

    The list is CSV or .xlsx; docs/classes.md has the columns.
    """
    from service.village.area_tables import MOST_BYTES
    from service.village.class_entering import one_class
    from service.village.class_imports import Wishes

    if (file is None) is (phone is None):
        raise click.UsageError("a FILE, or --phone and --name")
    held_by = " ".join(consent_held_by.split())
    if file and not (dry_run or held_by):
        raise click.UsageError(CONSENT)
    data = read_list(file, MOST_BYTES) if file else one_class({"phone": phone or "", "name": name})
    wishes = Wishes(operator(by), held_by, despite_clash=despite_clash, dry_run=dry_run)
    registered = _registered(number, file, data, wishes)
    if registered.faults and file:
        refuse(file, registered.faults)
    if registered.faults:
        sys.exit("\n".join(f"{one.field}: {one.reason}" for one in registered.faults))
    for line in registered.said():
        click.echo(line)
    if dry_run:
        click.echo("Nobody is registered: this was a dry run.")


def _registered(number: int, file: Path | None, data: bytes, wishes: Any) -> Registered:
    from service.runtime import open_runtime
    from service.village.area_tables import ListRefused
    from service.village.class_imports import register_list

    with open_runtime() as runtime:
        with runtime.units.open() as unit:
            training = training_called(unit.session, number)
        try:
            return register_list(runtime.units, runtime.words, training.id, data, wishes)
        except ListRefused as refused:
            if file is None:
                sys.exit(str(refused))
            refuse(file, refused.faults, refused.count)


@click.command()
@click.argument("number", type=int)
@click.option(
    "--output", "-o", "file", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="The CSV file to write.",
)  # fmt: skip
@click.option("--full-numbers", is_flag=True, help="Numbers in full; on record, needs --by.")
@decided_if
def export(number: int, file: Path, by: str | None, *, full_numbers: bool) -> None:
    """Write who registered and who came as a CSV file."""
    from service.runtime import open_runtime
    from service.village.class_exports import COLUMNS
    from service.village.class_exports import export as rows_of

    if full_numbers and not by:
        raise click.UsageError("--full-numbers needs --by: who reads the numbers is on record")
    with open_runtime() as runtime, runtime.units.open() as unit:
        training = training_called(unit.session, number)
        who = operator(by) if by else ""
        rows = rows_of(unit.session, training, by=who, full_numbers=full_numbers)
    _write(file, Sheet(COLUMNS, rows))


@click.command()
@click.option("--commune", help="Official code of a commune: only its hamlets.")
@click.option("--from", "begins", metavar="DAY", help="First day; without it, 90 days ago.")
@click.option("--to", "ends", metavar="DAY", help="Last day; without it, today.")
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def report(
    commune: str | None, begins: str | None, ends: str | None, file: Path | None, *, as_json: bool
) -> None:
    """Print who came, hamlet by hamlet and course by course.

    docs/classes.md says what each figure means.
    """
    from service.runtime import open_runtime
    from service.village import class_reports

    with open_runtime() as runtime, runtime.units.open() as unit:
        if commune:
            place_called(unit.session, f"xa:{commune}")
        period = _period(unit.session, begins, ends)
        made = class_reports.report(unit.session, period, commune)
    if file:
        _write(file, _sheet(made))
    elif as_json:
        click.echo(json.dumps(_as_json(made, period), ensure_ascii=False))
    else:
        for line in _lines(made, period):
            click.echo(line)


def _period(session: Any, begins: str | None, ends: str | None) -> Period:
    from datetime import timedelta

    from service.records.moments import now_by
    from service.text.local_time import day_in_vietnam
    from service.text.weeks import Period, parse_day

    today = day_in_vietnam(now_by(session))
    try:
        last = parse_day(ends) if ends else today
        return Period(parse_day(begins) if begins else last - timedelta(days=DAYS), last)
    except ValueError as fault:
        sys.exit(f"--from, --to: {fault}.")


def _as_json(made: Report, period: Period) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "from": period.begins.isoformat(),
        "to": period.ends.isoformat(),
        "rows": [
            {"code": one.code, "name": one.name, "commune": one.commune, **one.figures.as_json()}
            for one in made.lines
        ],
        "total": made.total.as_json(),
        "courses": [asdict(one) for one in made.courses],
    }


def _sheet(made: Report) -> Sheet:
    names = ("code", "name", "commune", *made.total.as_json())
    rows = [(x.code, x.name, x.commune, *x.figures.as_json().values()) for x in made.lines]
    return Sheet(names, [*rows, ("all", "", "", *made.total.as_json().values())])


def _lines(made: Report, period: Period) -> Iterator[str]:
    yield f"Classes that began in {period}"
    headings = ("", "hamlet", *(heading for _, heading in FIGURES), "share", "rating")
    rows = [(one.code, one.name, *_cells(one.figures)) for one in made.lines]
    yield from table(headings, [*rows, ("all", "", *_cells(made.total))], left=2)
    for one in made.courses:
        papers = f", {one.certificates} certificates" if one.certificates else ""
        yield (
            f"{one.course}: {one.people} people came, {one.finished} finished it "
            f"(after {one.needed}){papers}"
        )


def _cells(figures: Figures) -> list[str]:
    shown = [str(getattr(figures, name)) for name, _ in FIGURES]
    share, rating = figures.share, figures.rating
    shown.append("-" if share is None else f"{share:.0%}")
    return [*shown, "-" if rating is None else f"{rating:.1f}"]


def _write(file: Path, sheet: Sheet) -> None:
    """Write a file a spreadsheet opens with its marks, and in which nothing is run."""
    from service.sheets import as_plain_csv

    try:
        file.write_bytes(as_plain_csv(sheet.names, sheet.rows))
    except OSError as error:
        sys.exit(f"{file} cannot be written: {error.strerror}")
    click.echo(f"{file}: {len(sheet.rows)} rows.")
