"""`caunoi texts`: for those who write, translate and answer for what phones show."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli_faults import tell
from service.text.local_time import day_in_vietnam

if TYPE_CHECKING:
    from service.dialogue.faults import Located
    from service.dialogue.languages import Language
    from service.dialogue.staleness import Seen
    from service.dialogue.translation import Verdict
    from service.menus import Written


@click.group("texts", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--menus",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder like menus/, to work on a copy.",
)
@click.pass_context
def texts(context: click.Context, folder: Path | None) -> None:
    """Translate the texts, check them, see what awaits review."""
    from service.menus import FOLDER

    context.obj = folder or FOLDER


@texts.command("export")
@click.argument("code", metavar="LANGUAGE")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file: .xlsx for Excel and LibreOffice, else CSV; without it CSV is printed.",
)
@click.pass_obj
def export(folder: Path, code: str, output: Path | None) -> None:
    """Make the table a translator fills in."""
    from service.dialogue.worksheet import worksheet
    from service.sheets import XLSX, as_csv, as_xlsx

    written = _sound(folder)
    language = _language(written, code)
    menu = written.menu
    rows = worksheet(menu, written.texts, language, _seen(folder, code))
    is_xlsx = output is not None and output.suffix.lower() == XLSX
    made = as_xlsx(rows, code) if is_xlsx else as_csv(rows)
    if output is None:
        click.echo(made, nl=False)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        sys.exit(f"{output} cannot be written: {error.strerror}")
    empty = sum(not row["translation"] and row["vietnamese"] != "" for row in rows)
    click.echo(f"{output}: {len(rows)} texts, {empty} of them to be translated.")


@texts.command("import")
@click.argument("code", metavar="LANGUAGE")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Keep what is right; without it nothing is written.")
@click.option("--partial", is_flag=True, help="Keep the right rows though others are wrong.")
@click.pass_obj
def import_(folder: Path, code: str, file: Path, *, write: bool, partial: bool) -> None:
    """Judge a table that came back, row by row.

    What is right is kept with --write.
    """
    from service.dialogue.translation import judge
    from service.sheets import SheetError, read_table
    from service.translators import keep

    written = _sound(folder)
    language = _language(written, code)
    try:
        rows = read_table(file)
    except SheetError as error:
        sys.exit(str(error))
    verdict = judge(rows, written.menu, written.texts, language)
    _say_verdict(verdict, len(rows))
    if verdict.faults and not partial:
        sys.exit("Nothing is written until every row is right (or with --partial).")
    if not write:
        click.echo("Nothing is written; --write keeps the right rows.")
        return
    try:
        changed = keep(folder, language, verdict.right)
    except OSError as error:
        sys.exit(f"{error.filename} cannot be written: {error.strerror}")
    click.echo(f"{len(verdict.right)} rows are kept.")
    for path in changed:
        click.echo(f"changed: {path.relative_to(folder)}")


def _say_verdict(verdict: Verdict, rows: int) -> None:
    tell(verdict.faults)
    for key in verdict.outdated:
        click.echo(f"warning: {key}: the Vietnamese has changed since the export", err=True)
    click.echo(f"{len(verdict.right)} of {rows} rows are right.")


@texts.command("check")
@click.argument("code", metavar="[LANGUAGE]", required=False)
@click.pass_obj
def check(folder: Path, code: str | None) -> None:
    """Read every text strictly: faults, then warnings."""
    from service.dialogue.guides import at_guide
    from service.translators import reviews_of

    written = _written(folder)
    languages = [_named(written, code)] if code else list(written.languages.values())
    found = [pair for language in languages for pair in _findings(folder, written, language)]
    faults = [*written.faults, *reviews_of(folder)[1]]
    for language in languages:
        marks = written.texts.mark_faults(language.code)
        faults += map(written.files.located, marks)
    faults += (fault for fault, is_warning in found if not is_warning)
    warnings = [fault for fault, is_warning in found if is_warning]
    for guide in written.guides.expired(_today()):
        expired = at_guide(guide.id).fault(f"expired on {guide.expires_at}", "expires_at")
        warnings.append(written.files.located(expired))
    for fault in faults:
        click.echo(str(fault))
    for warning in warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"Faults: {len(faults)}. Warnings: {len(warnings)}.")
    sys.exit(1 if faults else 0)


def _findings(folder: Path, written: Written, language: Language) -> list[tuple[Located, bool]]:
    """Return what is found in a language, by line, and whether it is only a warning."""
    from service.dialogue.keywords import Keywords
    from service.dialogue.proofread import proofread

    if language.code not in written.texts.spoken:
        return []
    keywords = Keywords(written.table("keywords"))
    seen = _seen(folder, language.code)
    found = proofread(
        *(written.menu, written.texts, language, seen),
        is_keyword=lambda word: keywords.match(word) is not None,
    )
    located = ((written.files.located(one.fault), one.is_warning) for one in found)
    return sorted(located, key=lambda pair: (pair[0].file, pair[0].line or 0))


@texts.command("status")
@click.pass_obj
def status(folder: Path) -> None:
    """Say how far each language, guide and review has come."""
    from service.dialogue.standing import guide_lines, language_lines, review_lines
    from service.menus import offered
    from service.translators import reviews_of

    written = _written(folder)
    _, lacking = offered(written)
    parts: Mapping[str, Iterator[str]] = {
        "Languages": language_lines(written.languages, written.texts, lacking),
        "Guides": guide_lines(written.guides, _today()),
        "Vietnamese texts, by key": review_lines(reviews_of(folder)[0], written.texts),
    }
    for heading, lines in parts.items():
        click.echo(heading)
        for line in lines:
            click.echo(f"  {line}")


def _written(folder: Path) -> Written:
    from service.dialogue.faults import MenuError
    from service.menus import read_written

    try:
        return read_written(folder)
    except MenuError as error:  # nothing else has been looked at
        sys.exit(f"{error}\nMore may show once these are mended.")


def _sound(folder: Path) -> Written:
    """Return what stands in the files; whoever translates needs Vietnamese without fault."""
    from service.dialogue.audit import text_faults
    from service.dialogue.texts import DEFAULT_LANGUAGE

    written = _written(folder)
    of_texts = text_faults(
        written.menu, written.texts, DEFAULT_LANGUAGE, written.used, written.malformed
    )
    faults = [*written.faults, *map(written.files.located, of_texts)]
    if faults:
        sys.exit(f"The menus have faults; first see to what `caunoi menus check` says: {faults[0]}")
    return written


def _seen(folder: Path, code: str) -> Mapping[str, Seen]:
    from service.dialogue.faults import MenuError
    from service.translators import read_seen

    try:
        return read_seen(folder, code)
    except MenuError as error:
        sys.exit(str(error))


def _named(written: Written, code: str) -> Language:
    if code not in written.languages:
        sys.exit(f"languages.yaml has no {code!r}; it has {', '.join(written.languages)}.")
    return written.languages[code]


def _language(written: Written, code: str) -> Language:
    """Return a language to translate into."""
    from service.dialogue.texts import DEFAULT_LANGUAGE

    if code == DEFAULT_LANGUAGE:
        sys.exit("Vietnamese is what is translated from; change it in texts/vi.yaml.")
    return _named(written, code)


def _today() -> date:
    return day_in_vietnam(datetime.now(UTC))
