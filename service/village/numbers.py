"""Numbers that people type behind a word: of a request, of a task, a hamlet's code."""

from __future__ import annotations

import re

NUMBER = re.compile(r"\s*([\d*]+)", re.ASCII)
"""A number at the beginning; one that was masked before it came here is a number too."""
LONGEST_NUMBER = 5
"""Digits of the longest number of ours, a hamlet code; longer ones are phone numbers."""
NONE_OF_OURS = 0


def number_typed(typed: str) -> int:
    """Return a number that may be one of ours, NONE_OF_OURS for any other."""
    return int(typed) if typed.isdigit() and len(typed) <= LONGEST_NUMBER else NONE_OF_OURS
