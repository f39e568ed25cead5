"""Every message a member of a team can get, with the longest names: `make leader-messages`.

A leader reads these on a keypad phone in a field, and each segment costs: each takes one. Lists
that were asked for (VIEC, TRUC) are two messages at most. Exits with 1 when one is longer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from service.dialogue.texts import DEFAULT_LANGUAGE, Texts
from service.menus import read_menus
from service.text.gsm7 import count, septets

SMS = "sms."
VILLAGERS = frozenset(
    SMS + name
    for name in (
        # asking, and what becomes of it
        *("filed", "filed_desk", "filed_nobody", "already", "many", "accepted", "at_the_desk"),
        *("done", "solved", "reopened", "cancelled", "which", "unfinished", "dropped", "draft"),
        *("status_open", "status_accepted", "status_done", "status_many", "status_none"),
        *("hamlet_guess", "hamlet_wrong", "cancel_or_stop", "emergency", "emergency_off"),
        *("emergency_taken", "emergency_done", "emergency_reopened", "emergency_at_the_desk"),
        *("emergency_off_by_call", "status_emergency", "passed", "returned", "looking_again"),
        *("inquiry", "answer_told", "answer_kept", "answer_empty", "answer_which"),
        # the hamlet's news, what is kept of them, and what they may text
        *("notice", "news_none", "classes_none", "scam", "child", "stranger"),
        *("consent", "agreed", "not_agreed", "opted_in", "opted_out", "erased"),
        *("data_kept", "data_language", "data_more", "data_none", "data_number"),
        *("erase_code", "erase_wrong"),
    )
)
"""What is said to people as villagers alone. Whatever is not named here counts as a member's, so
that a new message is measured as one until somebody says whose it is."""
SAID_BY_THE_TEAM = frozenset(
    SMS + name
    for name in (
        *("accepted", "at_the_desk", "done", "stranger", "emergency", "emergency_off", "passed"),
        *("inquiry", "looking_again", "returned", "emergency_off_by_call"),
        *("answer_told", "answer_kept", "answer_empty", "answer_which"),
    )
)
"""Those of them that the team's doings send: to the one who asked, or to somebody in no team."""
MOST = 1
"""Segments of a message."""


class Row(NamedTuple):
    """A message in one language, as long as it can be."""

    key: str
    language: str
    septets: int
    segments: int

    @property
    def line(self) -> str:
        """The message as it is printed."""
        good = "ok   " if self.segments <= MOST else "SHORT"
        return (
            f"{good} {self.key:<30} {self.language:<4} {self.septets:>4} septets  "
            f"{self.segments} of {MOST} segments"
        )


def members_keys(texts: Texts) -> list[str]:
    """Return the keys of all messages a member of a team can get."""
    keys = texts.keys(DEFAULT_LANGUAGE)
    return sorted(key for key in keys if key.startswith(SMS) and key not in VILLAGERS)


def rows(texts: Texts) -> Iterator[Row]:
    """Measure each of them in every language that is offered, longest values in all gaps."""
    for key in members_keys(texts):
        for language in texts.languages:
            said = texts.widest(key, language)
            yield Row(key, language, septets(said), count(said).segments)


def main() -> int:
    """Print the table; return the exit code."""
    texts = read_menus().texts
    table = list(rows(texts))
    for row in table:
        print(row.line)
    over = [row for row in table if row.segments > MOST]
    longest = max(table, key=lambda row: row.septets)
    print(
        f"{len(members_keys(texts))} messages in {', '.join(texts.languages)}; "
        f"the longest is {longest.key} with {longest.septets} septets"
    )
    print(
        f"too long: {', '.join(row.key for row in over)}" if over else "all within their segments"
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
