"""The commune hears before a place has nobody to ask, once for each gap, and never after."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.text.local_time import VIETNAM
from service.village.gap_warnings import NOBODY_AHEAD, watch_gaps
from service.village.gaps import Gap, gaps_ahead
from tests.gateway.live import Live
from tests.village import COMMUNE_DUTY, DEPUTY, LEADER, MEMBER, PROVINCE_DUTY, TimedWorld, World
from tests.village_work.test_work_duty import leave
from tests.village_work.test_work_erasure import erase
from tests.village_work.words import alarms

TEAM = (LEADER, DEPUTY, MEMBER)


def watch(world: World) -> int:
    return watch_gaps(world.runtime.units, world.runtime.words)


def warnings(world: World, msisdn: str = COMMUNE_DUTY) -> list[str]:
    return [body for body in world.phone(msisdn).inbox() if "khong co ai trong to" in body]


def gaps(world: World, days: int = 7) -> list[Gap]:
    with Session(world.engine) as session:
        return list(gaps_ahead(session, days))


def all_go(world: World, when: str) -> None:
    for somebody in TEAM:
        world.phone(somebody).text(f"NGHI {when}")


def test_the_last_who_goes_makes_the_commune_hear_of_it_in_the_same_moment(
    timed: TimedWorld,
) -> None:
    timed.phone(LEADER).text("NGHI 10/12 20/12")
    timed.phone(DEPUTY).text("NGHI 12/12 18/12")
    assert warnings(timed) == []
    timed.phone(MEMBER).text("NGHI 14/12 25/12")
    (warning,) = warnings(timed)
    assert warning.startswith("Tu 14/12 den het 18/12: xom Coc Phia, xom Pan Keng, +2 khong co ai")
    assert watch(timed) == 0


def test_each_gap_is_told_once_and_one_that_begins_earlier_is_another(timed: TimedWorld) -> None:
    all_go(timed, "14/12 18/12")
    timed.phone(MEMBER).text("NGHI 18/12 25/12")
    timed.phone(LEADER).text("NGHI 18/12 25/12")
    timed.phone(DEPUTY).text("NGHI 18/12 25/12")
    assert len(warnings(timed)) == 1, "it only ends later"
    all_go(timed, "10/12 14/12")
    assert len(warnings(timed)) == 2
    assert "Tu 10/12 den het 25/12" in warnings(timed)[-1]


def test_a_gap_that_shrinks_or_is_filled_is_told_to_nobody(timed: TimedWorld) -> None:
    all_go(timed, "14/12 18/12")
    inbox = len(timed.phone(COMMUNE_DUTY).inbox())
    timed.phone(DEPUTY).text("VE")
    assert gaps(timed, 30) == []
    assert watch(timed) == 0
    timed.phone(DEPUTY).text("NGHI 15/12 16/12")
    assert len(gaps(timed, 30)) == 4
    assert len(timed.phone(COMMUNE_DUTY).inbox()) == inbox


def test_the_gaps_ahead_can_be_read(timed: TimedWorld) -> None:
    all_go(timed, "4/12 5/12")
    found = gaps(timed, 7)
    assert len(found) == 4
    assert {gap.begins_at for gap in found} == {datetime(2026, 12, 4, tzinfo=VIETNAM)}
    assert {gap.ends_at for gap in found} == {datetime(2026, 12, 6, tzinfo=VIETNAM)}
    assert gaps(timed, 2) == []


def test_a_number_that_is_going_to_lapse_is_told_of_three_days_before(timed: TimedWorld) -> None:
    for somebody in TEAM:
        timed.phone(somebody).text("VIEC")
    for somebody in (DEPUTY, MEMBER):
        leave(timed, somebody)
    timed.let_pass(days=86)
    timed.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() WHERE msisdn = :m", m=COMMUNE_DUTY
    )
    assert watch(timed) == 0
    timed.let_pass(days=2)
    assert watch(timed) == 4
    assert watch(timed) == 0
    assert "chua ro den luc nao" in warnings(timed)[0]
    timed.time.let_pass(timedelta(hours=-1))
    assert watch(timed) == 0, "a clock set back tells nothing anew"


def test_two_clocks_tell_once(timed: TimedWorld) -> None:
    for somebody in TEAM:
        leave(timed, somebody)
    two = [threading.Thread(target=watch, args=(timed,)) for _ in range(2)]
    for clock in two:
        clock.start()
    for clock in two:
        clock.join()
    assert len(warnings(timed)) == 1
    timed.let_pass(hours=-1)
    assert watch(timed) == 0
    timed.let_pass(days=3)
    assert watch(timed) == 0, "it is the same gap still"


def test_who_is_filled_for_a_day_and_gone_again_is_told_of_anew(timed: TimedWorld) -> None:
    for somebody in TEAM:
        leave(timed, somebody)
    assert watch(timed) == 4
    timed.do("UPDATE memberships SET until = NULL WHERE team_id = 1")
    timed.let_pass(days=2)
    assert watch(timed) == 0
    for somebody in TEAM:
        leave(timed, somebody)
    timed.let_pass(hours=3)
    assert watch(timed) == 4
    assert len(warnings(timed)) == 2


def test_the_last_member_who_is_erased_makes_the_commune_hear_of_it(world: World) -> None:
    for somebody in (DEPUTY, MEMBER):
        leave(world, somebody)
    erase(world.phone(LEADER))
    (warning,) = warnings(world)
    assert "chua ro den luc nao" in warning
    assert watch(world) == 0


def test_a_last_number_given_to_somebody_else_is_told_of(timed: TimedWorld) -> None:
    for somebody in (DEPUTY, MEMBER):
        leave(timed, somebody)
    timed.do(
        "UPDATE phones SET last_heard_at = clock_timestamp() - interval '91 days' WHERE msisdn = :m",
        m=LEADER,
    )
    leader = timed.phone(LEADER)
    leader.dial()
    leader.key("2")
    assert len(warnings(timed)) == 1


def test_a_commune_with_nobody_is_told_to_the_province(timed: TimedWorld) -> None:
    timed.phone(COMMUNE_DUTY).text("NGHI 3")
    (warning,) = warnings(timed, PROVINCE_DUTY)
    assert "xa Hoa An" in warning
    all_go(timed, "2")
    assert len(warnings(timed, PROVINCE_DUTY)) == 2, "the commune is away, so the province hears"
    assert warnings(timed, COMMUNE_DUTY) == []


def test_a_province_with_nobody_is_an_alarm(timed: TimedWorld) -> None:
    timed.phone(PROVINCE_DUTY).text("NGHI 3")
    assert NOBODY_AHEAD in alarms(timed)
    assert watch(timed) == 0


def test_a_gap_in_the_night_is_told_before_it_begins(timed: TimedWorld) -> None:
    timed.time.turn_to(datetime(2026, 12, 1, 23, 0, tzinfo=VIETNAM))
    all_go(timed, "NGAY 2/12")
    due = timed.one(
        "SELECT due_at < '2026-12-02 00:00+07' AS in_time FROM messages_out "
        "WHERE msisdn = :m ORDER BY id DESC LIMIT 1",
        m=COMMUNE_DUTY,
    )
    assert due.in_time
    all_go(timed, "NGAY 9/12")
    due = timed.one(
        "SELECT due_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at FROM messages_out "
        "WHERE msisdn = :m ORDER BY id DESC LIMIT 1",
        m=COMMUNE_DUTY,
    )
    assert due.at == datetime(2026, 12, 2, 6, 0)  # noqa: DTZ001 - Vietnam's


def test_all_who_go_in_the_same_moment_are_seen_together(live: Live, world: World) -> None:
    at_once = [threading.Thread(target=world.phone(who).text, args=("NGHI 3",)) for who in TEAM]
    for one in at_once:
        one.start()
    for one in at_once:
        one.join()
    assert len(warnings(world)) == 1


def test_whoever_forges_one_member_s_days_away_buries_no_commune(timed: TimedWorld) -> None:
    timed.phone(DEPUTY).text("NGHI 60")
    timed.phone(MEMBER).text("NGHI 60")
    for day in range(2, 30, 2):
        timed.phone(LEADER).text(f"NGHI NGAY {day}/1")
    assert len(warnings(timed)) == 6
    timed.phone(LEADER).text("NGHI 2")
    assert "Tu 09:00 01/12" in warnings(timed)[-1], "what is near is told all the same"
    assert len(warnings(timed)) == 7
    assert NOBODY_AHEAD in alarms(timed), "an operator sees that not all could be told"


def test_a_gap_that_was_one_too_many_is_told_before_it_begins(timed: TimedWorld) -> None:
    timed.phone(DEPUTY).text("NGHI 60")
    timed.phone(MEMBER).text("NGHI 60")
    for day in range(2, 17, 2):
        timed.phone(LEADER).text(f"NGHI NGAY {day}/1")
    assert not any("16/1" in body for body in warnings(timed))
    timed.time.turn_to(datetime(2027, 1, 13, 9, 0))  # noqa: DTZ001
    assert watch(timed) == 8, "two days of four places"
    assert any("16/1" in body for body in warnings(timed))
    assert watch(timed) == 0
    assert NOBODY_AHEAD not in alarms(timed)
