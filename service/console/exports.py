"""Lists as files for a spreadsheet: nothing in them is run, and each is in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy import Connection

from service.sheets import as_plain_csv

from .audit import named, note
from .frame import who, words

MOST_ROWS = 10_000
"""Of one file; who needs more asks for fewer days or places at a time."""


def as_file(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    /,
    **wanted: object,
) -> Response:
    """Return rows as a CSV file, and note who took how many and what they had asked for.

    `columns` are the keys of their headings; what begins like a formula gets a mark before it.
    """
    filters = {key: str(value) for key, value in wanted.items() if value not in {None, ""}}
    note(connection, named(who().name), "exported", name, rows=str(len(rows)), **filters)
    body = as_plain_csv([words()(column) for column in columns], rows)
    answer = Response(body, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name.replace(" ", "-")}.csv"'
    return answer
