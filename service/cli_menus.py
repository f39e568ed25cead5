"""`caunoi menus`: for those who write menus. What is wrong, what fits, and a map to approve."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.dialogue.faults import MenuError

if TYPE_CHECKING:
    from service.dialogue.drawing import Drawing
    from service.menus import Draft


@click.group()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Menus to look at; without it those of this service.",
)
@click.pass_context
def menus(context: click.Context, folder: Path | None) -> None:
    """Check, measure and draw what people see on their phones."""
    context.obj = folder


@menus.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts and editors.")
@click.pass_obj
def check(folder: Path | None, *, as_json: bool) -> None:
    """List every fault with its file and line."""
    try:
        draft = _draft(folder)
        faults = draft.faults
    except MenuError as error:
        draft, faults = None, error.faults
    if as_json:
        told = {"faults": [asdict(fault) for fault in faults], **_offer(draft)}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        sys.exit(1 if faults else 0)
    for fault in faults:
        click.echo(str(fault))
    if draft is None or faults:
        count = "1 fault." if len(faults) == 1 else f"{len(faults)} faults."
        # nothing else has been looked at: whoever mends these is not to think that is all
        sys.exit(count if draft else f"{count} More may show once these are mended.")
    screens, languages = len(draft.menu.screens), ", ".join(draft.texts.languages)
    click.echo(f"{screens} screens fit in: {languages}.")
    if draft.lacking:
        others = ", ".join(draft.lacking)
        click.echo(f"Not offered: {others}; `caunoi texts status` says why.")


@menus.command()
@click.pass_obj
def measure(folder: Path | None) -> None:
    """Show the room every screen and SMS takes with the longest names."""
    from service.data_folder import read_communes, read_demo
    from service.dialogue.figures import measured, name_lines
    from service.village.names import longest_names

    draft = _readable(folder)
    figures = measured(draft.menu, draft.texts)
    for line in figures.lines(draft.texts.languages):
        click.echo(line)
    for line in name_lines(draft.texts, longest_names(read_communes(), read_demo())):
        click.echo(line)
    if figures.is_over:
        sys.exit("Something does not fit (!).")
    if draft.faults:
        sys.exit("The menus have faults: caunoi menus check.")


@menus.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default="menu.svg")
@click.option("--language", default="vi", show_default=True, help="Language of the sentences.")
@click.option("--file", help="Only the screens of this file, like villager.yaml.")
@click.option(
    "--sheets", is_flag=True, help="On as many sheets as it takes to read them: menu-1.svg, ..."
)
@click.pass_obj
def draw(
    folder: Path | None, output: Path, language: str, file: str | None, *, sheets: bool
) -> None:
    """Draw a map of all screens, to print on A3 and approve."""
    from service.dialogue import drawing

    draft = _readable(folder)
    if draft.faults:
        sys.exit("The menus have faults: caunoi menus check.")
    if language not in draft.texts.languages:
        sys.exit(f"--language: there are {', '.join(draft.texts.languages)}.")
    sources = draft.files.sources()
    if file not in {None, *sources.values()}:
        sys.exit(f"--file: there are {', '.join(sorted(set(sources.values())))}.")
    what = (draft.menu, draft.texts, language, sources, file)
    if sheets:
        for number, sheet in enumerate(drawing.draw_sheets(*what), start=1):
            _write(sheet, output.with_stem(f"{output.stem}-{number}"))
        return
    whole = drawing.draw(*what)
    small = whole.letter < drawing.LEGIBLE
    _write(whole, output, " Too small to read? Draw it on several --sheets." if small else "")


def _write(drawn: Drawing, path: Path, advice: str = "") -> None:
    try:
        path.write_text(drawn.svg, encoding="utf-8")
    except OSError as error:
        sys.exit(f"{path} cannot be written: {error.strerror}")
    click.echo(f"{path}: on A3 its letters are {drawn.letter:.1f} mm high.{advice}")


def _readable(folder: Path | None) -> Draft:
    try:
        return _draft(folder)
    except MenuError as error:
        sys.exit(str(error))


def _draft(folder: Path | None) -> Draft:
    from service.menus import FOLDER, read_draft

    return read_draft(folder or FOLDER)


def _offer(draft: Draft | None) -> dict[str, object]:
    if draft is None:
        return {}
    lacking = {language: list(reasons) for language, reasons in draft.lacking.items()}
    return {
        "screens": len(draft.menu.screens),
        "languages": list(draft.texts.languages),
        "lacking": lacking,
    }
