"""What the pulse asks and writes. Big tables are read by their newest rows or by an index only."""

from __future__ import annotations

from sqlalchemy import text

STANDING = text("""
    SELECT one.now, date_trunc('minute', one.now) AS this_minute,
           (SELECT max(at) FROM pulses WHERE span = 'minute' AND series = 'hops') AS last_minute,
           (SELECT max(at) FROM pulses WHERE span = 'hour' AND series = 'hops') AS last_hour
    FROM (SELECT clock_timestamp() AS now) AS one
""")
# Kept from running twice at once, since two clocks would each take the other's hour for done.
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('pulse', 0))")
# `begins_at` is how far back the newest rows reach; what is older was not seen.
ATTEMPTS = text("""
    WITH tail AS MATERIALIZED (
        SELECT message_id, outcome, started_at, coalesce(finished_at, started_at) AS at
        FROM attempts ORDER BY id DESC LIMIT :tail)
    SELECT whole.n AS tail, whole.begins_at, seen.minute, seen.lane, seen.taken, seen.failed
    FROM (SELECT count(*) AS n, min(started_at) AS begins_at FROM tail) AS whole
    LEFT JOIN (
        SELECT date_trunc('minute', t.at) AS minute, m.lane,
               count(*) FILTER (WHERE t.outcome = 'accepted') AS taken,
               count(*) FILTER (WHERE t.outcome IN ('refused', 'not_taken', 'unknown')) AS failed
        FROM tail t JOIN messages_out m ON m.id = t.message_id
        WHERE t.at >= :since GROUP BY 1, 2) AS seen ON true
""")
REPORTED = text("""
    WITH tail AS MATERIALIZED (
        SELECT received_at, rank FROM receipts ORDER BY id DESC LIMIT :tail)
    SELECT whole.n AS tail, whole.begins_at, seen.minute, seen.delivered, seen.undelivered
    FROM (SELECT count(*) AS n, min(received_at) AS begins_at FROM tail) AS whole
    LEFT JOIN (
        SELECT date_trunc('minute', received_at) AS minute,
               count(*) FILTER (WHERE rank = 4) AS delivered,
               count(*) FILTER (WHERE rank = 3) AS undelivered
        FROM tail WHERE received_at >= :since GROUP BY 1) AS seen ON true
""")
COUNTED = text("""
    SELECT minute, name, n FROM counters WHERE name = ANY(:names) AND minute >= :since
""")
# A call began before it was last heard of, and only that has an index.
CALLS = text("""
    SELECT date_trunc('minute', started_at) AS minute, count(*) AS n FROM ussd_sessions
    WHERE updated_at >= CAST(:since AS timestamptz) AND started_at >= CAST(:since AS timestamptz)
    GROUP BY 1
""")
BALANCE = text("""
    SELECT value FROM gauges
    WHERE name = 'balance' AND read_at > clock_timestamp() - interval '2 hours'
      AND coalesce(detail, '') IN ('', 'VND')
""")
WRITE = text("""
    INSERT INTO pulses AS p (span, series, at, value)
    SELECT 'minute', series, at, value
    FROM unnest(CAST(:series AS text[]), CAST(:at AS timestamptz[]), CAST(:value AS float8[]))
         AS t (series, at, value)
    ON CONFLICT (span, series, at) DO UPDATE SET value = excluded.value
    WHERE p.value <> excluded.value
""")
# What is measured at a moment is measured several times in a minute.
WRITE_WORST = text("""
    INSERT INTO pulses AS p (span, series, at, value)
    SELECT 'minute', series, :minute, value
    FROM unnest(CAST(:series AS text[]), CAST(:value AS float8[])) AS t (series, value)
    ON CONFLICT (span, series, at) DO UPDATE
    SET value = CASE WHEN p.series = ANY(:peaks) THEN greatest(p.value, excluded.value)
                     ELSE least(p.value, excluded.value) END
    WHERE p.value <> excluded.value
""")
ROLL_UP = text("""
    INSERT INTO pulses AS p (span, series, at, value)
    SELECT 'hour', series, date_trunc('hour', at),
           CASE WHEN series = ANY(:sums) THEN sum(value)
                WHEN series = ANY(:peaks) THEN max(value) ELSE min(value) END
    FROM pulses
    WHERE span = 'minute' AND series = ANY(:series) AND at >= :since AND at < :until
    GROUP BY series, date_trunc('hour', at)
    ON CONFLICT (span, series, at) DO UPDATE SET value = excluded.value
    WHERE p.value <> excluded.value
""")
FORGET = text("""
    DELETE FROM pulses
    WHERE span = 'minute' AND at < :now - :minutes_kept OR span = 'hour' AND at < :now - :hours_kept
""")
CURVES = text("""
    SELECT series, date_bin(:width, at, :begin) AS at,
           CASE WHEN series = ANY(:sums) THEN sum(value)
                WHEN series = ANY(:peaks) THEN max(value) ELSE min(value) END AS value
    FROM pulses
    WHERE span = :span AND series = ANY(:series) AND at >= :begin AND at < :end
    GROUP BY series, date_bin(:width, at, :begin)
""")
NOW = text("SELECT clock_timestamp()")
DAY = text("""
    SELECT series, sum(value)::bigint AS n FROM pulses
    WHERE span = 'minute' AND series = ANY(:series)
      AND at >= (SELECT clock_timestamp()) - interval '24 hours'
    GROUP BY series
""")
