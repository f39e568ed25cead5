"""Hamlets from which nothing is heard, and those without a team: docs/measures.md defines both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from service.records.areas import Area

SILENT_AFTER = timedelta(weeks=4)

# The first is read once for all hamlets: in a million requests that is quicker than asking hamlet
# by hamlet. Calls are forgotten after seven days, so a phone's own last sign of life is asked.
SILENT = text("""
    WITH asked AS (
        SELECT area_id, max(opened_at) AS asked_at,
               max(greatest(accepted_at, done_at)) AS answered_at
        FROM help_requests WHERE opened_at IS NOT NULL GROUP BY area_id)
    , heard AS (
        SELECT h.area_id, max(f.last_heard_at) AS heard_at
        FROM people h JOIN phones f ON f.id = h.phone_id GROUP BY h.area_id)
    SELECT a.id, a.code, a.title, a.name, a.parent_id,
           greatest(q.asked_at, q.answered_at, p.heard_at) AS last_at
    FROM areas a
    LEFT JOIN asked q ON q.area_id = a.id
    LEFT JOIN heard p ON p.area_id = a.id
    WHERE a.kind = 'hamlet' AND a.active
      AND (CAST(:commune_id AS bigint) IS NULL OR a.parent_id = :commune_id)
      AND greatest(q.asked_at, q.answered_at, p.heard_at, a.created_at)
          <= clock_timestamp() - :silent_after
""")
UNSERVED = text("""
    SELECT a.id, a.code, a.title, a.name, a.parent_id FROM areas a
    WHERE a.kind = 'hamlet' AND a.active
      AND (CAST(:commune_id AS bigint) IS NULL OR a.parent_id = :commune_id)
      AND NOT EXISTS (SELECT FROM team_areas s JOIN teams t ON t.id = s.team_id
                      WHERE s.area_id = a.id AND t.active)
    ORDER BY a.code
""")
HAMLETS = text("SELECT id, code, title, name, parent_id FROM areas WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A hamlet, as lists name it."""

    id: int
    code: str
    title: str
    name: str
    commune_id: int

    @property
    def full_name(self) -> str:
        """The name as it is written: "Xóm Cốc Phia"."""
        return f"{self.title} {self.name}".strip()

    @classmethod
    def of(cls, row: Row[Any]) -> Hamlet:
        """Read it from a row that has its columns."""
        return cls(row.id, row.code, row.title, row.name, row.parent_id)


@dataclass(frozen=True, slots=True)
class Silent:
    """A hamlet from which nothing was heard for SILENT_AFTER, and when something last was."""

    hamlet: Hamlet
    last_at: datetime | None


def silent_hamlets(session: Session, commune_id: int | None = None) -> Sequence[Silent]:
    """Return the silent hamlets of a commune, or all, those silent longest first."""
    rows = session.execute(SILENT, {"commune_id": commune_id, "silent_after": SILENT_AFTER})
    found = [Silent(Hamlet.of(row), row.last_at) for row in rows]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda silent: (silent.last_at or never, silent.hamlet.code))


def unserved_hamlets(session: Session, commune_id: int | None = None) -> Sequence[Hamlet]:
    """Return the hamlets that have no team of their own: the commune's hears of their requests."""
    return [Hamlet.of(row) for row in session.execute(UNSERVED, {"commune_id": commune_id})]


def hamlets_by_id(session: Session, ids: Collection[int]) -> Mapping[int, Hamlet]:
    """Return hamlets by their ids."""
    rows = session.execute(HAMLETS, {"ids": sorted(set(ids))})
    return {row.id: Hamlet.of(row) for row in rows}


def communes_of(session: Session, hamlets: Iterable[Hamlet]) -> Mapping[int, str]:
    """Return the full names of the communes that hamlets lie in, by id."""
    found = select(Area).where(Area.id.in_({hamlet.commune_id for hamlet in hamlets}))
    return {area.id: f"{area.title} {area.name}".strip() for area in session.scalars(found)}
