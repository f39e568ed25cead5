"""The data that comes with the service: places of the province and an invented village."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[1] / "data"


def read_demo() -> dict[str, Any]:
    """Return the demo village as its file has it."""
    return dict(yaml.safe_load((DATA / "demo.yaml").read_text(encoding="utf-8")))


def demo_operator() -> str:
    """Return the number of the invented operator, who hears of alarms on the phones page."""
    others = read_demo()["cast"]["others"]
    return str(next(one["msisdn"] for one in others if one["role"] == "operator"))


def read_communes() -> list[dict[str, str]]:
    """Return the communes since July 2025, one row each."""
    with (DATA / "communes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
