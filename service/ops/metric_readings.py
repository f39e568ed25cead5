"""The figures behind /metrics: each statement, and the names under which its columns are told.

Whatever grew large is read by an index that holds only what is alive, or by its newest rows: a
scrape costs the same in the tenth year. Every web process answers alike and a restart loses
nothing, since nothing is counted in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, text

PREFIX: Final = "caunoi_"


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement: a row for each set of labels, a column for each figure.

    A figure's column is its name without the prefix; where it is NULL nothing is told. A name that
    ends in _total is a counter, any other a gauge.
    """

    name: str
    statement: TextClause
    figures: Mapping[str, str]
    """What each means, by name."""
    labels: tuple[str, ...] = ()


LANES = Reading(
    "lanes",
    text("""
        SELECT l.lane,
               coalesce(q.waiting, 0) AS lane_waiting_messages,
               coalesce(q.later, 0) AS lane_later_messages,
               coalesce(q.oldest, 0) AS lane_oldest_due_seconds,
               coalesce(h.held, 0) AS lane_in_flight_messages,
               coalesce(h.lost, 0) AS lane_lost_lease_messages
        FROM unnest(CAST(:lanes AS text[])) AS l (lane)
        LEFT JOIN (
            SELECT lane, count(*) FILTER (WHERE due_at <= (SELECT clock_timestamp())) AS waiting,
                   count(*) FILTER (WHERE due_at > (SELECT clock_timestamp())) AS later,
                   extract(epoch FROM (SELECT clock_timestamp()) - min(due_at) FILTER (
                       WHERE due_at <= (SELECT clock_timestamp())
                         AND valid_until > (SELECT clock_timestamp()))) AS oldest
            FROM messages_out WHERE state = 'queued' GROUP BY lane) AS q USING (lane)
        LEFT JOIN (
            SELECT lane, count(*) AS held,
                   count(*) FILTER (WHERE lease_until < (SELECT clock_timestamp())) AS lost
            FROM messages_out WHERE state IN ('leased', 'sending') GROUP BY lane) AS h USING (lane)
    """),
    {
        "caunoi_lane_waiting_messages": "Messages that are due and that no worker holds",
        "caunoi_lane_later_messages": "Messages queued for a later moment",
        "caunoi_lane_oldest_due_seconds": "How long the oldest of the waiting has been due",
        "caunoi_lane_in_flight_messages": "Messages that a worker holds or hands over",
        "caunoi_lane_lost_lease_messages": "Of these, held by a worker whose time is over",
    },
    ("lane",),
)

UNDECIDED = Reading(
    "undecided",
    text("""
        SELECT s.state, count(m.changed_at) AS undecided_messages,
               coalesce(extract(epoch FROM (SELECT clock_timestamp()) - min(m.changed_at)), 0)
                   AS undecided_oldest_seconds
        FROM unnest(ARRAY['accepted', 'unknown']) AS s (state)
        LEFT JOIN (SELECT state, changed_at FROM messages_out
                   WHERE state IN ('accepted', 'unknown')) AS m USING (state)
        GROUP BY s.state
    """),
    {
        "caunoi_undecided_messages": "Messages whose end is not known: the carrier has them"
        " (accepted), or nobody knows whether it has (unknown)",
        "caunoi_undecided_oldest_seconds": "How long the oldest of them has been so",
    },
    ("state",),
)

RECENT_MESSAGES = Reading(
    "recent_messages",
    text("""
        SELECT class, state, count(*) AS recent_messages
        FROM (SELECT class, state, created_at FROM messages_out ORDER BY id DESC LIMIT 20000) AS m
        WHERE created_at > (SELECT clock_timestamp()) - interval '1 hour'
        GROUP BY class, state
    """),
    {
        "caunoi_recent_messages": "Messages written in the last hour, of the newest 20,000, by"
        " where they stand now"
    },
    ("class", "state"),
)

RECENT_ATTEMPTS = Reading(
    "recent_attempts",
    text("""
        SELECT carrier, outcome, count(*) AS recent_attempts
        FROM (SELECT carrier, outcome, started_at FROM attempts ORDER BY id DESC LIMIT 10000) AS a
        WHERE started_at > (SELECT clock_timestamp()) - interval '15 minutes'
        GROUP BY carrier, outcome
    """),
    {
        "caunoi_recent_attempts": "Attempts to hand a message to the carrier in the last 15"
        " minutes, of the newest 10,000, by what became of them"
    },
    ("carrier", "outcome"),
)

CALLS = Reading(
    "calls",
    text("""
        SELECT carrier,
               percentile_disc(0.95) WITHIN GROUP (
                   ORDER BY extract(epoch FROM finished_at - started_at))
                   AS carrier_call_p95_seconds
        FROM (SELECT carrier, started_at, finished_at FROM attempts
              ORDER BY id DESC LIMIT 10000) AS a
        WHERE started_at > (SELECT clock_timestamp()) - interval '15 minutes'
          AND finished_at IS NOT NULL
        GROUP BY carrier
    """),
    {
        "caunoi_carrier_call_p95_seconds": "Nineteen in twenty attempts of the last 15 minutes"
        " had their answer within this"
    },
    ("carrier",),
)

DELAYS = Reading(
    "delays",
    text("""
        SELECT m.lane,
               percentile_disc(0.95) WITHIN GROUP (
                   ORDER BY greatest(extract(epoch FROM a.finished_at - m.due_at), 0))
                   AS due_to_accepted_p95_seconds
        FROM (SELECT message_id, outcome, started_at, finished_at FROM attempts
              ORDER BY id DESC LIMIT 10000) AS a
        JOIN messages_out m ON m.id = a.message_id
        WHERE a.started_at > (SELECT clock_timestamp()) - interval '15 minutes'
          AND a.outcome = 'accepted'
        GROUP BY m.lane
    """),
    {
        "caunoi_due_to_accepted_p95_seconds": "Nineteen in twenty messages of the last 15 minutes"
        " were with the carrier within this after they were due"
    },
    ("lane",),
)

REPORTS = Reading(
    "reports",
    text("""
        SELECT count(*) AS recent_accepted_messages,
               count(*) FILTER (WHERE m.report_rank > 0) AS recent_reported_messages,
               count(*) FILTER (WHERE m.state = 'delivered') AS recent_delivered_messages
        FROM (SELECT message_id, outcome, finished_at FROM attempts
              ORDER BY id DESC LIMIT 40000) AS a
        JOIN messages_out m ON m.id = a.message_id
        WHERE a.outcome = 'accepted'
          AND a.finished_at > (SELECT clock_timestamp()) - interval '20 minutes'
          AND a.finished_at <= (SELECT clock_timestamp()) - interval '5 minutes'
    """),
    {
        "caunoi_recent_accepted_messages": "Messages the carrier took 5 to 20 minutes ago, of the"
        " newest 40,000 attempts",
        "caunoi_recent_reported_messages": "Of these, how many it has reported on since",
        "caunoi_recent_delivered_messages": "Of these, how many their phones have",
    },
)

LAST_REPORT = Reading(
    "last_report",
    text("""
        SELECT extract(epoch FROM clock_timestamp() - received_at) AS last_report_age_seconds,
               (SELECT count(*) FROM receipts WHERE attempt_id IS NULL) AS stray_reports
        FROM receipts ORDER BY id DESC LIMIT 1
    """),
    {
        "caunoi_last_report_age_seconds": "Since the carrier's last delivery report came in",
        "caunoi_stray_reports": "Delivery reports kept about messages we do not know",
    },
)

SENT = Reading(
    "sent",
    text("""
        SELECT 1 - (SELECT count(*) FROM switches WHERE name = 'sending' AND NOT is_on)
                   AS sending_on,
               coalesce(sum(messages), 0) AS sent_messages_total,
               coalesce(sum(segments), 0) AS sent_segments_total,
               coalesce(sum(vnd), 0) AS spend_vnd_total,
               coalesce(sum(vnd) FILTER (WHERE starts_at = date_trunc(
                   'day', clock_timestamp(), 'Asia/Ho_Chi_Minh')), 0) AS spend_today_vnd
        FROM spend WHERE period = 'day'
    """),
    {
        "caunoi_sending_on": "1, or 0 while somebody has turned all sending off",
        "caunoi_sent_messages_total": "Messages that were begun to be handed over, ever; one that"
        " is tried again counts again",
        "caunoi_sent_segments_total": "Segments of these",
        "caunoi_spend_vnd_total": "What they cost by our own price of a segment, in dong",
        "caunoi_spend_today_vnd": "The same since midnight in Vietnam",
    },
)

CAPS = Reading(
    "caps",
    text("""
        SELECT p.period, coalesce(s.vnd, 0) AS spend_capped_vnd, p.cap AS spend_cap_vnd
        FROM (VALUES
            ('hour', date_trunc('hour', clock_timestamp()), CAST(:per_hour AS bigint)),
            ('day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh'),
             CAST(:per_day AS bigint))) AS p (period, starts_at, cap)
        LEFT JOIN spend s ON s.period = 'capped_' || p.period AND s.starts_at = p.starts_at
    """),
    {
        "caunoi_spend_capped_vnd": "Spent this hour and this day on what the caps hold for, which"
        " is all but emergencies",
        "caunoi_spend_cap_vnd": "The caps",
    },
    ("period",),
)

PAUSES = Reading(
    "pauses",
    text("""
        SELECT carrier, code, 1 AS carrier_paused,
               extract(epoch FROM clock_timestamp() - since) AS carrier_paused_seconds
        FROM carrier_pauses WHERE until > clock_timestamp()
    """),
    {
        "caunoi_carrier_paused": "1 while nothing is handed to a carrier, and why; no line else",
        "caunoi_carrier_paused_seconds": "Since when",
    },
    ("carrier", "code"),
)

OUTBOX = (
    LANES,
    UNDECIDED,
    RECENT_MESSAGES,
    RECENT_ATTEMPTS,
    CALLS,
    DELAYS,
    REPORTS,
    LAST_REPORT,
    SENT,
    CAPS,
    PAUSES,
)
