"""The figures behind /metrics that are not about messages: processes, doors, requests, classes."""

from __future__ import annotations

from sqlalchemy import text

from .metric_readings import Reading

PROCESSES = Reading(
    "processes",
    text("""
        SELECT e.kind, e.lane,
               count(*) FILTER (WHERE b.beat_at > clock_timestamp()
                                      - make_interval(secs => :silence)) AS processes_alive,
               extract(epoch FROM clock_timestamp() - max(b.beat_at)) AS process_beat_age_seconds
        FROM (SELECT 'worker', lane FROM unnest(CAST(:lanes AS text[])) AS w (lane)
              UNION ALL SELECT 'clock', '') AS e (kind, lane)
        LEFT JOIN beats b ON b.kind = e.kind AND coalesce(b.lane, '') = e.lane
        GROUP BY e.kind, e.lane
    """),
    {
        "caunoi_processes_alive": "Workers of each lane and clocks that were heard of within 30"
        " seconds",
        "caunoi_process_beat_age_seconds": "Since the last of them was heard of; no line where one"
        " was stopped properly or is dead for a day",
    },
    ("kind", "lane"),
)

TIMETABLE = Reading(
    "timetable",
    text("""
        SELECT name AS work, every_seconds AS timetable_period_seconds,
               greatest(extract(epoch FROM clock_timestamp() - next_at), 0)
                   AS timetable_overdue_seconds,
               (last_error IS NOT NULL)::int AS timetable_failing
        FROM periodic_work WHERE name = ANY(CAST(:timetable AS text[]))
    """),
    {
        "caunoi_timetable_period_seconds": "How often the clock does a piece of work",
        "caunoi_timetable_overdue_seconds": "How long it has been due; 0 while it is not",
        "caunoi_timetable_failing": "1 when it failed the last time",
    },
    ("work",),
)

ALARMS = Reading(
    "alarms",
    text("""
        SELECT name AS alarm, count(*) AS alarms_open
        FROM alarms WHERE closed_at IS NULL GROUP BY name
    """),
    {"caunoi_alarms_open": "Alarms nobody has closed; no line where there is none of a name"},
    ("alarm",),
)

DOORS = Reading(
    "doors",
    text("""
        SELECT e.event, coalesce(sum(c.n), 0) AS gateway_events_total
        FROM unnest(CAST(:events AS text[])) AS e (event)
        LEFT JOIN counters c ON c.name = e.event
             AND c.minute >= (SELECT date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh'))
        GROUP BY e.event
    """),
    {
        "caunoi_gateway_events_total": "What went wrong at the carriers' doors since midnight in"
        " Vietnam, when it begins at 0 again"
    },
    ("event",),
)

TRAFFIC = Reading(
    "traffic",
    text("""
        SELECT u.calls AS recent_ussd_sessions, u.hops AS recent_ussd_hops,
               (SELECT count(*)
                FROM (SELECT received_at FROM messages_in ORDER BY id DESC LIMIT 5000) AS t
                WHERE received_at > clock_timestamp() - interval '15 minutes') AS recent_texts
        FROM (SELECT count(*) AS calls, coalesce(sum(hop), 0) AS hops FROM ussd_sessions
              WHERE updated_at > (SELECT clock_timestamp()) - interval '15 minutes') AS u
    """),
    {
        "caunoi_recent_ussd_sessions": "Calls in which something was pressed or shown in the last"
        " 15 minutes",
        "caunoi_recent_ussd_hops": "Screens shown in these calls",
        "caunoi_recent_texts": "SMS taken in within the last 15 minutes, of the newest 5,000",
    },
)

REQUESTS = Reading(
    "requests",
    text("""
        SELECT s.state, count(r.id) AS requests
        FROM unnest(ARRAY['open', 'accepted', 'done']) AS s (state)
        LEFT JOIN (SELECT id, state FROM help_requests
                   WHERE state IN ('open', 'accepted', 'done')) AS r USING (state)
        GROUP BY s.state
    """),
    {"caunoi_requests": "Requests that have not ended, by where they stand"},
    ("state",),
)

STEPS = Reading(
    "steps",
    text("""
        SELECT s.step, count(o.since) AS open_requests,
               coalesce(extract(epoch FROM (SELECT clock_timestamp()) - min(o.since)), 0)
                   AS open_request_oldest_seconds
        FROM unnest(CAST(:steps AS text[])) AS s (step)
        LEFT JOIN (
            SELECT CASE WHEN c.rung >= 0 THEN coalesce(c.party, 'nobody') ELSE 'nobody' END AS step,
                   coalesce(c.began_at, r.opened_at) AS since
            FROM help_requests r LEFT JOIN climbs c ON c.request_id = r.id
            WHERE r.state = 'open') AS o USING (step)
        GROUP BY s.step
    """),
    {
        "caunoi_open_requests": "Requests nobody has taken, by who was told last",
        "caunoi_open_request_oldest_seconds": "How long the oldest of them waits, from when it was"
        " filed or put back",
    },
    ("step",),
)

FILED = Reading(
    "filed",
    text("""
        SELECT count(*) AS requests_filed_total FROM help_requests
        WHERE CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date)
              = (SELECT CAST(date_trunc('week', clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')
                             AS date))
    """),
    {
        "caunoi_requests_filed_total": "Requests filed since Monday in Vietnam, when it begins at 0"
        " again"
    },
)

CLASSES = Reading(
    "classes",
    text("""
        SELECT count(*) AS coming_classes, coalesce(sum(t.seats), 0) AS coming_class_seats,
               coalesce(sum(e.taken), 0) AS coming_class_seats_taken,
               coalesce(sum(e.waiting), 0) AS coming_class_waiting
        FROM trainings t
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state IN ('seated', 'offered')) AS taken,
                   count(*) FILTER (WHERE state = 'waiting') AS waiting
            FROM enrolments WHERE training_id = t.id
              AND state IN ('seated', 'offered', 'waiting')) AS e
        WHERE t.state = 'open' AND t.starts_at > (SELECT clock_timestamp())
          AND t.starts_at < (SELECT clock_timestamp()) + interval '7 days'
    """),
    {
        "caunoi_coming_classes": "Classes that begin within 7 days",
        "caunoi_coming_class_seats": "Their seats",
        "caunoi_coming_class_seats_taken": "Seats taken, or kept for somebody who is asked",
        "caunoi_coming_class_waiting": "People in the rows for them",
    },
)

VILLAGE = (
    PROCESSES,
    TIMETABLE,
    ALARMS,
    DOORS,
    TRAFFIC,
    REQUESTS,
    STEPS,
    FILED,
    CLASSES,
)
