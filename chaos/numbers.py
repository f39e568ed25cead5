"""Invented numbers of this run, from +84900100000 upward."""

from __future__ import annotations

from service.text.phones import Msisdn

RECIPIENTS, VILLAGERS, TEAMS = 100_000, 150_000, 190_000
FIRST, LAST = 100_000, 199_999


def number(block: int, n: int) -> Msisdn:
    """Return the n-th number of a block."""
    assert FIRST <= block + n <= LAST
    return Msisdn(f"+84900{block + n}")
