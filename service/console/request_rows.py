"""Requests as lists and one page show them: where and how far, nobody's name, number or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from .asked import After
from .scope import Places

GOING_ON = ("open", "accepted", "done")
OVER = ("closed", "cancelled")
MOST_LINES = 500
"""Of one request's life."""

# Thousands are going on: put in the order in which they wait, and only those of the page dressed.
LIVE = text("""
    WITH waiting AS (
        SELECT r.id, r.number, r.state, r.topic, r.reopened, r.opened_at, r.area_id, r.team_id,
               r.accepted_by, s.since, s.step, l.ladder
        FROM help_requests r LEFT JOIN climbs l ON l.request_id = r.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN r.state = 'accepted' THEN coalesce(r.accepted_at, r.opened_at)
                        WHEN r.state = 'done' THEN coalesce(r.done_at, r.opened_at)
                        WHEN l.began_at < r.opened_at + interval '1 minute' THEN r.opened_at
                        WHEN EXISTS (SELECT FROM request_events e
                                     WHERE e.request_id = r.id AND e.event = 'accepted')
                             THEN coalesce(l.began_at, r.opened_at)
                        ELSE r.opened_at END AS since,
                   CASE WHEN r.state = 'open' AND l.rung >= 0 THEN coalesce(l.party, 'nobody')
                        WHEN r.state = 'open' THEN 'nobody' ELSE '' END AS step) AS s
        WHERE r.state IN ('open', 'accepted', 'done') AND r.opened_at IS NOT NULL
          AND (:everywhere OR r.area_id = ANY(:places)) AND r.state = ANY(:states)
          AND (CAST(:topic AS text) = '' OR r.topic = :topic)
          AND (CAST(:step AS text) = '' OR s.step = :step)
          AND (NOT :emergency OR l.ladder = 'emergency')
          AND (CAST(:after_at AS timestamptz) IS NULL
               OR (s.since, r.id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint)))
        ORDER BY s.since, r.id LIMIT :most)
    SELECT w.id, w.number, w.state, w.topic, w.reopened, w.opened_at, w.since, w.step, w.ladder,
           concat_ws(' ', nullif(a.title, ''), a.name) AS area,
           CASE WHEN a.kind = 'hamlet' THEN concat_ws(' ', nullif(p.title, ''), p.name) END
               AS commune,
           m.role AS has_it, t.level AS of_team
    FROM waiting w JOIN areas a ON a.id = w.area_id LEFT JOIN areas p ON p.id = a.parent_id
    LEFT JOIN teams t ON t.id = w.team_id
    LEFT JOIN memberships m ON m.team_id = w.team_id AND m.person_id = w.accepted_by
                           AND m.until IS NULL
    ORDER BY w.since, w.id
""")
# Hundreds of thousands are over: the newest are read from the end of the table, or of a week.
FILED = text("""
    SELECT r.id, r.number, r.state, r.topic, r.reopened, r.opened_at, l.ladder,
           CASE WHEN r.state = 'open' THEN r.opened_at
                WHEN r.state = 'accepted' THEN coalesce(r.accepted_at, r.opened_at)
                WHEN r.state = 'done' THEN coalesce(r.done_at, r.opened_at)
                ELSE coalesce(r.closed_at, r.opened_at) END AS since,
           CASE WHEN r.state = 'open' AND l.rung >= 0 THEN coalesce(l.party, 'nobody')
                WHEN r.state = 'open' THEN 'nobody' ELSE '' END AS step,
           concat_ws(' ', nullif(a.title, ''), a.name) AS area,
           CASE WHEN a.kind = 'hamlet' THEN concat_ws(' ', nullif(p.title, ''), p.name) END
               AS commune,
           m.role AS has_it, t.level AS of_team
    FROM help_requests r JOIN areas a ON a.id = r.area_id LEFT JOIN areas p ON p.id = a.parent_id
    LEFT JOIN climbs l ON l.request_id = r.id LEFT JOIN teams t ON t.id = r.team_id
    LEFT JOIN memberships m ON m.team_id = r.team_id AND m.person_id = r.accepted_by
                           AND m.until IS NULL
    WHERE r.opened_at IS NOT NULL
      AND (:everywhere OR r.area_id = ANY(:places)) AND r.state = ANY(:states)
      AND (CAST(:topic AS text) = '' OR r.topic = :topic)
      AND (NOT :emergency OR l.ladder = 'emergency')
      AND (CAST(:week AS date) IS NULL
           OR CAST(date_trunc('week', r.opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date) = :week)
      AND (CAST(:after_id AS bigint) IS NULL OR r.id < :after_id)
    ORDER BY r.id DESC LIMIT :most
""")
ONE = text("""
    SELECT r.id, r.number, r.state, r.topic, r.channel, r.opened_at, r.closed_at, r.reopened,
           l.ladder, l.lap, l.due_at, m.role AS has_it, t.level AS of_team,
           CASE WHEN r.state = 'open' AND l.rung >= 0 THEN coalesce(l.party, 'nobody')
                WHEN r.state = 'open' THEN 'nobody' ELSE '' END AS step,
           concat_ws(' ', nullif(a.title, ''), a.name) AS area,
           CASE WHEN a.kind = 'hamlet' THEN concat_ws(' ', nullif(p.title, ''), p.name) END
               AS commune
    FROM help_requests r JOIN areas a ON a.id = r.area_id LEFT JOIN areas p ON p.id = a.parent_id
    LEFT JOIN climbs l ON l.request_id = r.id LEFT JOIN teams t ON t.id = r.team_id
    LEFT JOIN memberships m ON m.team_id = r.team_id AND m.person_id = r.accepted_by
                           AND m.until IS NULL
    WHERE r.id = :id AND r.opened_at IS NOT NULL
      AND (:everywhere OR r.area_id = ANY(:places))
""")
# Who did it is said by what they were in their team then; who was in none asks for help.
LIFE = text("""
    WITH r AS (SELECT id FROM help_requests
               WHERE id = :id AND (:everywhere OR area_id = ANY(:places)))
    SELECT e.at, 'event' AS kind, e.event AS what, m.role, m.level,
           e.person_id IS NOT NULL AS is_somebody, 0 AS people, 0 AS lap, e.id
    FROM r JOIN request_events e ON e.request_id = r.id
    LEFT JOIN LATERAL (
        SELECT s.role, t.level FROM memberships s JOIN teams t ON t.id = s.team_id
        WHERE s.person_id = e.person_id AND s.since <= e.at
          AND (s.until IS NULL OR s.until >= e.at)
        ORDER BY s.id LIMIT 1) AS m ON true
    WHERE e.event <> 'told' OR NOT EXISTS (SELECT FROM climb_steps s WHERE s.request_id = r.id)
    UNION ALL
    SELECT s.at, 'step', s.party, NULL, NULL, false, s.people, s.lap, s.id
    FROM r JOIN climb_steps s ON s.request_id = r.id
    UNION ALL
    SELECT q.asked_at, 'question', 'asked_whether_solved', NULL, NULL, false, 0, 0, q.id
    FROM r JOIN questions q ON q.request_id = r.id
    ORDER BY at, kind, id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which requests are asked for."""

    states: tuple[str, ...]
    topic: str = ""
    step: str = ""
    is_emergency: bool = False
    week: date | None = None

    @property
    def is_live(self) -> bool:
        """Whether all of them are going on, and so shown by how long they wait."""
        return self.week is None and set(self.states) <= set(GOING_ON)


def find_requests(
    session: Session, places: Places, wish: Wish, after: After | None, most: int
) -> Sequence[Row[Any]]:
    """Return requests: of those going on the longest waiting first, else the newest first."""
    asked: Mapping[str, Any] = {
        "states": list(wish.states),
        "topic": wish.topic,
        "step": wish.step,
        "emergency": wish.is_emergency,
        "week": wish.week,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "most": most,
        **places.bound(),
    }
    return session.execute(LIVE if wish.is_live else FILED, asked).all()


def one_request(
    session: Session, places: Places, request_id: int
) -> tuple[Row[Any], Sequence[Row[Any]]] | None:
    """Return a request and its life in order, None when there is none or it is not theirs."""
    asked = {"id": request_id, **places.bound()}
    found = session.execute(ONE, asked).one_or_none()
    if found is None:
        return None
    return found, session.execute(LIFE, {**asked, "most": MOST_LINES}).all()
