"""The places whose things somebody may see: theirs and all that lie in it."""

from __future__ import annotations

from sqlalchemy import Connection, text

COVERS = text("""
    WITH RECURSIVE up AS (
        SELECT id, parent_id FROM areas WHERE id = :area
        UNION ALL SELECT a.id, a.parent_id FROM areas a JOIN up ON a.id = up.parent_id
    )
    SELECT EXISTS (SELECT FROM up WHERE id = :scope)
""")


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
