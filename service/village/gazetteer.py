"""Loads the places: the province, its communes since 2025, and the names they had before."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.records.areas import AliasKind, Area, AreaAlias, AreaKind
from service.text.fold import search_key

PROVINCE = ("04", "Tỉnh", "Cao Bằng")
SOURCE = "Decision 19/2025/QĐ-TTg"


def load_places(session: Session, folder: Path) -> tuple[int, int]:
    """Load communes.csv and old_to_new.csv of a folder; return how many communes and old names.

    Loading again changes nothing but names that have changed in the files.
    """
    code, title, name = PROVINCE
    province = put_area(session, AreaKind.PROVINCE, code, title, name)
    communes: dict[str, int] = {}
    for row in _rows(folder / "communes.csv"):
        communes[row["code"]] = put_area(
            session,
            AreaKind.COMMUNE,
            row["code"],
            row["type"],
            row["name"].removeprefix(row["type"]).strip(),
            parent_id=province,
            district=row["main_old_district"],
        )
    old = _rows(folder / "old_to_new.csv")
    for row in old:
        _put_old_name(session, communes[row["new_code"]], row)
    return len(communes), len(old)


def put_area(
    session: Session,
    kind: AreaKind,
    code: str,
    title: str,
    name: str,
    *,
    parent_id: int | None = None,
    district: str | None = None,
    has_coverage: bool | None = None,
) -> int:
    """Make or rename an area and return its id."""
    values = {
        "title": title,
        "name": name,
        "name_key": search_key(name),
        "parent_id": parent_id,
        "district": district,
        "has_coverage": has_coverage,
    }
    statement = insert(Area).values(kind=kind, code=code, **values)
    return session.execute(
        statement.on_conflict_do_update(index_elements=["kind", "code"], set_=values).returning(
            Area.id
        )
    ).scalar_one()


def commune_by_code(session: Session, code: str) -> Area:
    """Return a commune by its official code; raises NoResultFound."""
    found = select(Area).where(Area.kind == AreaKind.COMMUNE, Area.code == code)
    return session.scalars(found).one()


def _put_old_name(session: Session, area_id: int, row: Mapping[str, str]) -> None:
    name = row["old_name"]
    for title in ("Phường ", "Xã ", "Thị trấn "):
        name = name.removeprefix(title)
    session.execute(
        insert(AreaAlias)
        .values(
            area_id=area_id,
            kind=AliasKind.OLD_COMMUNE,
            name=name,
            name_key=search_key(name),
            district=row["old_district"],
            old_code=row["old_code"],
            source=SOURCE,
        )
        .on_conflict_do_nothing()
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
