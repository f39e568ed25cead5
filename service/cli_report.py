"""`caunoi report`: how many asked, how quickly they were answered, where nothing is heard from."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.report_table import (
    STEPS,
    TABLES,
    TOTAL,
    Sheet,
    as_json_of,
    explained,
    in_words,
    on_paper,
    sheet_of,
    table,
)
from service.text.weeks import Period, parse_day, parse_week, shown, week_before

if TYPE_CHECKING:
    from service.runtime import Runtime
    from service.village.measures import Report, Waiting

BY = ("topic", "hamlet", "commune", "province")
AHEAD_DAYS = 30
NO_COMMUNE = "There is no commune {}: `caunoi areas list` has their codes."


@dataclass(frozen=True, slots=True)
class Place:
    """The commune a report is about, None for all."""

    id: int | None = None
    name: str = ""


@click.command()
@click.option("--week", help="A week like 2026-W48; without it, the last that is over.")
@click.option("--from", "begins", metavar="DAY", help="First day: 2026-11-23 or 23/11/2026.")
@click.option("--to", "ends", metavar="DAY", help="Last day; without it, today.")
@click.option("--by", type=click.Choice(BY), default="commune", show_default=True)
@click.option("--commune", help="Official code of a commune: only what was asked there.")
@click.option("--silent", is_flag=True, help="List hamlets not heard from for four weeks instead.")
@click.option("--gaps", is_flag=True, help="List hamlets that will have nobody instead.")
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--explain", is_flag=True, help="Say what each column means.")
def report(
    week: str | None,
    begins: str | None,
    ends: str | None,
    by: str,
    commune: str | None,
    *,
    silent: bool,
    gaps: bool,
    file: Path | None,
    as_json: bool,
    explain: bool,
) -> None:
    """Print how many asked for help, how quickly and how well they were helped."""
    if explain:
        click.echo("\n".join(explained()))
        return
    if (silent and gaps) or ((silent or gaps) and (week or begins or ends)):
        raise click.UsageError("--silent and --gaps are lists of today: one of them, no days")
    if file and as_json:
        raise click.UsageError("--csv or --json, not both")
    from service.runtime import open_runtime

    with open_runtime() as runtime:
        place = _commune(runtime, commune)
        if silent or gaps:
            _show_list(_silent(runtime, place) if silent else _gaps(runtime, place), file, as_json)
            return
        period = _period(runtime, week, begins, ends)
        _show_report(runtime, period, by, place, file, as_json=as_json)


def _commune(runtime: Runtime, code: str | None) -> Place:
    if code is None:
        return Place()
    from service.records.hops import COMMUNE
    from service.village.areas import find_area

    with runtime.units.open() as unit:
        area = find_area(unit.session, f"{COMMUNE}{code.strip()}", retired=True)
    if area is None:
        sys.exit(NO_COMMUNE.format(code))
    return Place(area.id, f"{area.title} {area.name}".strip())


def _period(runtime: Runtime, week: str | None, begins: str | None, ends: str | None) -> Period:
    """Return the period somebody wrote; end with a sentence when it is none."""
    from service.records.moments import now_by
    from service.text.local_time import day_in_vietnam

    if week and (begins or ends):
        raise click.UsageError("--week, or --from and --to, not both")
    if ends and not begins:
        raise click.UsageError("--to needs --from: the first day")
    with runtime.units.open() as unit:
        now = now_by(unit.session)
    try:
        if week:
            return parse_week(week)
        if begins:
            return Period(parse_day(begins), parse_day(ends) if ends else day_in_vietnam(now))
    except ValueError as fault:
        sys.exit(f"{'--week' if week else '--from, --to'}: {fault}.")
    return week_before(now)


def _show_report(
    runtime: Runtime, period: Period, by: str, place: Place, file: Path | None, *, as_json: bool
) -> None:
    from service.village import measures

    with runtime.units.open() as unit:
        made = measures.report(unit.session, period, measures.By(by), place.id)
        waits = measures.waiting(unit.session, place.id)
    if by == "topic":
        names = {line.code: _topic(runtime, line.code) for line in made.lines}
    else:
        names = {line.code: line.name for line in made.lines}
    if file:
        _write(file, sheet_of(made, names))
    elif as_json:
        about = {"by": by, "commune": place.name or None}
        click.echo(json.dumps(as_json_of(made, names, period, waits) | about, ensure_ascii=False))
    else:
        where = f", {place.name}" if place.name else ""
        click.echo(f"Requests filed in {period}{where}")
        _print_report(made, names, by)
        _print_waiting(waits)


def _topic(runtime: Runtime, topic: str) -> str:
    """Return what phones call a topic; its bare name where menus have it no more."""
    from service.dialogue.texts import DEFAULT_LANGUAGE

    texts, key = runtime.menus.texts, f"topic.{topic}"
    return texts.say(key, DEFAULT_LANGUAGE) if key in texts.keys(DEFAULT_LANGUAGE) else topic


def _print_report(made: Report, names: Mapping[str, str], by: str) -> None:
    if not made.total.asked:
        click.echo("\nNobody asked for help then.")
        return
    for title, columns in TABLES.items():
        rows = [
            (
                line.code,
                names[line.code],
                *(on_paper(getattr(line.figures, c.name)) for c in columns),
            )
            for line in made.lines
        ]
        rows.append((TOTAL, "", *(on_paper(getattr(made.total, c.name)) for c in columns)))
        click.echo(f"\n{title}")
        for row in table(("", by, *(c.heading for c in columns)), rows, left=2):
            click.echo(row)
    click.echo("\nWhat each column means: caunoi report --explain")


def _print_waiting(waits: Sequence[Waiting]) -> None:
    if not waits:
        click.echo("\nNobody waits for somebody to take their request now.")
        return
    click.echo("\nNot taken by anybody now, whenever filed, by who was told last")
    rows = [(STEPS.get(w.step, w.step), str(w.open), in_words(w.oldest)) for w in waits]
    total = str(sum(w.open for w in waits))
    rows.append((TOTAL, total, in_words(max(w.oldest for w in waits))))
    for line in table(("told last", "open", "oldest"), rows, left=1):
        click.echo(line)


def _silent(runtime: Runtime, place: Place) -> Sheet:
    from service.text.local_time import day_in_vietnam
    from service.village.quiet import communes_of, silent_hamlets

    with runtime.units.open() as unit:
        found = silent_hamlets(unit.session, place.id)
        communes = communes_of(unit.session, [silent.hamlet for silent in found])
    return Sheet(
        ("code", "hamlet", "commune", "last heard from"),
        [
            (
                silent.hamlet.code,
                silent.hamlet.full_name,
                communes[silent.hamlet.commune_id],
                shown(day_in_vietnam(silent.last_at)) if silent.last_at else "never",
            )
            for silent in found
        ],
    )


def _gaps(runtime: Runtime, place: Place) -> Sheet:
    from service.records.teams import Level
    from service.text.local_time import in_vietnam
    from service.village.gaps import gaps_ahead
    from service.village.quiet import communes_of, hamlets_by_id, unserved_hamlets

    def told(moment: Any) -> str:
        return f"{in_vietnam(moment):%H:%M %d/%m/%Y}" if moment else "nobody known to come"

    with runtime.units.open() as unit:
        ahead = gaps_ahead(unit.session, AHEAD_DAYS)
        gaps = [gap for gap in ahead if gap.level is Level.HAMLET]
        hamlets = hamlets_by_id(unit.session, [gap.area_id for gap in gaps])
        unserved = unserved_hamlets(unit.session, place.id)
        communes = communes_of(unit.session, [*hamlets.values(), *unserved])
    rows = [(hamlets[gap.area_id], told(gap.begins_at), told(gap.ends_at)) for gap in gaps]
    rows += [(hamlet, "has no team", "") for hamlet in unserved]
    return Sheet(
        ("code", "hamlet", "commune", "nobody from", "until"),
        [
            (hamlet.code, hamlet.full_name, communes[hamlet.commune_id], begins, ends)
            for hamlet, begins, ends in rows
            if place.id in {None, hamlet.commune_id}
        ],
    )


def _show_list(sheet: Sheet, file: Path | None, as_json: bool) -> None:
    if file:
        _write(file, sheet)
    elif as_json:
        listed = [dict(zip(sheet.names, row, strict=True)) for row in sheet.rows]
        click.echo(json.dumps(listed, ensure_ascii=False))
    elif not sheet.rows:
        click.echo("There are none.")
    else:
        for line in table(sheet.names, sheet.rows, left=len(sheet.names)):
            click.echo(line)


def _write(file: Path, sheet: Sheet) -> None:
    """Write a file a spreadsheet opens with its marks, and in which nothing is run."""
    from service.sheets import as_plain_csv

    try:
        file.write_bytes(as_plain_csv(sheet.names, sheet.rows))
    except OSError as error:
        sys.exit(f"{file} cannot be written: {error.strerror}")
    click.echo(f"{file}: {len(sheet.rows)} rows.")
