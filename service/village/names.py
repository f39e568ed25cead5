"""The longest names there are: what has to fit into the gaps of the texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.text.fold import fold
from service.text.gsm7 import septets

from .areas import said


def longest_names(communes: Iterable[Mapping[str, str]], demo: Mapping[str, Any]) -> dict[str, str]:
    """Return for each gap that holds a name the longest one, as a phone shows it.

    A commune stands in for a hamlet where no hamlets are loaded yet.
    """
    shown = [said(row["type"], row["name"].removeprefix(row["type"]).strip()) for row in communes]
    hamlets = [said("Xóm", hamlet["name"]) for hamlet in demo["hamlets"].values()]
    leaders = [fold(member["name"]).text for team in demo["teams"] for member in team["members"]]
    names = {"commune": shown, "hamlet": [*hamlets, *shown], "leader": leaders}
    return {gap: max(found, key=septets) for gap, found in names.items()}
