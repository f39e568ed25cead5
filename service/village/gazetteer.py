"""The places: loading those that ship with the service, and what loading is made of."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from .area_changes import Plan, What
from .area_rows import named_province
from .area_tables import Layout, ListRefused, read_table
from .commune_lists import load_communes, load_old_names

PROVINCE = Layout(required=("code", "name"), optional=(), names=frozenset({"name"}))
SOURCE = "Decision 19/2025/QĐ-TTg"
SOURCE_OF_OLDER = "official codes of before 2020"


def load_places(session: Session, folder: Path) -> tuple[int, int]:
    """Load the province a folder describes; return how many communes and old communes it has.

    The folder holds province.csv, communes.csv, old_to_new.csv and older_districts.csv. Loading
    again changes nothing but what has changed in the files. Raises ListRefused with every fault.
    """
    (cells,) = read_table((folder / "province.csv").read_bytes(), PROVINCE).rows
    province = named_province(cells["code"], cells["name"])
    communes = load_communes(
        session, (folder / "communes.csv").read_bytes(), province, source=SOURCE
    )
    old = load_old_names(session, (folder / "old_to_new.csv").read_bytes(), source=SOURCE)
    older = load_old_names(
        session, (folder / "older_districts.csv").read_bytes(), source=SOURCE_OF_OLDER
    )
    faults = [fault for plan in (communes, old, older) for fault in plan.faults]
    if faults:
        raise ListRefused(faults)
    return _told(communes), _told(old)


def _told(plan: Plan) -> int:
    return sum(change.what is not What.GONE for change in plan.changes)
