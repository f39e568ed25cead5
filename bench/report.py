"""Figures beside their targets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from statistics import median, quantiles


class Report:
    """Prints figures as they come; `code` is what the command exits with."""

    def __init__(self, title: str) -> None:
        self._short: list[str] = []
        print(f"{title}\n{_load()}", flush=True)

    def say(self, line: str) -> None:
        """Print a line that explains."""
        print(f"  {line}", flush=True)

    def figure(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        most: float | None = None,
        least: float | None = None,
    ) -> None:
        """Print a figure beside the most or the least it may be."""
        good = (most is None or value <= most) and (least is None or value >= least)
        target = f"target <= {most:g}" if most is not None else f"target >= {least:g}"
        print(f"{'ok  ' if good else 'SHORT'} {name}: {value:.3g} {unit} ({target})", flush=True)
        if not good:
            self._short.append(name)

    def end(self) -> int:
        """Say what fell short; return the exit code."""
        print(_load())
        print(f"short of the target: {'; '.join(self._short)}" if self._short else "all reached")
        return 1 if self._short else 0


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def p99(values: Sequence[float]) -> float:
    """Return the value that one in a hundred exceeds."""
    return quantiles(values, n=100, method="inclusive")[98]


def rounds(values: Sequence[float], digits: int = 0) -> str:
    """Write the values of all rounds in their order."""
    return " ".join(f"{value:.{digits}f}" for value in values)


def _load() -> str:
    one, five, _ = os.getloadavg()
    return f"  (load average {one:.2f}, {five:.2f} over 5 min; {os.cpu_count()} cores)"
