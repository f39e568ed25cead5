"""The curves there are: each series by its name in `pulses`, and how its points are put together.

A longer stretch is the sum of its minutes where something is counted, and the worst of them where
something is measured: the longest wait, the slowest answers, the lowest balance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.outbox.classes import LANES

SENT: Final = tuple(f"sent:{lane}" for lane in LANES)
"""Messages the carrier took, by lane."""
FAILED: Final = tuple(f"failed:{lane}" for lane in LANES)
"""Attempts it did not take, by lane; a message that is tried again counts again."""
WAITING: Final = tuple(f"waiting:{lane}" for lane in LANES)
"""Most messages that were due at a time."""
OLDEST: Final = tuple(f"oldest:{lane}" for lane in LANES)
"""Longest wait of a message that was due, in seconds."""
DELIVERED, UNDELIVERED = "delivered", "undelivered"
"""Delivery reports that came in."""
HOPS, HOP_P95 = "hops", "hop_p95_ms"
CALLS: Final = "calls"
"""Calls that began."""
TEXTS, REPORTS = "texts", "reports"
BALANCE: Final = "balance_vnd"

SUMS: Final = (*SENT, *FAILED, DELIVERED, UNDELIVERED, CALLS, HOPS, TEXTS, REPORTS)
PEAKS: Final = (*WAITING, *OLDEST, HOP_P95)
DEPTHS: Final = (BALANCE,)
ALL: Final = (*SUMS, *PEAKS, *DEPTHS)

KINDS: Final[Mapping[str, list[str]]] = {"sums": list(SUMS), "peaks": list(PEAKS)}
"""As the statements take them; of all others it is the least that counts."""
