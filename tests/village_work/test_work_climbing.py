"""A request nobody takes moves up by itself: to the deputy, the team, the commune, the province."""

from __future__ import annotations

from tests.village import (
    COMMUNE_DUTY,
    DEPUTY,
    LEADER,
    MEMBER,
    NEIGHBOUR,
    PROVINCE_DUTY,
    TimedWorld,
)
from tests.village_work.words import ask, events, request

EVERYBODY = (LEADER, DEPUTY, MEMBER, COMMUNE_DUTY, PROVINCE_DUTY)


def told(world: TimedWorld) -> list[int]:
    """How many messages each of them has, from the leader up to the province."""
    return [len(world.phone(somebody).inbox()) for somebody in EVERYBODY]


def test_a_request_nobody_takes_climbs_step_by_step_to_the_province(timed: TimedWorld) -> None:
    number = ask(timed.phone(NEIGHBOUR))
    assert told(timed) == [1, 0, 0, 0, 0]
    assert timed.climb() == 0, "the leader has three hours"
    assert timed.let_pass(hours=2, minutes=59) == 0
    assert timed.let_pass(minutes=1) == 1
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
