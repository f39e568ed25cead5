"""How figures about requests are shown: columns, what each means, times in words, plain tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from service.text.weeks import Period
    from service.village.measures import Report, Waiting

TOTAL: Final = "all"
NOTHING: Final = "-"
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Column:
    """A figure: its name in files, its heading on paper and what it means."""

    name: str
    heading: str
    means: str
    is_time: bool = False

    @property
    def in_files(self) -> str:
        """Its name in CSV and JSON, with the unit where it is a time."""
        return f"{self.name}_minutes" if self.is_time else self.name


TABLES: Final[Mapping[str, Sequence[Column]]] = {
    "What became of them": (
        Column("asked", "asked", "requests filed in the period; the next five add up to it"),
        Column("open", "open", "nobody has taken it now"),
        Column("accepted", "taken", "somebody has taken it and works on it now"),
        Column("done", "done", "reported done; the villager is being asked"),
        Column("closed", "closed", "closed, by the villager's word or by three days of silence"),
        Column("cancelled", "cancelled", "taken back by the villager, or their data were erased"),
        Column(
            "oldest_open", "oldest open", "how long the oldest of the open has waited", is_time=True
        ),
    ),
    "How quickly": (
        Column("answered", "answered", "somebody took it at some time; the others have no time"),
        Column("answer_median", "half in", "filed to first taken, half were quicker", is_time=True),
        Column("answer_nine_in_ten", "9/10 in", "filed to first taken, nine in ten", is_time=True),
        Column("closed_by_word", "by word", "closed because the villager said it is solved"),
        Column(
            "word_median", "half in", "filed to closed by word, half were quicker", is_time=True
        ),
        Column("word_nine_in_ten", "9/10 in", "filed to closed by word, nine in ten", is_time=True),
        Column("closed_by_silence", "by silence", "closed after three days without an answer"),
        Column("silence_median", "half in", "filed to closed by silence, half were", is_time=True),
        Column(
            "silence_nine_in_ten",
            "9/10 in",
            "filed to closed by silence, nine in ten",
            is_time=True,
        ),
    ),
    "How well": (
        Column("solved_at_first_try", "first try", "the villager's word, and never reopened"),
        Column("silent_at_first_try", "silent", "closed by silence, and never reopened"),
        Column("reopened", "reopened", "the villager said at least once that it is not solved"),
        Column("escalated", "climbed", "told beyond the hamlet's own team"),
        Column("reached_desk", "desk", "told to the province's desk, the last step"),
        Column("passed_on", "passed on", "a member said that it is not for them"),
    ),
}
COLUMNS: Final = tuple(column for columns in TABLES.values() for column in columns)
STEPS: Final[Mapping[str, str]] = {
    "duty": "whoever is on duty",
    "deputy": "the deputy",
    "team": "the whole team",
    "neighbours": "neighbours",
    "commune": "the commune",
    "desk": "the province's desk",
    "nobody": "nobody: there is nobody to tell",
}
NOTES: Final = (
    "Requests count in the period in which they were filed, by Vietnam's days; a week is Monday to",
    "Sunday. A call that dropped before it was confirmed was not filed.",
    "Times are by the clock, nights and all: filed at 21:00 and taken at 7:00 is 10 hours.",
    "Half and nine in ten are of those that have the time at all; who was never answered has none,",
    "so look at answered beside asked. Of a single request both are its time.",
    "In files times are in whole minutes, and the name of the column ends in _minutes.",
    "A hamlet without a team of its own begins with the commune's; that is not counted as climbed.",
)


def explained() -> Iterator[str]:
    """Yield what every column means."""
    for title, columns in TABLES.items():
        yield title
        for column in columns:
            yield f"  {column.heading:<12} {column.name:<20} {column.means}"
        yield ""
    yield from NOTES


def in_words(wait: timedelta | None) -> str:
    """Return a time as two units at most: "45 min", "2 h 5", "3 d 4 h"."""
    if wait is None:
        return NOTHING
    minutes = round(wait / MINUTE)
    if minutes < 60:  # noqa: PLR2004 - of an hour
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004 - hours are clearer than "1 d"
        return f"{hours} h {minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def in_minutes(value: Any) -> Any:
    """Return a figure as files hold it: times in whole minutes, nothing where there is none."""
    return round(value / MINUTE) if isinstance(value, timedelta) else value


def on_paper(value: Any) -> str:
    """Return a figure as a table shows it."""
    return in_words(value) if value is None or isinstance(value, timedelta) else str(value)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as it is printed or written to a file."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]


def sheet_of(made: Report, names: Mapping[str, str]) -> Sheet:
    """Return a report with all its columns side by side, the last row that of all together."""
    lines: list[tuple[str, str, Any]] = [(x.code, names[x.code], x.figures) for x in made.lines]
    lines.append((TOTAL, "", made.total))
    return Sheet(
        ("code", "name", *(column.in_files for column in COLUMNS)),
        [
            (code, name, *(in_minutes(getattr(figures, column.name)) for column in COLUMNS))
            for code, name, figures in lines
        ],
    )


def as_json_of(
    made: Report, names: Mapping[str, str], period: Period, waits: Sequence[Waiting]
) -> dict[str, Any]:
    """Return a report and what waits now as JSON has them."""
    sheet = sheet_of(made, names)
    *rows, total = (dict(zip(sheet.names, row, strict=True)) for row in sheet.rows)
    return {
        "from": period.begins.isoformat(),
        "to": period.ends.isoformat(),
        "rows": rows,
        "total": total,
        "open_now": [
            {"step": w.step, "open": w.open, "oldest_minutes": in_minutes(w.oldest)} for w in waits
        ],
    }


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> Iterator[str]:
    """Yield a table's lines; the first `left` columns are words, the others figures."""
    cells = [[_written(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        sides = (
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(sides).rstrip()


def _written(cell: str) -> str:
    """Return words of which each letter is one character wide, and none moves the cursor."""
    composed = unicodedata.normalize("NFC", " ".join(cell.split()))
    return "".join(sign for sign in composed if sign.isprintable())
