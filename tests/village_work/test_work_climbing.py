"""A request nobody takes moves up by itself: to the deputy, the team, the commune, the province."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from service.text.local_time import VIETNAM
from tests.house.source import ROOT
from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    FAR_AWAY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    TimedWorld,
)
from tests.village_work.words import alarms, ask, events, request

EVERYBODY = (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY)


def away(world: TimedWorld, msisdn: str, *, days: int) -> None:
    """Let a member be away from now on."""
    world.do(
        """
        INSERT INTO absences (person_id, from_at, until_at)
        SELECT holder_id, clock_timestamp(), clock_timestamp() + make_interval(days => :days)
        FROM phones WHERE msisdn = :m
        """,
        m=msisdn,
        days=days,
    )


def told(world: TimedWorld) -> list[int]:
    """How many messages each of them has, from the leader up to the province."""
    return [len(world.phone(somebody).inbox()) for somebody in EVERYBODY]


def test_a_request_nobody_takes_climbs_step_by_step_to_the_province(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0, 0, 0]
    assert timed.climb() == 0, "the leader has three hours"
    assert timed.let_pass(hours=2, minutes=59) == 0
    assert timed.let_pass(minutes=1, seconds=10) == 1
    assert told(timed) == [1, 1, 0, 0, 0]
    assert "chua co nguoi lam" in timed.phone(DEPUTY).inbox()[-1]
    timed.let_pass(hours=2)
    assert told(timed) == [1, 1, 1, 0, 0]
    timed.let_pass(hours=3)
    assert told(timed) == [1, 1, 1, 1, 0]
    timed.let_pass(hours=4)
    assert told(timed) == [1, 1, 1, 1, 0], "it is 21:00: the time of the commune stands still"
    timed.let_pass(hours=9)
    assert told(timed) == [1, 1, 1, 1, 1]
    assert "To truc tinh da biet" in timed.phone(NEIGHBOUR).inbox()[-1]
    assert request(timed, number).state == "open"
    assert events(timed, number) == ["opened", *["told"] * 5]


def test_the_desk_is_told_every_day_until_somebody_takes_it(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    for hours in (3, 2, 3, 13):
        timed.let_pass(hours=hours)
    desk = timed.phone(PROVINCE_DUTY)
    assert len(desk.inbox()) == 1
    for days in (1, 2, 3):
        timed.let_pass(days=1)
        assert len(desk.inbox()) == 1 + days
    assert "van chua co nguoi lam" in desk.inbox()[-1]
    desk.text("NV 1")
    assert timed.let_pass(days=3) == 0
    assert "da nhan viec" in timed.phone(NEIGHBOUR).inbox()[-1]


def test_two_clocks_take_each_step_once(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.time.let_pass(timedelta(hours=3))
    with ThreadPoolExecutor(6) as clocks:
        taken = list(clocks.map(lambda _: timed.climb(), range(6)))
    assert sorted(taken) == [0, 0, 0, 0, 0, 1]
    assert told(timed) == [1, 1, 0, 0, 0]
    assert events(timed, number) == ["opened", "told", "told"]


def test_a_clock_set_back_an_hour_neither_repeats_nor_loses_a_step(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    assert timed.let_pass(hours=-1) == 0
    assert timed.let_pass(hours=1) == 0
    assert told(timed) == [1, 1, 0, 0, 0]
    timed.let_pass(hours=2)
    assert told(timed) == [1, 1, 1, 0, 0]


def test_it_stops_when_somebody_takes_it_and_those_who_heard_are_told(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.let_pass(hours=3)
    timed.phone(DEPUTY).text("NV 1")
    assert request(timed, number).state == "accepted"
    assert "da co Ly Thi Vi Du nhan" in timed.phone(LEADER).inbox()[-1]
    assert timed.let_pass(days=1) == 0
    assert timed.phone(MEMBER).inbox() == [], "who was never asked is not told either"


def test_it_stops_when_the_villager_cancels(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(NEIGHBOUR).text(f"HUY {number}")
    assert timed.let_pass(days=3) == 0
    assert timed.phone(DEPUTY).inbox() == []


def test_who_is_away_is_passed_over_and_the_deputy_takes_over(timed: TimedWorld) -> None:
    away(timed, LEADER, days=3)
    number = ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 1, 0, 0, 0]
    assert "Ly Thi Vi Du se goi" in timed.phone(NEIGHBOUR).inbox()[-1]
    timed.let_pass(hours=3)
    assert told(timed) == [0, 1, 1, 0, 0], "there is no second deputy: the team is next at once"
    assert events(timed, number) == ["opened", "told", "told"]


def test_with_everybody_away_the_commune_hears_at_once(timed: TimedWorld) -> None:
    for member in (LEADER, DEPUTY, MEMBER):
        away(timed, member, days=3)
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 0, 0, 1, 0]
    assert "To truc se goi" in timed.phone(NEIGHBOUR).inbox()[-1]


def test_a_team_without_any_phone_is_a_team_that_is_not_there(timed: TimedWorld) -> None:
    timed.do("UPDATE people SET phone_id = NULL WHERE id IN (SELECT person_id FROM memberships m "
             "JOIN teams t ON t.id = m.team_id WHERE t.level = 'hamlet')")  # fmt: skip
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 0, 0, 1, 0]


def test_a_hamlet_without_team_is_the_communes(timed: TimedWorld) -> None:
    timed.phone(FAR_AWAY).text("GIUP VNEID")
    assert told(timed) == [0, 0, 0, 1, 0]


def test_nobody_anywhere_is_an_alarm_and_is_tried_again(timed: TimedWorld) -> None:
    timed.do("UPDATE memberships SET until = clock_timestamp()")
    ask(timed.phone(NEIGHBOUR))
    assert "nobody_to_ask" in alarms(timed)
    assert "chua co nguoi truc" in timed.phone(NEIGHBOUR).inbox()[-1]
    timed.do("UPDATE memberships SET until = NULL WHERE role = 'deputy'")
    assert timed.let_pass(hours=1) == 1
    assert told(timed) == [0, 1, 0, 0, 0]
    assert "nobody_to_ask" not in alarms(timed)


def test_whose_number_was_silent_for_ninety_days_hears_nothing(timed: TimedWorld) -> None:
    timed.do("UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' "
             "WHERE msisdn = :m", m=LEADER)  # fmt: skip
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [0, 1, 0, 0, 0]


def test_the_neighbour_team_is_asked_beside_the_commune(timed: TimedWorld) -> None:
    timed.do("""
        WITH team AS (INSERT INTO teams (name, level) VALUES ('To Lung Mau', 'hamlet') RETURNING id),
             phone AS (INSERT INTO phones (msisdn) VALUES ('+84900000777') RETURNING id),
             head AS (INSERT INTO people (name, phone_id) SELECT 'Ma Thi Thu', id FROM phone
                      RETURNING id),
             joined AS (INSERT INTO memberships (team_id, person_id, role)
                        SELECT team.id, head.id, 'leader' FROM team, head)
        UPDATE teams SET neighbour_id = team.id FROM team WHERE teams.name LIKE '%Cốc Phia'
    """)
    ask(timed.phone(NEIGHBOUR))
    for hours in (3, 2, 3):
        timed.let_pass(hours=hours)
    assert len(timed.phone("+84900000777").inbox()) == 1
    assert told(timed) == [1, 1, 1, 1, 0]


def test_a_scam_climbs_faster_and_tells_two_at_once(timed: TimedWorld) -> None:
    ask(timed.phone(NEIGHBOUR), "LUA DAO")
    assert told(timed) == [1, 1, 0, 0, 0]
    timed.let_pass(minutes=30)
    assert told(timed) == [1, 1, 1, 0, 0]


def test_a_night_does_not_count_and_nobody_is_woken_by_a_step(timed: TimedWorld) -> None:
    timed.time.turn_to(datetime(2026, 12, 1, 20, 0, tzinfo=VIETNAM))
    ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0, 0, 0], "who is on duty hears at once"
    assert timed.let_pass(hours=9) == 0
    timed.time.turn_to(datetime(2026, 12, 2, 7, 59, tzinfo=VIETNAM))
    assert timed.climb() == 0
    assert timed.let_pass(minutes=1, seconds=10) == 1


def test_who_has_hours_of_their_own_hears_when_they_wake(timed: TimedWorld) -> None:
    timed.do("UPDATE people SET awake_from = 600, awake_until = 1200 WHERE name LIKE 'Hoàng%'")
    ask(timed.phone(NEIGHBOUR))
    due = timed.one("SELECT due_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at FROM messages_out "
                    "WHERE msisdn = :m", m=LEADER).at  # fmt: skip
    assert (due.hour, due.minute) == (10, 0)
    assert timed.let_pass(hours=3) == 0, "their three hours begin at ten"
    assert timed.let_pass(hours=1) == 1


def test_the_29th_of_february_is_a_day_like_others(timed: TimedWorld) -> None:
    timed.time.turn_to(datetime(2028, 2, 28, 20, 30, tzinfo=VIETNAM))
    ask(timed.phone(NEIGHBOUR))
    timed.time.turn_to(datetime(2028, 2, 29, 8, 29, tzinfo=VIETNAM))
    assert timed.climb() == 0
    assert timed.let_pass(minutes=1, seconds=10) == 1
    timed.let_pass(hours=2)
    timed.let_pass(hours=3)
    timed.let_pass(hours=4)
    assert told(timed)[:4] == [1, 1, 1, 1]
    assert timed.time.now().date() == date(2028, 2, 29)


def test_not_solved_with_the_helper_away_begins_anew_at_the_foot(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.phone(LEADER).text("NV 1")
    timed.phone(LEADER).text("XONG 1")
    away(timed, LEADER, days=2)
    timed.phone(NEIGHBOUR).text("2")
    assert request(timed, number).state == "open"
    assert len(timed.phone(DEPUTY).inbox()) == 1
    steps = timed.rows("SELECT lap, rung, times FROM climb_steps ORDER BY id")
    assert [tuple(step) for step in steps] == [(1, 0, 1), (2, 0, 1)]


def test_what_was_open_before_there_were_ladders_climbs_too(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    timed.do("DELETE FROM climbs")
    migration = ROOT / "migrations/versions/0010_climb_and_take_turns.py"
    insert = re.search(r"INSERT INTO climbs.*?'open'", migration.read_text(), re.DOTALL)[0]
    timed.do(insert)
    timed.let_pass(hours=3)
    assert told(timed)[3] == 1, "the whole team had been told; the commune is next"
    assert request(timed, number).state == "open"
