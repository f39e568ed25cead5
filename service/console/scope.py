"""The places whose things somebody may see: theirs and all that lie in it.

Here and nowhere else: every statement of the pages that show requests, classes or hamlets is given
what Places.bound returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from service.records.console import Role

from .sessions import Who

COVERS = text("""
    WITH RECURSIVE up AS (
        SELECT id, parent_id FROM areas WHERE id = :area
        UNION ALL SELECT a.id, a.parent_id FROM areas a JOIN up ON a.id = up.parent_id
    )
    SELECT EXISTS (SELECT FROM up WHERE id = :scope)
""")
# What is asked for is looked for among what is theirs: of another's place nothing is left.
WITHIN = text("""
    WITH RECURSIVE mine AS (
        SELECT id FROM areas
        WHERE id = :scope OR (CAST(:scope AS bigint) IS NULL AND parent_id IS NULL)
        UNION SELECT a.id FROM areas a JOIN mine ON a.parent_id = mine.id
    ), wanted AS (
        SELECT id FROM mine WHERE id = :place OR CAST(:place AS bigint) IS NULL
        UNION SELECT a.id FROM areas a JOIN wanted ON a.parent_id = wanted.id
    )
    SELECT array_agg(id ORDER BY id) AS ids, clock_timestamp() AS now,
           count(*) = (SELECT count(*) FROM areas) AS is_all,
           set_config('plan_cache_mode', 'force_custom_plan', true) FROM wanted
""")
# A plan made without knowing which filters are empty would read whole tables.
ANYWHERE = text("""
    SELECT clock_timestamp() AS now, set_config('plan_cache_mode', 'force_custom_plan', true)
""")


@dataclass(frozen=True, slots=True)
class Places:
    """The places of whoever asks, or those of them they asked for; and when they asked."""

    everywhere: bool
    ids: frozenset[int] = field(repr=False)
    now: datetime

    def bound(self) -> Mapping[str, Any]:
        """Return what a statement's `(:everywhere OR x.area_id = ANY(:places))` is given."""
        return {"everywhere": self.everywhere, "places": sorted(self.ids), "now": self.now}

    def has(self, area_id: int) -> bool:
        """Say whether a place is among them."""
        return self.everywhere or area_id in self.ids


def places_of(connection: Connection, who: Who, place: int | None = None) -> Places | None:
    """Return the places somebody may see, or of those what lies in the one they asked for.

    None when there is no such place, or it is not theirs: which of the two is not told.
    """
    sees_all = who.area_id is None and who.role in {Role.OPERATOR, Role.VIEWER}
    if sees_all and place is None:
        return Places(everywhere=True, ids=frozenset(), now=connection.execute(ANYWHERE).one().now)
    if who.area_id is None and not sees_all:
        return None
    row = connection.execute(WITHIN, {"scope": who.area_id, "place": place}).one()
    if not row.ids:
        return None
    # With a single province its own are all there are, and nothing need be compared with them.
    ids = frozenset() if row.is_all else frozenset(row.ids)
    return Places(everywhere=row.is_all, ids=ids, now=row.now)


def covers(connection: Connection, scope: int | None, area_id: int | None) -> bool:
    """Say whether a place lies in somebody's own; None as theirs is every place.

    What has no place is seen by those only who see all.
    """
    if scope is None:
        return True
    if area_id is None:
        return False
    found: bool = connection.execute(COVERS, {"area": area_id, "scope": scope}).scalar_one()
    return found
