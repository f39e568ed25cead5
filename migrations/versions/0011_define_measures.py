"""define_measures."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REQUESTS = """
SELECT r.id AS request_id,
       r.topic,
       r.area_id,
       CASE WHEN a.kind = 'hamlet' THEN a.id END AS hamlet_id,
       CASE a.kind WHEN 'hamlet' THEN a.parent_id WHEN 'commune' THEN a.id END AS commune_id,
       CASE a.kind WHEN 'hamlet' THEN c.parent_id WHEN 'commune' THEN a.parent_id
                   ELSE a.id END AS province_id,
       r.opened_at AS filed_at,
       CAST(r.opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) AS day,
       CAST(date_trunc('week', r.opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date) AS week,
       r.state,
       least(past.taken_at, r.accepted_at) AS answered_at,
       CASE WHEN least(past.taken_at, r.accepted_at) IS NOT NULL
            THEN greatest(least(past.taken_at, r.accepted_at) - r.opened_at, interval '0')
       END AS time_to_answer,
       CASE WHEN r.state = 'closed' THEN r.closed_at END AS closed_at,
       CASE WHEN r.state = 'closed' THEN greatest(r.closed_at - r.opened_at, interval '0')
       END AS time_to_close,
       CASE WHEN r.state = 'closed' AND said.is_solved THEN 'word'
            WHEN r.state = 'closed' THEN 'silence' END AS closed_by,
       r.reopened,
       coalesce(steps.beyond_team, false) AS escalated,
       coalesce(steps.to_desk, false) AS reached_desk,
       past.times_passed > 0 AS passed_on,
       CASE WHEN r.state <> 'open' THEN NULL
            WHEN past.taken_at IS NULL THEN r.opened_at
            ELSE coalesce(l.began_at, r.opened_at) END AS waits_since,
       CASE WHEN r.state <> 'open' THEN NULL
            WHEN l.rung >= 0 THEN coalesce(l.party, 'nobody')
            ELSE 'nobody' END AS step
FROM help_requests r
JOIN areas a ON a.id = r.area_id
LEFT JOIN areas c ON c.id = a.parent_id
LEFT JOIN climbs l ON l.request_id = r.id
LEFT JOIN LATERAL (
    SELECT min(e.at) FILTER (WHERE e.event = 'accepted') AS taken_at,
           count(*) FILTER (WHERE e.event = 'passed') AS times_passed
    FROM request_events e WHERE e.request_id = r.id) AS past ON true
LEFT JOIN LATERAL (
    SELECT bool_or(s.party NOT IN ('duty', 'deputy', 'team')) AS beyond_team,
           bool_or(s.party = 'desk') AS to_desk
    FROM climb_steps s WHERE s.request_id = r.id) AS steps ON true
LEFT JOIN LATERAL (
    SELECT coalesce(bool_or(q.answer = '1'), false) AS is_solved
    FROM questions q WHERE q.request_id = r.id) AS said ON true
WHERE r.opened_at IS NOT NULL
"""

MEASURES = """
       count(*) AS asked,
       count(*) FILTER (WHERE state = 'open') AS open,
       count(*) FILTER (WHERE state = 'accepted') AS accepted,
       count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state = 'closed') AS closed,
       count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
       count(answered_at) AS answered,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_answer) AS answer_median,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_answer) AS answer_nine_in_ten,
       count(*) FILTER (WHERE closed_by = 'word') AS closed_by_word,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_close)
           FILTER (WHERE closed_by = 'word') AS word_median,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_close)
           FILTER (WHERE closed_by = 'word') AS word_nine_in_ten,
       count(*) FILTER (WHERE closed_by = 'silence') AS closed_by_silence,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_close)
           FILTER (WHERE closed_by = 'silence') AS silence_median,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY time_to_close)
           FILTER (WHERE closed_by = 'silence') AS silence_nine_in_ten,
       count(*) FILTER (WHERE closed_by = 'word' AND reopened = 0) AS solved_at_first_try,
       count(*) FILTER (WHERE closed_by = 'silence' AND reopened = 0) AS silent_at_first_try,
       count(*) FILTER (WHERE reopened > 0) AS reopened,
       count(*) FILTER (WHERE escalated) AS escalated,
       count(*) FILTER (WHERE reached_desk) AS reached_desk,
       count(*) FILTER (WHERE passed_on) AS passed_on,
       min(waits_since) AS oldest_open_since
FROM measured_requests
"""

VIEWS = {
    "measured_requests": (
        REQUESTS,
        (
            "One line per request that was filed, without words, names or numbers of anybody; the"
            " other measures are made of it. Definitions: docs/measures.md"
        ),
    ),
    "measures_by_topic": (
        f"SELECT week, province_id, topic, {MEASURES} GROUP BY week, province_id, topic",
        "Measures by topic and by the week of Vietnam in which requests were filed.",
    ),
    "measures_by_hamlet": (
        (
            f"SELECT week, province_id, commune_id, area_id, {MEASURES}"
            " GROUP BY week, province_id, commune_id, area_id"
        ),
        "Measures by hamlet, or by commune where no hamlet was named, and by week of filing.",
    ),
    "measures_by_commune": (
        f"SELECT week, province_id, commune_id, {MEASURES} GROUP BY week, province_id, commune_id",
        "Measures by commune, all its hamlets together, and by week of filing.",
    ),
    "measures_by_province": (
        f"SELECT week, province_id, {MEASURES} GROUP BY week, province_id",
        "Measures of the whole province by week of filing.",
    ),
    "waiting_requests": (
        """
        SELECT province_id, commune_id, area_id, topic, step, count(*) AS open,
               min(waits_since) AS oldest_open_since
        FROM measured_requests WHERE state = 'open'
        GROUP BY province_id, commune_id, area_id, topic, step
        """,
        (
            "Requests nobody has taken now, whenever they were filed, by the step of the ladder that"
            " was told last."
        ),
    ),
}


def upgrade() -> None:
    op.create_index(
        "ix_help_requests_week",
        "help_requests",
        [sa.text("(CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date))")],
    )
    for name, (select, comment) in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select}")
        op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
    op.drop_index("ix_help_requests_week", "help_requests")
