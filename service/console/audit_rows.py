"""Finding lines of the audit among millions: every field is an index, or follows one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from .asked import After, begin_of, end_of

ANY_END = "*"
"""Behind a name: all that begin like it."""

# One step for each action there is, however many lines it has.
ACTIONS = text("""
    WITH RECURSIVE one AS (
        (SELECT action FROM audit ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT a.action FROM audit a WHERE a.action > one.action
                ORDER BY a.action LIMIT 1) FROM one WHERE one.action IS NOT NULL
    )
    SELECT action
    FROM one WHERE action IS NOT NULL
""")
PLAN = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
LINES = text("""
    SELECT id, at, actor, action, about, detail FROM audit
    WHERE (CAST(:actor AS text) IS NULL OR actor = :actor)
      AND (CAST(:actor_like AS text) IS NULL OR actor LIKE :actor_like)
      AND (CAST(:action AS text) IS NULL OR action = :action)
      AND (CAST(:about AS text) IS NULL OR about = :about)
      AND (CAST(:about_like AS text) IS NULL OR about LIKE :about_like)
      AND (CAST(:begins AS timestamptz) IS NULL OR at >= :begins)
      AND (CAST(:ends AS timestamptz) IS NULL OR at < :ends)
      AND (CAST(:after_at AS timestamptz) IS NULL
           OR (at, id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint)))
    ORDER BY at DESC, id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Search:
    """What lines are asked for; empty is all. Days are of Vietnam, both included."""

    actor: str = ""
    action: str = ""
    about: str = ""
    begins: date | None = None
    ends: date | None = None


def actions(connection: Connection) -> Sequence[str]:
    """Return every action that has a line."""
    connection.execute(PLAN)
    return connection.execute(ACTIONS).scalars().all()


def find_lines(
    connection: Connection, search: Search, after: After | None, most: int
) -> Sequence[Row[Any]]:
    """Return lines, the newest first."""
    asked: Mapping[str, Any] = {
        "action": search.action or None,
        "begins": begin_of(search.begins),
        "ends": end_of(search.ends),
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "most": most,
        **_exact_or_like("actor", search.actor),
        **_exact_or_like("about", search.about),
    }
    return connection.execute(LINES, asked).all()


def _exact_or_like(name: str, typed: str) -> Mapping[str, str | None]:
    if not typed.endswith(ANY_END):
        return {name: typed or None, f"{name}_like": None}
    begins = typed.rstrip(ANY_END)
    for sign in ("\\", "%", "_"):
        begins = begins.replace(sign, f"\\{sign}")
    return {name: None, f"{name}_like": f"{begins}%" if begins else None}
