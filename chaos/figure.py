"""One figure beside its target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `most` is its target, None for one that is only told."""

    name: str
    value: int
    most: int | None = 0
    exactly: bool = False

    @property
    def good(self) -> bool:
        """Whether the target is met."""
        if self.most is None:
            return True
        return self.value == self.most if self.exactly else self.value <= self.most

    @property
    def line(self) -> str:
        """The figure as it is printed."""
        if self.most is None:
            return f"  {self.name:<58} {self.value:>7}"
        target = f"{self.most}" if self.exactly or self.most == 0 else f"<= {self.most}"
        word = "ok" if self.good else "SHORT"
        return f"  {self.name:<58} {self.value:>7}   target {target:<8} {word}"
