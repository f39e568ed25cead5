"""What the commands share that take a file: how it is read, and how its faults are told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import click

MOST_TOLD: Final = 50
"""More faults than this have one cause; a terminal full of them hides it."""


def read_list(file: Path, most: int) -> bytes:
    """Return what a file holds; of one that holds more than `most` bytes, one byte more than that.

    Whoever reads the list can so refuse it without its having been held whole. What says nothing
    of its size, such as a pipe, is bounded too.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        sys.exit(f"{file.name} cannot be read: {error.strerror}")


def tell(faults: Sequence[object], count: int | None = None) -> None:
    """Tell the first faults, one a line, and how many more there are.

    `count` is how many there are in all, where not all of them were kept.
    """
    for fault in faults[:MOST_TOLD]:
        click.echo(str(fault), err=True)
    more = (len(faults) if count is None else count) - len(faults[:MOST_TOLD])
    if more > 0:
        click.echo(f"... and {more} more.", err=True)


def refuse(file: Path, faults: Sequence[object], count: int | None = None) -> NoReturn:
    """Tell the faults of a list of which nothing is loaded, and end."""
    tell(faults, count)
    count = len(faults) if count is None else count
    noun = "fault" if count == 1 else "faults"
    sys.exit(f"{count} {noun} in {file.name}; nothing is loaded.")
