"""A year of the service as SQL: every row is made from its number alone, so parts fit together.

Message n of M was written (M - n) / M of the span, a year, ago, about request 1 + (n - 1) * R / M,
to person 1 + n * 7919 % P. What became of it hangs on `fate`, a number from 0 to 999 made from n;
so attempts and reports are made beside the messages, not from them.
"""

from __future__ import annotations

BODY = "Yeu cau so 1234 cua ba con da den to so thon. To truong se goi lai trong ngay. Cam on!"
# Numbers, times and fates that the messages, attempts and reports of one part are made from.
FROM_MESSAGES = """
    FROM (SELECT n, n * 40503 % 1000 AS fate, n * 7 % 100 AS kind, n * 7919 % :people AS p,
                 now() - (:messages - n) * (CAST(:span AS interval) / :messages) AS made
          FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS m
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n > :messages - 40 THEN 'accepted'
                    WHEN fate < 2 THEN 'cancelled' WHEN fate < 6 THEN 'expired'
                    WHEN fate < 14 THEN 'failed' WHEN fate < 20 THEN 'rejected'
                    WHEN fate < 50 THEN 'undelivered'
                    WHEN fate < 58 THEN CASE WHEN made < now() - interval '3 days'
                                        THEN 'no_report' ELSE 'accepted' END
                    WHEN fate < 60 THEN CASE WHEN made < now() - interval '3 days'
                                        THEN 'unknown_closed' ELSE 'unknown' END
                    WHEN fate = 60 AND made > now() - interval '2 days' THEN 'held'
                    ELSE 'delivered' END AS state,
               CASE WHEN kind < 55 THEN 'reply' WHEN kind < 80 THEN 'alert'
                    WHEN kind < 95 THEN 'notice' WHEN kind < 96 THEN 'emergency'
                    ELSE 'promo' END AS class) AS s
"""
MESSAGES = (
    """INSERT INTO messages_out (id, idem_key, class, lane, priority, msisdn, recipient_digest,
           phone_id, request_id, body, segments, state, due_at, valid_until, attempts, report_rank,
           code, created_at, changed_at)
       SELECT n, 'm:' || n, class,
              CASE WHEN class IN ('notice', 'promo') THEN 'bulk'
                   WHEN class = 'emergency' THEN 'emergency' ELSE 'reply' END,
              0, '+84' || (900000000 + p), CASE WHEN class IN ('notice', 'promo') THEN 'd' || p END,
              1 + p, CASE WHEN class IN ('reply', 'alert')
                          THEN 1 + (n - 1) * :requests / :messages END,
              CASE WHEN made > now() - interval '90 days' THEN :body END, 1, state, made,
              made + interval '1 day',
              CASE WHEN state IN ('held', 'cancelled', 'expired') THEN 0 ELSE 1 END,
              CASE state WHEN 'delivered' THEN 4 WHEN 'undelivered' THEN 3
                   WHEN 'no_report' THEN 2 ELSE 0 END,
              CASE WHEN state = 'failed' THEN (ARRAY['no_route', 'carrier_busy'])[1 + n % 2]
                   WHEN state = 'rejected'
                   THEN (ARRAY['bad_number', 'opted_out', 'refused'])[1 + n % 3]
                   WHEN state LIKE 'unknown%' THEN 'outcome_unknown'
                   WHEN state = 'expired' THEN 'too_late' END,
              made, made + interval '20 seconds'"""
    + FROM_MESSAGES
)
ATTEMPTS = (
    """INSERT INTO attempts (id, message_id, no, token, carrier, carrier_message_id, msisdn,
           outcome, code, cost, started_at, finished_at)
       SELECT n, n, 1, gen_random_uuid(), 'africastalking',
              CASE WHEN state NOT IN ('failed', 'rejected', 'unknown', 'unknown_closed')
                   THEN 'ATXid_' || md5('m' || n) END,
              '+84' || (900000000 + p),
              CASE state WHEN 'failed' THEN 'not_taken' WHEN 'rejected' THEN 'refused'
                   WHEN 'unknown' THEN 'unknown' WHEN 'unknown_closed' THEN 'unknown'
                   ELSE 'accepted' END,
              CASE WHEN state = 'failed' THEN (ARRAY['no_route', 'carrier_busy'])[1 + n % 2]
                   WHEN state = 'rejected'
                   THEN (ARRAY['bad_number', 'opted_out', 'refused'])[1 + n % 3]
                   WHEN state LIKE 'unknown%' THEN 'outcome_unknown' END,
              'VND 400.0000', made, made + interval '1 second'"""
    + FROM_MESSAGES
    + "WHERE state NOT IN ('held', 'cancelled', 'expired')"
)
RECEIPTS = (
    """INSERT INTO receipts (id, carrier, carrier_message_id, fingerprint, msisdn, status, rank,
           reason, network, received_at, attempt_id)
       SELECT n, 'africastalking', 'ATXid_' || md5('m' || n), substr(md5('r' || n), 1, 24),
              '+84' || (900000000 + p),
              CASE state WHEN 'delivered' THEN 'Success' ELSE 'Failed' END,
              CASE state WHEN 'delivered' THEN 4 ELSE 3 END,
              CASE WHEN state = 'undelivered' THEN (ARRAY['UserDoesNotExist', 'DeliveryFailure',
                                                           'UserNotReachable'])[1 + n % 3] END,
              (ARRAY['45201', '45202', '45204'])[1 + n % 3], made + interval '20 seconds', n"""
    + FROM_MESSAGES
    + "WHERE state IN ('delivered', 'undelivered')"
)
# Before the rest: requests name them.
PLACES = (
    """INSERT INTO households (id, hamlet_id, label)
       SELECT p.id, p.area_id, 'Nhà ' || p.id FROM people p WHERE p.id <= :people""",
    "UPDATE people SET household_id = id WHERE id <= :people",
    """INSERT INTO consents (phone_id, kind, given, wording, channel)
       SELECT id, 'news', id % 9 > 0, 'bench', 'ussd' FROM phones""",
)
REQUESTS = (
    # The newest are live.
    """INSERT INTO help_requests (id, number, state, topic, area_id, phone_id, words, language,
           channel, team_id, accepted_by, idem_key, created_at, opened_at, accepted_at, done_at,
           closed_at)
       SELECT n, CASE WHEN alive > 0 THEN 10000 + alive ELSE 1000 + n % 9000 END, state,
              (ARRAY['vneid', 'vssid', 'dvc', 'banhang', 'dienthoai', 'luadao'])[1 + n % 6],
              p.area_id, p.phone_id, CASE WHEN n % 3 = 0 THEN 'nho giup voi' END, 'vi',
              (ARRAY['ussd', 'sms'])[1 + n % 2], t.team_id,
              CASE WHEN state NOT IN ('open', 'cancelled') THEN t.person_id END, 'r:' || n, made,
              made, CASE WHEN state <> 'open' THEN made + interval '3 hours' END,
              CASE WHEN state IN ('done', 'closed') THEN made + interval '1 day' END,
              CASE WHEN state IN ('closed', 'cancelled') THEN least(made + interval '2 days', now())
              END
       FROM generate_series(1, :requests) AS n
       CROSS JOIN LATERAL (
           SELECT greatest(n - :requests + :live, 0) AS alive,
                  now() - (:requests - n) * (interval '365 days' / :requests) AS made) AS a
       CROSS JOIN LATERAL (
           SELECT CASE WHEN alive > 0 THEN (ARRAY['open', 'accepted', 'done'])[1 + n % 3]
                       WHEN n % 12 = 0 THEN 'cancelled' ELSE 'closed' END AS state) AS s
       JOIN people p ON p.id = 1 + n * 613 % :people
       LEFT JOIN LATERAL (
           SELECT ta.team_id, m.person_id FROM team_areas ta
           JOIN memberships m ON m.team_id = ta.team_id AND m.role = 'leader'
           WHERE ta.area_id = p.area_id LIMIT 1) AS t ON true""",
    """INSERT INTO request_events (request_id, event, person_id, at)
       SELECT r.id, e.event, r.accepted_by, r.opened_at + e.after FROM help_requests r,
              (VALUES ('opened', interval '0'), ('told', interval '1 s'),
                      ('accepted', interval '3 hours'), ('done', interval '1 day'),
                      ('solved', interval '2 days')) AS e (event, after)
       WHERE r.state = 'closed' OR e.event IN ('opened', 'told')
             OR (e.event = 'accepted' AND r.state IN ('accepted', 'done'))
             OR (e.event = 'done' AND r.state = 'done')
       ORDER BY r.id, e.after""",
    """INSERT INTO climbs (request_id, ladder, rung, times, party, began_at, due_at)
       SELECT id, 'ordinary', id % 5, 1,
              (ARRAY['duty', 'deputy', 'team', 'commune', 'province'])[1 + id % 5], opened_at,
              CASE WHEN state = 'open' THEN clock_timestamp() + interval '3 hours' END
       FROM help_requests""",
    """INSERT INTO climb_steps (request_id, lap, rung, times, party, people, due_at, at)
       SELECT r.id, 1, s.rung, 1, s.party, 1, r.opened_at, r.opened_at
       FROM help_requests r, (VALUES (0, 'duty'), (1, 'deputy'), (3, 'commune')) AS s (rung, party)
       WHERE s.rung = 0 OR r.id % 4 = 0""",
    """INSERT INTO questions (phone_id, request_id, asked_at, expires_at, answer, closed_at)
       SELECT phone_id, id, done_at, closed_at, CASE WHEN id % 3 > 0 THEN '1' END, closed_at
       FROM help_requests WHERE state = 'closed'""",
    """INSERT INTO task_numbers (phone_id, request_id, number, given_at, freed_at)
       SELECT p.phone_id, r.id, 1 + r.id % 90, r.opened_at,
              coalesce(r.closed_at, CASE WHEN r.id % 2 = 0 THEN clock_timestamp() END)
       FROM help_requests r JOIN memberships m ON m.team_id = r.team_id AND m.role = 'leader'
       JOIN people p ON p.id = m.person_id WHERE r.closed_at IS NOT NULL""",
    """INSERT INTO messages_in (carrier, dedupe_key, sender, phone_id, recipient, body, intent,
           received_at)
       SELECT 'africastalking', 'in:' || n, '+84' || (900000000 + n * 31 % :people),
              1 + n * 31 % :people, '8499', CASE WHEN n % 4 = 0 THEN 'TRO GIUP vneid' END, 'help',
              now() - (:requests - n) * (interval '365 days' / :requests)
       FROM generate_series(1, :requests) AS n""",
)
CLASSES = (
    """INSERT INTO courses (id, code, title, topic)
       SELECT n, 'khoa-' || n, 'Khóa ' || n, 'vneid' FROM generate_series(1, 12) AS n""",
    # The first 300 are still to come, the others were held.
    """INSERT INTO trainings (id, number, course_id, area_id, place, starts_at, ends_at, seats,
           state, teacher_name, retired_at, called_at)
       SELECT n, 10 + n % 9000, 1 + n % 12, h.id, 'nhà văn hóa', at, at + interval '2 hours', 25,
              CASE WHEN n % 20 = 0 THEN 'cancelled' ELSE 'open' END, 'Cô Thử',
              CASE WHEN n > 300 THEN at + interval '60 days' END, CASE WHEN n > 300 THEN at END
       FROM generate_series(1, CAST(:trainings AS int)) AS n
       CROSS JOIN LATERAL (SELECT now() + (CASE WHEN n <= 300 THEN n * interval '40 minutes'
                                           ELSE n * interval '-80 minutes' END) AS at) AS t
       JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM areas
             WHERE kind = 'hamlet') AS h ON h.place = n % (SELECT count(*) FROM areas
                                                            WHERE kind = 'hamlet')""",
    """INSERT INTO enrolments (training_id, phone_id, person_id, who, state, attended, created_at)
       SELECT t.id, 1 + (t.id * 25 + s) % :people, 1 + (t.id * 25 + s) % :people, '',
              CASE WHEN s < t.id % 26 THEN 'seated' ELSE 'left' END,
              CASE WHEN t.called_at IS NOT NULL THEN s % 4 > 0 END, t.starts_at - interval '3 days'
       FROM trainings t, generate_series(0, 24) AS s""",
    """INSERT INTO enrolment_events (enrolment_id, training_id, event, at)
       SELECT id, training_id, 'seated', created_at FROM enrolments""",
)
RUNNING = (
    """INSERT INTO audit (at, actor, action, about, detail)
       SELECT now() - (:audit - n) * (interval '700 days' / :audit),
              (ARRAY['console nong.an', 'console ma.binh', 'operator Thử', 'worker'])[1 + n % 4],
              (ARRAY['signed_in', 'number_revealed', 'messages_resent', 'carrier_paused',
                     'team_changed'])[1 + n % 5],
              'message ' || n, jsonb_build_object('n', n::text)
       FROM generate_series(1, :audit) AS n""",
    # A week of calls: a quarter hangs up on the way.
    """INSERT INTO ussd_sessions (carrier, session_id, msisdn, hop, seen_length, seen_digest, state,
           reply, open, ended, started_at, updated_at)
       SELECT 'africastalking', 'ATUid_' || md5('c' || n), '+84' || (900000000 + n * 17 % :people),
              1 + n % 7, 9, md5('s' || n),
              jsonb_build_object('l', 'vi', 's', (ARRAY['welcome', 'root', 'topic', 'hamlet',
                                                        'confirm', 'words', 'whom'])[1 + n % 7]),
              CASE WHEN n % 4 = 0 THEN 'CON Chon viec' ELSE 'END Cam on' END,
              n % 4 = 0 AND n > :calls - 50,
              CASE WHEN n % 4 = 0 THEN 'Incomplete' ELSE 'Success' END,
              at, at + interval '40 s'
       FROM generate_series(1, :calls) AS n
       CROSS JOIN LATERAL (SELECT now() - (:calls - n) * (interval '7 days' / :calls)
                                  AS at) AS a""",
    """INSERT INTO counters (name, minute, n)
       SELECT name, date_trunc('minute', now()) - n * interval '1 minute', 1 + n % 5
       FROM generate_series(0, 43200) AS n, unnest(CAST(:counters AS text[])) AS name""",
    """INSERT INTO spend (period, starts_at, messages, segments, vnd)
       SELECT p, CASE WHEN p LIKE '%hour' THEN date_trunc('hour', now()) - n * interval '1 hour'
                      ELSE date_trunc('day', now(), 'Asia/Ho_Chi_Minh') - n * interval '1 day' END,
              500, 500, 200000
       FROM generate_series(0, 2000) AS n,
            unnest(ARRAY['hour', 'day', 'capped_hour', 'capped_day']) AS p""",
    """INSERT INTO pulses (span, series, at, value)
       SELECT 'minute', s, date_trunc('minute', now()) - n * interval '1 minute', n * 37 % 100
       FROM generate_series(0, 2880) AS n, unnest(CAST(:series AS text[])) AS s""",
    """INSERT INTO pulses (span, series, at, value)
       SELECT 'hour', s, date_trunc('hour', now()) - n * interval '1 hour', n * 37 % 100
       FROM generate_series(0, 24 * 92) AS n, unnest(CAST(:series AS text[])) AS s""",
    """INSERT INTO alarms (name, about, detail, times, opened_at, last_at, closed_at)
       SELECT (ARRAY['carrier_paused', 'work_failed', 'console_guessing'])[1 + n % 3],
              'about ' || n, NULL, 1 + n % 5, at, at,
              CASE WHEN n > 3 THEN at + interval '1 hour' END
       FROM generate_series(1, 3000) AS n
       CROSS JOIN LATERAL (SELECT now() - n * interval '3 hours' AS at) AS a""",
    """INSERT INTO beats (name, kind, lane, pid)
       VALUES ('clock', 'clock', NULL, 1), ('e', 'worker', 'emergency', 2),
              ('r', 'worker', 'reply', 3), ('b', 'worker', 'bulk', 4)""",
    """INSERT INTO periodic_work (name, every_seconds, next_at)
       SELECT 'work ' || n, 10, now() + interval '1 hour' FROM generate_series(1, 12) AS n""",
)
DUE = (
    """UPDATE messages_out SET state = 'queued', class = 'notice', lane = 'bulk', due_at = now(),
           recipient_digest = 'd' || phone_id, valid_until = now() + interval '3 days',
           attempts = 0, report_rank = 0, code = NULL
       WHERE id > :messages - :due AND state IN ('delivered', 'undelivered', 'accepted')""",
)
"""A notice to the whole province: the newest messages wait, all due now."""
BEAT = "UPDATE beats SET beat_at = clock_timestamp()"
