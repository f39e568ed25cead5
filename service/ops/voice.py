from __future__ import annotations

import os
import sys
from collections.abc import Iterable


class Voice:
    """Lines for the person at the terminal; goes silent when nobody listens any more."""

    def say(self, line: str) -> None:
        """Print one line on standard output."""
        _print(line, "stdout")

    def complain(self, sentence: str) -> None:
        """Print one sentence on standard error."""
        _print(sentence, "stderr")

    def quote(self, lines: Iterable[str]) -> None:
        """Print what another program wrote, set in."""
        for line in lines:
            self.say(f"    {line}")


def _print(line: str, where: str) -> None:
    stream = getattr(sys, where)
    if stream is None:
        return
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError):
        # Python would complain once more at exit about what it could not write.
        setattr(sys, where, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - stays
