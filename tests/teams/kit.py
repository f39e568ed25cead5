"""Lists of teams and duties to load, in few words."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

from service.village.rota_lists import Rota, load_rota
from service.village.team_changes import Changes
from service.village.team_lists import Wishes, load_teams
from tests.village import World

HEAD = "team,level,serves,neighbour,role,name,phone,hamlet,hours"
COC_PHIA = "Tổ công nghệ số Cốc Phia"
DEMO = (
    f"{COC_PHIA},xóm,00018;00026;00034;00042,,leader,Hoàng Văn Mẫu,0900000002,,",
    f"{COC_PHIA},,,,deputy,Lý Thị Ví Dụ,0900000003,,",
    f"{COC_PHIA},,,,member,Triệu Văn Nháp,0900000004,,",
)
"""The demo's team, as a list has it."""
NEW = (
    "Tổ Lũng Mẫu,xóm,00059,,tổ trưởng,Nông Văn Mới,0900 000 031,00059,05:00-20:00",
    "Tổ Lũng Mẫu,,,,thành viên,Lục Thị Mới,0900.000.032,,",
)
"""A team for the hamlet that has none."""


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def load(world: World, *rows: str, data: bytes | None = None, **wishes: Any) -> Changes:
    """Load rows of a list of teams."""
    wishes.setdefault("consent_held_by", "UBND xã Hòa An")
    listed = data or csv_of(*rows)
    return load_teams(world.runtime.units, world.runtime.words, listed, Wishes(**wishes))


def loaded(world: World, *rows: str, **wishes: Any) -> list[str]:
    """Load rows that have no fault; return what is said."""
    changes = load(world, *rows, **wishes)
    assert changes.faults == []
    return list(changes.said())


def faults(changes: Changes | Rota) -> list[str]:
    return [str(fault) for fault in changes.faults]


def duties(world: World, *rows: str, head: str = "team,days,phone,name", **options: bool) -> Rota:
    """Load rows of a rota."""
    countries = world.runtime.words.countries
    return load_rota(world.runtime.units, csv_of(*rows, head=head), countries, **options)


def workbook(*rows: list[Any]) -> bytes:
    """A workbook with these cells."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def members(world: World, team: str) -> list[tuple[str, str, str]]:
    """Who is in a team now: role, name, number."""
    rows = world.rows(
        """
        SELECT m.role, h.name, f.msisdn FROM memberships m JOIN teams t ON t.id = m.team_id
        JOIN people h ON h.id = m.person_id LEFT JOIN phones f ON f.id = h.phone_id
        WHERE t.name = :team AND m.until IS NULL ORDER BY m.id
        """,
        team=team,
    )
    return [tuple(row) for row in rows]


TABLES = ("teams", "team_areas", "memberships", "people", "phones", "consents", "messages_out",
          "duties", "duty_swaps", "help_requests", "audit")  # fmt: skip


def everything(world: World) -> list[Any]:
    """All that a list of teams could change."""
    return [
        tuple(row) for table in TABLES for row in world.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
    ]
