"""Each thing that goes wrong moves the figure that is to tell of it, and no other lane's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.outbox.alarms import raise_alarm
from service.outbox.brakes import switch
from tests.ops.metrics_pages import TOKEN, Page, scrape
from tests.village import HAMLET, LEADER, NEIGHBOUR, VILLAGER, World

MESSAGE = """
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state, due_at,
                              valid_until, lease_until, changed_at, created_at, report_rank)
    SELECT :key || n, :class, :lane, 0, '+84900000007', 'x', 1, :state,
           clock_timestamp() - make_interval(secs => :due),
           clock_timestamp() + interval '1 hour',
           CASE WHEN :state IN ('leased', 'sending')
                THEN clock_timestamp() + make_interval(secs => :lease) END,
           clock_timestamp() - make_interval(secs => :age),
           clock_timestamp() - make_interval(secs => :age), :rank
    FROM generate_series(1, :times) AS n
"""
ATTEMPT = """
    INSERT INTO attempts (message_id, no, token, carrier, msisdn, outcome, started_at, finished_at)
    SELECT id, 1, gen_random_uuid(), 'africastalking', msisdn, :outcome,
           clock_timestamp() - make_interval(secs => :age),
           clock_timestamp() - make_interval(secs => :age - :took)
    FROM messages_out WHERE idem_key LIKE :key || '%'
"""


def put(world: World, key: str, *, times: int = 1, **more: object) -> None:
    usual = {"class": "reply", "lane": "reply", "state": "queued", "due": 0, "lease": 60, "age": 0,
             "rank": 0}  # fmt: skip
    world.do(MESSAGE, key=key, times=times, **{**usual, **more})


def attempt(world: World, key: str, outcome: str, *, age: float, took: float = 1) -> None:
    world.do(ATTEMPT, key=key, outcome=outcome, age=age, took=took)


@pytest.fixture
def shown(world: World) -> Iterator[World]:
    """The demo village, with a page that its token opens."""
    other = World(
        world.runtime.settings.database_url,
        metrics_token=TOKEN, cap_vnd_per_hour=1000, cap_vnd_per_day=5000,
    )  # fmt: skip
    yield other
    other.close()


def lane(page: Page, name: str, which: str = "reply") -> float:
    value = page.figure(f"lane_{name}", lane=which)
    assert value is not None
    return value


def test_a_lane_that_stands_still(shown: World) -> None:
    put(shown, "late", times=3, due=300)
    put(shown, "later", times=2, due=-3600)
    shown.do("UPDATE messages_out SET valid_until = clock_timestamp() - interval '1 second',"
             " due_at = clock_timestamp() - interval '1 day' WHERE idem_key = 'late3'"
             " AND state = 'queued'")  # fmt: skip
    page = scrape(shown)
    assert (lane(page, "waiting_messages"), lane(page, "later_messages")) == (3, 2)
    assert 300 <= lane(page, "oldest_due_seconds") < 400, "what is too old is not sent any more"
    assert (lane(page, "waiting_messages", "bulk"), lane(page, "oldest_due_seconds", "bulk")) == (
        0,
        0,
    )


def test_a_worker_that_died_with_messages_in_hand(shown: World) -> None:
    put(shown, "held", state="sending", times=2, lease=30)
    put(shown, "lost", state="leased", lease=-5)
    page = scrape(shown)
    assert lane(page, "in_flight_messages") == 3
    assert lane(page, "lost_lease_messages") == 1
    assert lane(page, "lost_lease_messages", "bulk") == 0


def test_messages_whose_end_nobody_knows(shown: World) -> None:
    put(shown, "who-knows", state="unknown", times=2, age=90_000)
    put(shown, "taken", state="accepted", age=10)
    page = scrape(shown)
    assert page.figure("undecided_messages", state="unknown") == 2
    assert page.figure("undecided_messages", state="accepted") == 1
    oldest = page.figure("undecided_oldest_seconds", state="unknown")
    assert oldest is not None
    assert 90_000 <= oldest < 91_000
    assert page.figure("recent_messages", **{"class": "reply", "state": "unknown"}) is None
    assert page.figure("recent_messages", **{"class": "reply", "state": "accepted"}) == 1


def test_a_carrier_that_refuses_and_dawdles(shown: World) -> None:
    for key, outcome, took in (("a", "accepted", 2), ("b", "not_taken", 9), ("c", "unknown", 3)):
        put(shown, key, due=60)
        attempt(shown, key, outcome, age=30, took=took)
    put(shown, "old")
    attempt(shown, "old", "not_taken", age=3600)
    page = scrape(shown)
    for outcome in ("accepted", "not_taken", "unknown"):
        assert page.figure("recent_attempts", carrier="africastalking", outcome=outcome) == 1
    slow = page.figure("carrier_call_p95_seconds", carrier="africastalking")
    assert slow == pytest.approx(9, abs=0.1)
    assert page.figure("due_to_accepted_p95_seconds", lane="reply") == pytest.approx(32, abs=1)


def test_reports_that_stay_away(shown: World) -> None:
    put(shown, "silent", times=4, state="accepted", age=600)
    attempt(shown, "silent", "accepted", age=600)
    shown.do("""
        UPDATE messages_out SET state = 'delivered', report_rank = 3
        WHERE idem_key = 'silent1' AND state = 'accepted'
    """)
    put(shown, "fresh", state="accepted", age=60)
    attempt(shown, "fresh", "accepted", age=60)
    shown.do("""
        INSERT INTO receipts (carrier, carrier_message_id, fingerprint, status, rank, received_at)
        VALUES ('africastalking', 'nobody-s', 'f', 'Success', 3,
                clock_timestamp() - interval '20 minutes')
    """)
    page = scrape(shown)
    assert page.figure("recent_accepted_messages") == 4
    assert page.figure("recent_reported_messages") == 1
    assert page.figure("recent_delivered_messages") == 1
    assert page.figure("last_report_age_seconds") == pytest.approx(1200, abs=60)
    assert page.figure("stray_reports") == 1


def test_sending_turned_off_and_a_carrier_paused(shown: World) -> None:
    assert scrape(shown).figure("sending_on") == 1
    with shown.engine.begin() as connection:
        switch(connection, on=False, by="Thu", reason="thử")
    shown.do("""
        INSERT INTO carrier_pauses (carrier, code, since, until)
        VALUES ('africastalking', 'no_balance', clock_timestamp() - interval '9 minutes',
                clock_timestamp() + interval '1 minute')
    """)
    page = scrape(shown)
    assert page.figure("sending_on") == 0
    assert page.figure("carrier_paused", carrier="africastalking", code="no_balance") == 1
    assert page.figure("carrier_paused_seconds") == pytest.approx(540, abs=60)
    shown.do("UPDATE carrier_pauses SET until = clock_timestamp()")
    assert scrape(shown).figure("carrier_paused") is None


def test_money_that_runs_out_by_the_caps(shown: World) -> None:
    shown.do("""
        INSERT INTO spend (period, starts_at, messages, segments, vnd) VALUES
        ('day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh'), 3, 4, 1600),
        ('day', date_trunc('day', clock_timestamp() - interval '1 day', 'Asia/Ho_Chi_Minh'), 1, 1, 400),
        ('capped_day', date_trunc('day', clock_timestamp(), 'Asia/Ho_Chi_Minh'), 2, 2, 800),
        ('capped_hour', date_trunc('hour', clock_timestamp()), 2, 2, 700)
    """)
    page = scrape(shown)
    assert page.figure("spend_today_vnd") == 1600
    assert page.figure("spend_vnd_total") == 2000
    assert page.figure("sent_messages_total") == 4
    assert page.figure("sent_segments_total") == 5
    assert page.figure("spend_capped_vnd", period="hour") == 700
    assert page.figure("spend_capped_vnd", period="day") == 800
    assert page.figure("spend_cap_vnd", period="hour") == 1000
    assert page.figure("spend_cap_vnd", period="day") == 5000


def test_a_worker_and_a_clock_that_are_silent(shown: World) -> None:
    shown.do("""
        INSERT INTO beats (name, kind, lane, pid, beat_at) VALUES
        ('a@thu-host:1', 'worker', 'reply', 1, clock_timestamp()),
        ('b@thu-host:2', 'worker', 'reply', 2, clock_timestamp() - interval '5 minutes'),
        ('c@thu-host:3', 'worker', 'bulk', 3, clock_timestamp() - interval '5 minutes'),
        ('d@thu-host:4', 'clock', NULL, 4, clock_timestamp() - interval '50 seconds')
    """)
    page = scrape(shown)
    alive = {which: page.figure("processes_alive", kind="worker", lane=which)
             for which in ("emergency", "reply", "bulk")}  # fmt: skip
    assert alive == {"emergency": 0, "reply": 1, "bulk": 0}
    assert page.figure("processes_alive", kind="clock") == 0
    assert page.figure("process_beat_age_seconds", lane="bulk") == pytest.approx(300, abs=60)
    assert page.figure("process_beat_age_seconds", lane="emergency") is None
    assert "thu-host" not in page.text


def test_work_that_is_not_done(shown: World) -> None:
    shown.do("TRUNCATE periodic_work")
    shown.do("""
        INSERT INTO periodic_work (name, every_seconds, next_at, last_error) VALUES
        ('climb', 10, clock_timestamp() - interval '2 minutes', NULL),
        ('forget', 3600, clock_timestamp() + interval '1 minute', 'OperationalError'),
        ('dropped_last_year', 60, clock_timestamp() - interval '1 year', NULL)
    """)
    page = scrape(shown)
    shown.do("TRUNCATE periodic_work")
    assert page.figure("timetable_overdue_seconds", work="climb") == pytest.approx(120, abs=60)
    assert page.figure("timetable_period_seconds", work="climb") == 10
    assert page.figure("timetable_overdue_seconds", work="forget") == 0
    assert page.figure("timetable_failing", work="forget") == 1
    assert page.figure("timetable_overdue_seconds", work="dropped_last_year") is None


def test_an_alarm_counts_until_it_is_closed(shown: World) -> None:
    with shown.engine.begin() as connection:
        for about in ("area 1", "area 2", "area 2"):
            raise_alarm(connection, "nobody_to_ask", about)
    assert scrape(shown).figure("alarms_open", alarm="nobody_to_ask") == 2
    shown.do("UPDATE alarms SET closed_at = clock_timestamp()")
    assert scrape(shown).figure("alarms_open", alarm="nobody_to_ask") is None


def test_knocks_at_the_doors(shown: World) -> None:
    shown.do("""
        INSERT INTO counters (name, minute, n) VALUES
        ('wrong_secret', date_trunc('minute', clock_timestamp()), 7),
        ('wrong_secret', date_trunc('minute', clock_timestamp() - interval '2 days'), 100)
    """)
    page = scrape(shown)
    assert page.figure("gateway_events_total", event="wrong_secret") == 7
    assert page.figure("gateway_events_total", event="malformed") == 0


def test_a_request_climbs_while_nobody_takes_it(shown: World) -> None:
    for phone in (VILLAGER, NEIGHBOUR):
        shown.phone(phone).dial()
    shown.phone(NEIGHBOUR).text(f"HOTRO 1 {HAMLET}")
    page = scrape(shown)
    assert page.figure("requests", state="open") == 1
    assert page.figure("open_requests", step="duty") == 1
    assert page.figure("requests_filed_total") == 1
    assert page.figure("recent_ussd_sessions") == 2
    assert page.figure("recent_texts") == 1
    shown.do("UPDATE climbs SET began_at = began_at - interval '3 hours'")
    shown.move_up(3)
    page = scrape(shown)
    assert page.figure("open_requests", step="duty") == 0
    told = {of["step"]: value for name, of, value in page.lines()
            if name == "caunoi_open_request_oldest_seconds" and value}  # fmt: skip
    assert len(told) == 1
    assert next(iter(told.values())) == pytest.approx(10_800, abs=60)
    (number,) = shown.rows("SELECT t.number FROM task_numbers t JOIN phones p ON p.id = t.phone_id"
                           " WHERE p.msisdn = :leader", leader=LEADER)  # fmt: skip
    shown.phone(LEADER).text(f"NV {number.number}")
    page = scrape(shown)
    assert page.figure("requests", state="open") == 0
    assert page.figure("requests", state="accepted") == 1


def test_the_seats_of_the_coming_week(shown: World) -> None:
    empty = scrape(shown)
    assert (empty.figure("coming_classes"), empty.figure("coming_class_seats")) == (0, 0)
    shown.do("""
        INSERT INTO courses (code, title, topic) VALUES ('thu-1', 'Lớp thử', 'vneid');
        INSERT INTO trainings (number, course_id, area_id, place, starts_at, ends_at, seats, state)
        SELECT 40 + n, c.id, a.id, 'nhà văn hóa', clock_timestamp() + n * interval '3 days',
               clock_timestamp() + n * interval '3 days' + interval '1 hour', 10 * n, 'open'
        FROM courses c, areas a, generate_series(1, 3) AS n WHERE a.code = '00018';
        INSERT INTO enrolments (training_id, phone_id, state)
        SELECT t.id, p.id, CASE p.msisdn WHEN '+84900000002' THEN 'waiting'
                                         WHEN '+84900000003' THEN 'left' ELSE 'seated' END
        FROM trainings t, phones p WHERE t.number = 41
    """)
    phones = shown.one("SELECT count(*) AS n FROM phones").n
    page = scrape(shown)
    assert page.figure("coming_classes") == 2, "the third is in nine days"
    assert page.figure("coming_class_seats") == 30
    assert page.figure("coming_class_seats_taken") == phones - 2
    assert page.figure("coming_class_waiting") == 1
